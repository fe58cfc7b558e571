"""Durable work: what is asked for in a transaction runs, whatever happens to the process."""

from chatops.engine.durable import DurableEngine
from chatops.engine.memory import MemoryEngine
from chatops.engine.port import Engine, Sweep, Task, Work
from chatops.engine.timer import HandClock, Timer, WallClock

__all__ = [
    "DurableEngine",
    "Engine",
    "HandClock",
    "MemoryEngine",
    "Sweep",
    "Task",
    "Timer",
    "WallClock",
    "Work",
]
