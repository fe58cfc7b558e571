"""A real Bluesky server (DID directory and personal data server) for the tests."""
