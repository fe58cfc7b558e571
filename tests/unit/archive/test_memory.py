"""An archive's size does not show in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.archives import write_large_archive

_READER = """
import sys
from pathlib import Path
from chatops.archive import Archive

with Archive.open(Path(sys.argv[1])) as archive:
    count = sum(1 for _each in archive.posts())
    assert not archive.warnings
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(count, peak.split()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_a_large_archive_is_read_in_little_memory(tmp_path: Path) -> None:
    written = write_large_archive(tmp_path / "large.zip", 40_000_000)
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(tmp_path / "large.zip")],
        check=True,
        capture_output=True,
        text=True,
    )
    count, kilobytes = map(int, done.stdout.split())
    assert count == written
    assert kilobytes < 60_000
