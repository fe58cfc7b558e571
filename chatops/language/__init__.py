"""What is said to people: texts, their languages, and errors that can be told."""

from chatops.language.catalogue import ENGLISH, LANGUAGES, Language, Piece, Speaker
from chatops.language.errors import Conflict, Forbidden, Invalid, Missing, Trouble, Unavailable
from chatops.language.text import (
    Bytes,
    Code,
    Day,
    Link,
    Moment,
    Series,
    Span,
    Strong,
    Text,
    Value,
    _,
    n_,
    verbatim,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Bytes",
    "Code",
    "Conflict",
    "Day",
    "Forbidden",
    "Invalid",
    "Language",
    "Link",
    "Missing",
    "Moment",
    "Piece",
    "Series",
    "Span",
    "Speaker",
    "Strong",
    "Text",
    "Trouble",
    "Unavailable",
    "Value",
    "_",
    "n_",
    "verbatim",
]
