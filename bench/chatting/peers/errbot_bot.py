"""errbot with its own test backend: one command, with or without a duty."""

from __future__ import annotations

import importlib
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.chatting.peers.duty import Duty
from bench.chatting.peers.rounds import IN_FLIGHT, serve

_PLUGIN = """[Core]
Name = Bench
Module = bench_plugin
[Python]
Version = 3
"""
_MODULE = """from errbot import BotPlugin, botcmd
import duties

class Bench(BotPlugin):
    @botcmd
    def standing(self, message, args):
        duties.do()
        return "The Shared Gardens\\nMode: practice: nothing is published\\nAccounts: none yet"
"""
_DUTIES = "do = lambda: None\n"


def main() -> None:
    """Answer `!standing`; errbot has a `!status` of its own."""
    folder = Path(tempfile.mkdtemp())
    (folder / "bench_plugin.plug").write_text(_PLUGIN, "utf-8")
    (folder / "bench_plugin.py").write_text(_MODULE, "utf-8")
    (folder / "duties.py").write_text(_DUTIES, "utf-8")
    sys.path.insert(0, str(folder))
    if len(sys.argv) > 1:
        duty = Duty(sys.argv[1])
        engine = duty.engine()
        duties: Any = importlib.import_module("duties")
        duties.do = lambda: duty.do(engine)
    backend: Any = importlib.import_module("errbot.backends.test")
    # As it comes it logs every step; that is its tests' wish and not a bot's.
    bot = backend.TestBot(extra_plugin_dir=str(folder), loglevel=logging.ERROR)
    bot.start()
    logging.disable(logging.CRITICAL)

    def answer(count: int) -> None:
        for begun in range(0, count, IN_FLIGHT):
            batch = min(IN_FLIGHT, count - begun)
            for _command in range(batch):
                bot.push_message("!standing")
            for _command in range(batch):
                assert "Shared Gardens" in bot.pop_message(timeout=60)

    serve(answer)
    bot.stop()


if __name__ == "__main__":
    main()
