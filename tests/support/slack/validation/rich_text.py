"""Rich text: what a person writes, and what an app writes when nothing may be taken for a mark."""

from __future__ import annotations

from tests.support.slack.validation.rules import (
    flag,
    items,
    number,
    one_of,
    shape,
    string,
    typed,
    url,
)

_STYLE = {"style": shape({}, dict.fromkeys(("bold", "italic", "strike", "code"), flag))}
_ID = string(255)
_PARTS = typed(
    {
        "text": shape({"text": string(40_000)}, _STYLE),
        "link": shape({"url": url()}, {"text": string(3000), "unsafe": flag, **_STYLE}),
        "emoji": shape(
            {"name": string(255)}, {"unicode": _ID, "skin_tone": number(2, 6), **_STYLE}
        ),
        "user": shape({"user_id": _ID}, _STYLE),
        "channel": shape({"channel_id": _ID}, _STYLE),
        "usergroup": shape({"usergroup_id": _ID}, _STYLE),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _STYLE),
        "date": shape(
            {"timestamp": number(0, 9_999_999_999), "format": string(255)},
            {"url": url(), "fallback": string(255), **_STYLE},
        ),
    }
)
_ELEMENTS = {"elements": items(_PARTS, most=10_000, least=0)}
_BORDER = {"border": number(0, 1)}
_SECTION = shape(_ELEMENTS)
_LIST = shape(
    {
        "style": one_of("bullet", "ordered"),
        "elements": items(typed({"rich_text_section": _SECTION}), most=10_000),
    },
    {"indent": number(0, 8), "offset": number(0, 100_000), **_BORDER},
)

RICH_TEXT = items(
    typed(
        {
            "rich_text_section": _SECTION,
            "rich_text_preformatted": shape(_ELEMENTS, {**_BORDER, "language": string(255)}),
            "rich_text_quote": shape(_ELEMENTS, _BORDER),
            "rich_text_list": _LIST,
        }
    ),
    most=10_000,
)
"""The elements of a rich text block."""
