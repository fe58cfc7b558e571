"""What commands cost: in the core, and behind each chat."""
