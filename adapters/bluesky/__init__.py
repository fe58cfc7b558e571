"""Bluesky: publishing on any server of the AT Protocol."""
