"""Matrix as a place where people talk to the bot; loaded only where it is configured."""
