"""Organisations, people, roles, places, accounts, and the vault."""
