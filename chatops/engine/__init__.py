"""Durable work: what is asked for in a transaction runs, whatever happens to the process."""

from chatops.engine.clock import Clock, HandClock, WallClock
from chatops.engine.durable import DurableEngine
from chatops.engine.memory import MemoryEngine
from chatops.engine.port import Engine, Sweep, Task, Work

__all__ = [
    "Clock",
    "DurableEngine",
    "Engine",
    "HandClock",
    "MemoryEngine",
    "Sweep",
    "Task",
    "WallClock",
    "Work",
]
