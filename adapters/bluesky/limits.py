"""What Bluesky takes, as published; importable without its SDK."""

from __future__ import annotations

from typing import Final

from chatops.posts.limits import PostLimits

LIMITS: Final = PostLimits(
    characters=300,
    text_bytes=3_000,
    url_weight=0,
    images=4,
    # Newer servers take twice that, older ones refuse the post after the upload.
    image_bytes=1_000_000,
    image_pixels=0,
    # The record may point at more, but a server by itself takes uploads of 50 MiB.
    video_bytes=50_000_000,
    alt_characters=1_000,
    link_text="label",
    backdates=True,
)

TAG_CHARACTERS: Final = 64
TAG_BYTES: Final = 640
ADDRESS_BYTES: Final = 8_000

CREATE_COST: Final = 3
DELETE_COST: Final = 1

WRITES: Final = 200
"""Writes that one call may hold at most."""

BATCH: Final = 100
"""Writes that go best in one call: faster than 50, and fewer than what made posts go missing."""

BODY_BYTES: Final = 600_000
"""A call's size at most; servers stop reading at 1 MB."""
