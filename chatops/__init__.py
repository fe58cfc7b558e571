"""The core: what the bot knows and does, whatever the chat platform and the social network."""
