"""CIDs computed here: a record's address is known to the byte before any server has seen it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

_RECORD: Final = b"\x01\x71\x12\x20"
"""Version 1, DAG-CBOR, SHA-256, 32 bytes."""


def fingerprint(record: Mapping[str, Any], *, has_files: bool) -> str:
    """Return the CID that a server will give a record.

    Args:
        record: The record in its JSON form.
        has_files: Whether files are linked from it; without any, nothing has to be rewritten.
    """
    import libipld  # noqa: PLC0415 - comes with the SDK

    content = libipld.encode_dag_cbor(_linked(record) if has_files else record)
    return libipld.encode_cid(_RECORD + sha256(content).digest())


def _linked(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Turn the JSON form of links into their bytes, which the encoder takes for links."""
    import libipld  # noqa: PLC0415 - comes with the SDK

    match value:
        case {"$link": str() as cid}:
            return libipld.decode_multibase(cid)[1]
        case dict():
            return {key: _linked(item) for key, item in value.items()}
        case list():
            return [_linked(item) for item in value]
        case _:
            return value
