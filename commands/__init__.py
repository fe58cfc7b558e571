"""One file per verb: what can be said to the bot."""
