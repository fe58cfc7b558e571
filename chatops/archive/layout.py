"""X's own layout of archive files, for writing archives that no reader can tell from X's."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_EMPTY_LIST = re.compile(r'^( *(?:"[^"]*" : )?)\[\](,?)$', re.MULTILINE)
_EMPTY_OBJECT = re.compile(r'^( *(?:"[^"]*" : )?)\{\}(,?)$', re.MULTILINE)


def data_file(global_name: str, elements: Sequence[object]) -> str:
    """Return a file of `data`, such as `YTD.tweets.part0`, as X writes it."""
    return f"window.{global_name} = {_printed(elements)}"


def manifest_file(content: object) -> str:
    """Return `manifest.js` as X writes it."""
    return f"window.__THAR_CONFIG = {_printed(content)}"


def _printed(content: object) -> str:
    if not content:
        return "[ ]"
    text = json.dumps(content, indent=2, separators=(",", " : "), ensure_ascii=False)
    text = _EMPTY_LIST.sub(r"\1[ ]\2", text)
    text = _EMPTY_OBJECT.sub(r"\1{ }\2", text)
    # A slash in JSON stands in strings only; X escapes it where it could end a script.
    return text.replace("</", "<\\/")
