"""Checks that generated pages are fresh.

python -m tests.support.generated             fail if a page is stale
python -m tests.support.generated --update    write the pages anew
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from adapters.console import json_form
from chatops.bootstrap import registry
from chatops.conversation import reference
from tests.support import platforms_page

_ROOT = Path(__file__).parents[2]


def pages() -> Mapping[Path, str]:
    """Return what every generated page should hold."""
    docs = _ROOT / "docs"
    return {
        docs / "commands.md": reference.page(registry()),
        docs / "platforms.md": platforms_page.page(),
        _ROOT / json_form.SCHEMA_FILE: json_form.schema(),
    }


def main() -> int:
    """Check the pages, or write them."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.generated")
    parser.add_argument("--update", action="store_true", help="write the pages anew")
    update: bool = parser.parse_args().update
    stale = [
        path
        for path, content in pages().items()
        if not path.exists() or path.read_text("utf-8") != content
    ]
    for path in stale:
        if update:
            path.write_text(pages()[path], "utf-8")
        else:
            name = path.relative_to(_ROOT)
            sys.stderr.write(f"{name} is stale: python -m tests.support.generated --update\n")
    return 1 if stale and not update else 0


if __name__ == "__main__":
    sys.exit(main())
