"""The manifest: what X says that the archive holds, so that nothing can get lost unseen."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from chatops.archive.account_records import ManifestRecord
from chatops.archive.reading import moment, read_object
from chatops.archive.trouble import Source


class Manifest(Struct, frozen=True):
    """X's own list of contents.

    Args:
        partial: Whether the archive is one of several parts.
        counts: How many records each JavaScript file should hold, by its name in `data`.
    """

    username: str = ""
    account_id: str = ""
    display_name: str = ""
    generated_at: datetime | None = None
    partial: bool = False
    counts: Mapping[str, int] = {}


def read_manifest(chunks: Iterator[bytes], source: Source) -> Manifest:
    """Read a manifest; a file that it names without a number counts as none."""
    record = read_object(chunks, ManifestRecord, source)
    counts = {
        posixpath.basename(file.file_name): file.count
        for kind in record.data_types.values()
        for file in kind.files
        if file.count is not None and file.count >= 0
    }
    return Manifest(
        username=record.user_info.user_name,
        account_id=record.user_info.account_id,
        display_name=record.user_info.display_name,
        generated_at=moment(record.archive_info.generation_date),
        partial=record.archive_info.is_partial_archive,
        counts=counts,
    )
