"""What a network's record can hold, as data that fitting works on."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class PostLimits(Struct, frozen=True):
    """The limits of one record.

    Args:
        characters: Grapheme clusters of text.
        text_bytes: UTF-8 bytes of text; 0 for no limit.
        url_weight: What any address counts, 0 where an address counts what it shows.
        images: How many images one record holds.
        image_bytes: The size of one image.
        image_pixels: The pixels of one image; 0 for no limit.
        video_bytes: The size of one video; 0 where videos cannot be posted.
        alt_characters: Characters of one image description.
        link_text: Whether a link may show other words than its address (`label`), or shows the
            address itself (`address`).
        backdates: Whether a record can carry a time in the past.
    """

    characters: int
    text_bytes: int
    url_weight: int
    images: int
    image_bytes: int
    image_pixels: int
    video_bytes: int
    alt_characters: int
    link_text: Literal["label", "address"]
    backdates: bool
