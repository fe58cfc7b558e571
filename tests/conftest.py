"""What every test can ask for."""

pytest_plugins = [
    "tests.support.fixtures",
    "tests.support.stores",
    "tests.support.engines",
    "tests.support.matrix.fixtures",
]
