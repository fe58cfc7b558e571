"""Writes schema revisions from the tables.

    python -m tests.support.schema --rewrite     make the first revision anew
    python -m tests.support.schema --add NAME    add one for what has changed since the last

Until the first release there is one revision, which `--rewrite` keeps equal to the tables; from
then on a change of tables is an added revision, read and corrected by hand.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from chatops.store import schema
from chatops.store.tables import metadata
from chatops.store.tables.columns import Record, Utc

_TEMPLATE = '''"""{title}"""

# ruff: noqa: INP001 - Alembic finds revisions by their files, nothing imports them

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    {body}
'''


def differences(connection: Connection) -> MigrationScript:
    """Return what a database lacks of the tables."""
    context = MigrationContext.configure(
        connection,
        opts={"target_metadata": metadata, "render_item": _frozen_type, "compare_type": True},
    )
    return produce_migrations(context, metadata)


def rewritten(previous: tuple[str, ...] = (), title: str = "The first tables.") -> str:
    """Return the text of the revision that follows others."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        if previous:
            schema.upgrade(connection)
        script = differences(connection)
        assert script.upgrade_ops is not None, "a produced script has operations"
        body = render_python_code(
            script.upgrade_ops, render_item=_frozen_type, migration_context=_context(connection)
        )
    engine.dispose()
    number = f"{int(previous[-1]) + 1 if previous else 1:04}"
    down = previous[-1] if previous else None
    return _formatted(_TEMPLATE.format(title=title, number=number, down=down, body=body))


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"target_metadata": metadata})


def _frozen_type(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own types as what they are today: a revision may not change with the code."""
    if kind == "type" and isinstance(item, Utc):
        return 'sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")'
    if kind == "type" and isinstance(item, Record):
        return "sa.LargeBinary()"
    return False


def _formatted(code: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, "format", "-"], input=code, capture_output=True, text=True, check=True
    )
    return done.stdout


def _main() -> None:
    parser = argparse.ArgumentParser(description="Write schema revisions from the tables.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--rewrite", action="store_true", help="make the first revision anew")
    what.add_argument("--add", metavar="NAME", help="add one for what has changed")
    arguments = parser.parse_args()
    previous = () if arguments.rewrite else schema.known()
    name = "first" if arguments.rewrite else arguments.add
    title = "The first tables." if arguments.rewrite else f"{name.replace('_', ' ').capitalize()}."
    code = rewritten(previous, title)
    (schema.REVISIONS / f"{len(previous) + 1:04}_{name}.py").write_text(code)


if __name__ == "__main__":
    _main()
