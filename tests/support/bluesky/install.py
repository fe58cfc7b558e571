"""Installs the node packages of the Bluesky server, once for each lock file and Node version.

python -m tests.support.bluesky.install
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.needs import on_ci

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parents[2] / ".cache" / "bluesky"
_STAMP = _FOLDER / "installed"
_NODE_MAJOR = 20
_DEBIAN_PACKAGES = {"npm": "npm", "g++": "g++", "make": "make", "python3": "python3"}


class InstallError(RuntimeError):
    """The node packages could not be installed."""


@dataclass(frozen=True)
class Node:
    """A Node program."""

    program: Path
    version: str

    @property
    def suits(self) -> bool:
        """Tell whether the server runs on this version."""
        return self.version.startswith(f"{_NODE_MAJOR}.")


def find_node() -> Node | None:
    """Return the Node of the search path."""
    program = shutil.which("node")
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return Node(Path(program).resolve(), said.stdout.strip().removeprefix("v"))


def missing() -> str | None:
    """Return a sentence that says what this machine lacks and how to get it, or None."""
    node = find_node()
    if node is not None and node.suits and _is_installed(node):
        return None
    lacks = [name for name in _DEBIAN_PACKAGES if shutil.which(name) is None]
    packages = [_DEBIAN_PACKAGES[name] for name in lacks]
    if node is None or not node.suits:
        found = f" (found: {node.version})" if node else ""
        lacks.append(f"Node {_NODE_MAJOR}{found} with its headers")
        packages += ["nodejs", "libnode-dev"]
    elif _find_headers(node) is None:
        lacks.append(f"the headers of Node {node.version}")
        packages.append("libnode-dev")
    if not lacks:
        return None
    return (
        f"The Bluesky test server needs {', '.join(lacks)}. On Debian 13: apt install "
        f"{' '.join(packages)} (on an older Debian, Node {_NODE_MAJOR} comes from NodeSource, "
        "headers included)."
    )


def install() -> Path:
    """Install the packages unless they are there, and return the folder that holds them."""
    reason = missing()
    node = find_node()
    if reason is not None or node is None:
        raise InstallError(reason)
    if not _is_installed(node):
        _FOLDER.mkdir(parents=True, exist_ok=True)
        with _only_one_process() as lock:
            if not _is_installed(node):
                _install(node, lock)
    return _FOLDER


def _install(node: Node, lock: int) -> None:
    """Fetch and compile everything anew, and say so last."""
    _STAMP.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_HERE / name, _FOLDER / name)
    environment = os.environ | {
        "npm_config_nodedir": str(_find_headers(node)),
        # Without this the package asks a release page for a compiled file before it compiles.
        "npm_config_build_from_source": "true",
    }
    quiet = ["--no-audit", "--no-fund", "--prefer-offline"]
    _npm(["ci", "--ignore-scripts", *quiet], environment, lock)
    _npm(["rebuild", "better-sqlite3"], environment, lock)
    new = _STAMP.with_suffix(".new")
    new.write_text(_stamp(node), encoding="utf-8")
    new.replace(_STAMP)


def _npm(arguments: list[str], environment: dict[str, str], lock: int) -> None:
    done = subprocess.run(
        ["npm", *arguments],  # noqa: S607 - the search path's npm belongs to its node
        cwd=_FOLDER,
        env=environment,
        # npm holds the lock too: if this process is killed, nobody starts beside its npm.
        pass_fds=(lock,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise InstallError(f"npm {' '.join(arguments)} failed:\n{done.stdout[-4000:]}")


@contextmanager
def _only_one_process() -> Iterator[int]:
    with (_FOLDER / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _is_installed(node: Node) -> bool:
    return _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == _stamp(node)


def _stamp(node: Node) -> str:
    lock = hashlib.sha256((_HERE / "package-lock.json").read_bytes()).hexdigest()
    return f"{lock} node {node.version} {platform.machine()}\n"


def _find_headers(node: Node) -> Path | None:
    """Return the folder that node-gyp takes as the one of Node's sources."""
    prefix = node.program.parent.parent
    given = os.environ.get("npm_config_nodedir")  # noqa: SIM112 - npm spells it so
    for folder in [*([Path(given)] if given else []), prefix, prefix / "include" / "nodejs"]:
        for version_file in (folder / "include/node/node_version.h", folder / "src/node_version.h"):
            if version_file.is_file() and _version_in(version_file) == node.version:
                return folder
    return None


def _version_in(header: Path) -> str:
    found = dict(
        re.findall(r"#define NODE_(\w+)_VERSION (\d+)", header.read_text(encoding="utf-8"))
    )
    return ".".join(found.get(part, "?") for part in ("MAJOR", "MINOR", "PATCH"))


def main() -> int:
    """Install; a machine that lacks something is told so, and is an error on CI only."""
    reason = missing()
    if reason is not None:
        sys.stderr.write(f"{reason} Without it the tests that need it are skipped.\n")
        return 1 if on_ci() else 0
    try:
        install()
    except InstallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
