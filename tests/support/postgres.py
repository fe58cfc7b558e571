"""Runs a throw-away PostgreSQL cluster on loopback."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.support.ports import free_port
from tests.support.processes import ServerError, ServerProcess, as_user

_ADDRESS = "127.0.0.1"
_USER = "tests"
_START_SECONDS = 60.0
_UNPRIVILEGED_USERS = ("postgres", "nobody")


def missing() -> str | None:
    """Return a sentence that says what this machine lacks and how to get it, or None."""
    if _programs() is not None:
        return None
    return "The tests on PostgreSQL need its server programs. On Debian: apt install postgresql"


class PostgresServer:
    """A cluster that writes through to the disk as a real one does, in a folder of its own."""

    def __init__(self) -> None:
        programs = _programs()
        assert programs is not None, missing()
        self._password = secrets.token_urlsafe(16)
        self._port = free_port()
        folder = Path(tempfile.mkdtemp(prefix="quitx-postgres-"))
        user = _unprivileged_user()
        _initialise(programs / "initdb", folder, self._password, user)
        self.process = ServerProcess(
            [str(programs / "postgres"), "-D", str(folder / "data"), *self._settings()],
            folder,
            # The fast shutdown, which frees shared memory.
            stop_signal=signal.SIGINT,
            user=user,
        )
        self.process.wait_until(self._answers, _START_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._port

    def create_database(self, name: str) -> str:
        """Make an empty database and return its address, as SQLAlchemy writes it."""
        with self._connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg://{_USER}:{self._password}@{_ADDRESS}:{self._port}/{name}"

    def drop_database(self, name: str) -> None:
        """Remove a database, even while somebody is connected to it."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def pause(self) -> None:
        """Freeze the server: new connections are never answered."""
        self.process.pause()

    def unpause(self) -> None:
        """Let a frozen server go on."""
        self.process.unpause()

    def stop(self) -> None:
        """End the server and remove its folder; may be called twice."""
        self.process.stop()

    def _settings(self) -> list[str]:
        settings = {
            "listen_addresses": _ADDRESS,
            "port": str(self._port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "on",
        }
        return [f"--{name}={value}" for name, value in settings.items()]

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=_ADDRESS,
            port=self._port,
            user=_USER,
            password=self._password,
            dbname="postgres",
            connect_timeout=10,
            autocommit=True,
        )

    def _answers(self) -> bool | None:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return None
        return True


def _programs() -> Path | None:
    """Return the folder that holds the newest server programs."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.insert(0, Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    return None


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return who runs the server when root, as whom it refuses to run, runs the tests."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerError(f"Root needs one of the users {', '.join(_UNPRIVILEGED_USERS)}")


def _initialise(initdb: Path, folder: Path, password: str, user: pwd.struct_passwd | None) -> None:
    password_file = folder / "password"
    password_file.write_text(password, encoding="utf-8")
    if user is not None:
        for path in (folder, password_file):
            os.chown(path, user.pw_uid, user.pw_gid)
    done = subprocess.run(
        [
            str(initdb),
            f"--pgdata={folder / 'data'}",
            f"--username={_USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        cwd=folder,
        **as_user(user),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        shutil.rmtree(folder)
        raise ServerError(f"initdb failed:\n{done.stdout}")
