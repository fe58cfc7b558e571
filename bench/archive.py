"""Reading half a gigabyte of tweets in a ZIP: speed and memory, beside plain inflating and `json`.

Every way runs in a process of its own; ratios compare processor time of one and the same run.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib

from chatops.archive import Archive, shapes
from chatops.archive.container import open_container
from chatops.archive.files import Files
from chatops.posts.fitting import fit
from chatops.posts.limits import PostLimits

SIZE = 500_000_000
JSON_SIZE = 100_000_000
"""`json` needs seven times a file's size in memory: it reads less; rates are compared."""

ROUNDS = 5
MEMBER = "data/tweets.js"
OF_INFLATE = 0.22
OF_JSON = 6
MOST_MEMORY = 60

_BLOCK = 8 * 1024
_BLUESKY = PostLimits(300, 3000, 0, 4, 1_000_000, 0, 50_000_000, 2000, "label", backdates=True)


@dataclass(frozen=True)
class Spent:
    """What one process took.

    Args:
        rate: Megabytes of tweets in a second of processor time.
        memory: The most that was resident, in megabytes.
        posts: How many posts went through its hands.
    """

    rate: float
    memory: float
    posts: int


def run() -> str:
    """Make the archives, read them in every way, and return a table."""
    from tests.support.archives import write_large_archive  # noqa: PLC0415 - children need none

    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large.zip"), Path(folder, "small.zip")
        count = write_large_archive(large, SIZE)
        write_large_archive(small, JSON_SIZE)
        packed = _packed(large)
        rounds = [
            {"inflate": _measure("inflate", large), "read": _measure("read", large)}
            for _round in range(ROUNDS)
        ]
        plan = _measure("plan", large)
        whole = _measure("json", small)
    inflate = _median(each["inflate"] for each in rounds)
    read = _median(each["read"] for each in rounds)
    of_inflate = statistics.median(each["read"].rate / each["inflate"].rate for each in rounds)
    assert read.posts == plan.posts == count
    faster = f"typed records are {read.rate / whole.rate:.1f} times as fast"
    rows = (
        _row(f"inflate alone (isal, {_BLOCK // 1024} KB at a time)", inflate, "", ""),
        _row(
            "typed records, CRC checked",
            read,
            f"{of_inflate:.3f} of inflate",
            f">= {OF_INFLATE}, <= {MOST_MEMORY} MB",
        ),
        _row(
            f"the whole file through `json` ({JSON_SIZE / 1e6:,.0f} MB)",
            whole,
            faster,
            f">= {OF_JSON}",
        ),
        _row(
            "a plan: read twice, texts rebuilt and fitted",
            plan,
            f"{SIZE / 1e6 / plan.rate:.1f} CPU s",
            "memory constant",
        ),
    )
    about = f"{SIZE / 1e6:,.0f} MB of `tweets.js` in a ZIP, packed {SIZE / packed:.1f} times"
    head = "| way | MB per CPU second | peak memory | beside | target |\n|---|---|---|---|---|\n"
    return f"{about}; {count:,} tweets; medians of {ROUNDS} rounds.\n\n{head}{''.join(rows)}"


def _row(way: str, spent: Spent, beside: str, target: str) -> str:
    return f"| {way} | {spent.rate:,.0f} | {spent.memory:.0f} MB | {beside} | {target} |\n"


def _median(rounds: Iterator[Spent]) -> Spent:
    return sorted(rounds, key=lambda spent: spent.rate)[ROUNDS // 2]


def _packed(path: Path) -> int:
    with zipfile.ZipFile(path) as source:
        return source.getinfo(MEMBER).compress_size


def _measure(way: str, path: Path) -> Spent:
    done = subprocess.run(
        [sys.executable, "-m", "bench.archive", way, str(path)], check=True, capture_output=True
    )
    return Spent(**json.loads(done.stdout))


def _inflate(path: Path) -> int:
    with zipfile.ZipFile(path) as source:
        entry = source.getinfo(MEMBER)
    stream = isal_zlib.decompressobj(-15)
    size = 0
    with path.open("rb", buffering=0) as file:
        file.seek(entry.header_offset + 26)
        lengths = file.read(4)
        file.seek(sum(int.from_bytes(lengths[at : at + 2], "little") for at in (0, 2)), os.SEEK_CUR)
        while not stream.eof:
            size += len(stream.decompress(file.read(_BLOCK)))
    assert size == entry.file_size
    return 0


def _read(path: Path) -> int:
    files = Files(open_container(path))
    return sum(1 for _tweet in files.rows("tweets.js", shapes.TWEETS))


def _plan(path: Path) -> int:
    count = 0
    with Archive.open(path) as archive:
        for each in archive.posts():
            fit(each.post.body, _BLUESKY)
            count += 1
        assert not archive.warnings
    return count


def _json(path: Path) -> int:
    with zipfile.ZipFile(path) as source:
        content = source.read(MEMBER)
    return len(json.loads(content[content.index(b"[") :]))


_WAYS: dict[str, Callable[[Path], int]] = {
    "inflate": _inflate,
    "read": _read,
    "plan": _plan,
    "json": _json,
}


def _child(way: str, path: Path) -> str:
    size = zipfile.ZipFile(path).getinfo(MEMBER).file_size
    start = time.process_time()
    posts = _WAYS[way](path)
    rate = size / 1e6 / (time.process_time() - start)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return json.dumps({"rate": rate, "memory": int(peak.split()[1]) / 1000, "posts": posts})


if __name__ == "__main__":
    print(_child(sys.argv[1], Path(sys.argv[2])) if sys.argv[1:] else run())
