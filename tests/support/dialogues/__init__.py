"""Conversations written once, and played on every platform."""
