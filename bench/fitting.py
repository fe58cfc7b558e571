"""How many posts are fitted in a second of processor time."""

from __future__ import annotations

import random
import time

from chatops.posts.fitting import fit
from chatops.posts.limits import PostLimits
from chatops.posts.post import Hashtag, Mention, Run, WebLink, Words

FLOOR = 20_000
POSTS = 20_000
LONG = 0.01
"""The share of posts that need several parts: 0.7% of real ones, long notes not counted."""

_BLUESKY = PostLimits(300, 3000, 0, 4, 1_000_000, 0, 50_000_000, 2000, "label", backdates=True)
_TEXT = (
    "Ce samedi, nous plantons des haies avec les élèves de l’école du quartier ! 🌳 Merci à tous. "
    "Rendez-vous à 9 h devant la mairie ; prévoir des bottes. On vous attend nombreux. "
)
_WORDS = _TEXT.split(" ")


def run() -> str:
    """Fit plausible posts and return the rate beside its floor."""
    bodies = list(_bodies(random.Random(2)))  # noqa: S311 - made-up text, always the same
    start = time.process_time()
    parts = sum(len(fit(body, _BLUESKY)) for body in bodies)
    spent = time.process_time() - start
    return (
        f"fitting: {POSTS / spent:>9,.0f} posts per CPU second (floor {FLOOR:,}); "
        f"{POSTS:,} posts became {parts:,} parts"
    )


def _bodies(chance: random.Random) -> list[tuple[Run, ...]]:
    return [_body(chance, 1_000 if chance.random() < LONG else 240) for _ in range(POSTS)]


def _body(chance: random.Random, most: int) -> tuple[Run, ...]:
    length = chance.randint(most // 4, most)
    text = ""
    while len(text) < length:
        text += chance.choice(_WORDS) + " "
    runs: list[Run] = [Words(text)]
    if chance.random() < 0.4:
        runs.append(
            WebLink("https://example.org/agenda/plantation-2024", "example.org/agenda/pla…")
        )
    if chance.random() < 0.4:
        runs += [Words(" "), Hashtag("haies"), Words(" "), Hashtag("Climat")]
    if chance.random() < 0.2:
        runs[:0] = [Mention("mairie_exemple"), Words(" ")]
    return tuple(runs)


if __name__ == "__main__":
    print(run())
