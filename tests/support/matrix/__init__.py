"""A real Matrix homeserver for tests, and people with real clients on it."""
