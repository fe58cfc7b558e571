"""What a test does on a machine that lacks a program it needs."""

from __future__ import annotations

import os

import pytest


def on_ci() -> bool:
    """Tell whether a missing program is a failure."""
    return os.environ.get("CI", "").lower() == "true"


def need(reason: str | None) -> None:
    """Skip the test for this reason, if there is one; on CI fail it."""
    if reason is None:
        return
    if on_ci():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def offer(reason: str | None) -> None:
    """Skip the test for this reason, if there is one, on CI too: nobody can install what lacks."""
    if reason is not None:
        pytest.skip(reason)
