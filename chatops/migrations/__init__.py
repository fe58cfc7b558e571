"""Migrations: what will move, how it moves, what became of each item, and how it is undone."""
