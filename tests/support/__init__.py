"""What the tests need around the program: servers, stores, generators."""
