"""Fixtures of the real servers, for `pytest_plugins`; each server starts when first asked for."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.support import postgres
from tests.support.bluesky import install
from tests.support.bluesky.pds import Account, PdsServer
from tests.support.faults import FaultProxy
from tests.support.needs import need
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def pds_server() -> Iterator[PdsServer]:
    """Run one Bluesky server, without rate limits, for all tests."""
    need(install.missing())
    with PdsServer() as server:
        yield server


@pytest.fixture
def bluesky_account(pds_server: PdsServer) -> Account:
    """Make an account of the test's own."""
    return pds_server.create_account()


@pytest_asyncio.fixture
async def bluesky_proxy(pds_server: PdsServer) -> AsyncIterator[FaultProxy]:
    """Put a proxy in front of the Bluesky server that can break requests."""
    async with FaultProxy(pds_server.url) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Run one PostgreSQL cluster for all tests."""
    need(postgres.missing())
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Make an empty database for the test, and remove it afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)
