"""What is said in chat: events, commands, replies, and the port to chat platforms."""
