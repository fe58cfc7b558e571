"""Bringing a database's schema to what the program expects.

Revisions are numbered files in `revisions/`; the number is the revision's name, so that the newest
one is known without importing Alembic. An upgrade is one transaction: it happens whole or not.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

REVISIONS: Final = Path(__file__).parent / "revisions"
_UPGRADE_LOCK: Final = 0x7155_6974_58  # "quitX", a number that no other program is likely to take


@cache
def known() -> tuple[str, ...]:
    """Return the names of all revisions, oldest first."""
    return tuple(sorted(path.name.partition("_")[0] for path in REVISIONS.glob("[0-9]*_*.py")))


def current(connection: Connection) -> str | None:
    """Return the revision at which a database stands; None where it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection) -> None:
    """Bring a database to the newest revision, inside the caller's writing transaction.

    A second process that upgrades at the same time waits, and then finds nothing left to do.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    if current(connection) != known()[-1]:
        _run_revisions(connection)


def _run_revisions(connection: Connection) -> None:
    from alembic.config import Config  # noqa: PLC0415 - only an outdated schema needs Alembic
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    scripts = ScriptDirectory(str(REVISIONS.parent), version_locations=[str(REVISIONS)])

    def steps(revision: Any, _context: MigrationContext) -> Any:  # noqa: ANN401 - Alembic's own types
        return scripts._upgrade_revs("head", revision)  # noqa: SLF001 - what `alembic upgrade` calls

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        # The transaction is the caller's, so Alembic may neither begin nor commit one.
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
