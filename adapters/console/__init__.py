"""The chat in the terminal: for people, and on a pipe for scripts."""
