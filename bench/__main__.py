"""Runs every benchmark and prints its table: `make bench`, or `python -m bench NAME ...`."""

from __future__ import annotations

import importlib
import sys

NAMES = ("archive", "fitting", "migrating", "console", "chat")


def main() -> None:
    """Run the named benchmarks, all of them without a name."""
    for name in sys.argv[1:] or NAMES:
        print(f"\n## {name}\n", flush=True)
        print(importlib.import_module(f"bench.{name}").run(), flush=True)


if __name__ == "__main__":
    main()
