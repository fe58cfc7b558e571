"""What commands call, found by its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

S = TypeVar("S")


class Bound:
    """Finds the one service of a type."""

    def __init__(self, services: Iterable[object]) -> None:
        self._services: Mapping[type[Any], object] = {type(each): each for each in services}

    def __call__(self, kind: type[S]) -> S:
        """Return the service."""
        return cast("S", self._services[kind])
