"""Network-neutral posts, fitting and splitting them, and the port to social networks."""
