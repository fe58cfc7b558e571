"""A live migration to a real PDS, through the real program, and what must hold at its end."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.support.archives import Made, tweet
from tests.support.bluesky.pds import Account, PdsServer
from tests.support.program import Program

_PATIENCE = 120.0
_FIRST = datetime(2019, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Migrating:
    """A migration whose first posts wait for a yes."""

    program: Program
    url: str
    posts: int

    def approve(self) -> subprocess.Popen[str]:
        """Say yes to the first posts, in a console that then waits for the rest to move."""
        return self.program.start("console", given="/quitx migrate resume\n")

    def wait_until_moving(self, process: subprocess.Popen[str], further: float) -> None:
        """Wait until the process has moved something, and then a little more."""
        before = self.moved()
        deadline = time.monotonic() + _PATIENCE
        while self.moved() == before and self.phase() != "done":
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, "nothing moves"
            time.sleep(0.01)
        time.sleep(further)

    def finish(self) -> None:
        """Run the program until the migration has ended by itself."""
        if self.phase() == "done":
            return
        process = self.program.start("run")
        deadline = time.monotonic() + _PATIENCE
        try:
            while self.phase() != "done":
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < deadline, f"still {self.phase()}"
                time.sleep(0.05)
        finally:
            process.terminate()
            _out, logged = process.communicate(timeout=30)
        assert process.returncode == 0, logged

    def check_once_each(self, server: PdsServer, account: Account) -> None:
        """Compare what stands with what was in the archive and with the ledger."""
        records = server.records(account.did)
        standing = {record.uri: record for record in records}
        assert len(records) == len(standing) == self.posts
        texts = [record.value["text"] for record in records]
        assert sorted(texts) == sorted(f"Message {number}" for number in range(self.posts))
        ledger = self._rows("SELECT record, state FROM deliveries")
        assert {row["state"] for row in ledger} == {"published"}
        assert {json.loads(row["record"])["ref"]["address"] for row in ledger} == set(standing)
        assert {row["state"] for row in self._rows("SELECT state FROM items")} == {"moved"}

    def moved(self) -> int:
        """Return how many items stand, as the ledger says."""
        return self.count("items WHERE state = 'moved'")

    def count(self, rows: str) -> int:
        """Return how many rows there are, such as `items WHERE state = 'moved'`."""
        return int(self._rows(f"SELECT count(*) AS n FROM {rows}")[0]["n"])  # noqa: S608 - a test's own words

    def phase(self) -> str:
        """Return the migration's phase."""
        return str(self._rows("SELECT phase FROM migrations")[0]["phase"])

    def hold(self) -> str:
        """Return why the migration does not go on although there is work; empty for no reason."""
        return str(self._rows("SELECT hold FROM migrations")[0]["hold"])

    def waits_for(self, words: str) -> bool:
        """Whether the migration waits or has stopped for a reason with these words."""
        reason = self._rows("SELECT reason FROM migrations")[0]["reason"]
        return reason is not None and words in bytes(reason).decode()

    def everything(self) -> str:
        """Return all that the database says of accounts and migrations, and their secrets."""
        queries = ("SELECT * FROM accounts", "SELECT * FROM secrets", "SELECT * FROM migrations")
        return repr([self._rows(query) for query in queries])

    def _rows(self, query: str) -> list[Mapping[str, Any]]:
        engine = sa.create_engine(self.url)
        try:
            with engine.connect() as connection:
                return [dict(row) for row in connection.execute(sa.text(query)).mappings()]
        finally:
            engine.dispose()


def prepared(
    server: PdsServer, account: Account, url: str, folder: Path, posts: int, **settings: str
) -> Migrating:
    """Bring a live migration to where its first five posts stand and wait for a yes."""
    program = Program(
        folder,
        {
            "QUITX_STORE__URL": url,
            "QUITX_BLUESKY__SERVICE": server.url,
            "QUITX_BLUESKY__POINTS_PER_HOUR": "10000000",
            "QUITX_BLUESKY__POINTS_PER_DAY": "10000000",
            **settings,
        },
    )
    archive = Made(
        {
            "tweets.js": [
                tweet(text=f"Message {n}", at=_FIRST + timedelta(hours=n)) for n in range(posts)
            ]
        }
    ).zipped(folder / "archive.zip")
    connected = program("connect", "bluesky", account.handle, given=f"{account.app_password}\n")
    assert connected.returncode == 0, connected.stderr
    assert account.app_password not in connected.stdout + connected.stderr
    program.says("/quitx live", ":react ✅")
    program.says(f"/quitx migrate plan {archive} to=bluesky", ":react ✅", ":react ✅")
    migrating = Migrating(program, url, posts)
    assert migrating.phase() == "asking"
    return migrating
