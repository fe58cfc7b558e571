"""Fixtures of the real Matrix homeserver; it starts when first asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.matrix import install
from tests.support.matrix.synapse import SynapseServer
from tests.support.needs import need


@pytest.fixture(scope="session")
def synapse_server() -> Iterator[SynapseServer]:
    """Run one homeserver, without rate limits, for all tests."""
    need(install.missing())
    with SynapseServer() as server:
        yield server
