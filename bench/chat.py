"""Commands: in the core beside other bots, and behind each chat beside its bare SDK."""

from __future__ import annotations

from bench.chatting import core, discord, matrix, running, slack

_PARTS = (
    ("The core, beside other bots with their own test backends", core.table),
    ("Slack", slack.table),
    ("Discord", discord.table),
    ("Matrix, on a real Synapse", matrix.table),
    ("The whole program", running.table),
)


def run() -> str:
    """Measure everything and return the tables."""
    return "\n\n".join(f"### {name}\n\n{table()}" for name, table in _PARTS)


if __name__ == "__main__":
    print(run())
