"""Everything that touches the outside: chat platforms, social networks, pages."""
