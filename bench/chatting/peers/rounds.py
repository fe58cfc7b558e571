"""What all peers share: reading how many commands are wanted, and saying what they took."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

IN_FLIGHT = 100


def serve(answer: Callable[[int], None]) -> None:
    """Answer as many commands as each line of standard input says, until its end."""
    print("ready", flush=True)
    for line in sys.stdin:
        started, cpu = time.perf_counter(), time.process_time()
        answer(int(line))
        print(time.perf_counter() - started, time.process_time() - cpu, flush=True)
