"""What keeps an installation alive: copies of it, putting one back, and looking it over."""
