"""Pages, and what machines ask over HTTP."""
