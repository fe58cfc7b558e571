"""Replies that one member sees in a shared conversation, and replies to where the bot is not.

Slack keeps no such message: it cannot be read back, and is gone when its reader starts anew. It is
changed only by answering somebody who presses one of its buttons, so that its buttons carry its
name.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from adapters.slack.answers import Answers
from adapters.slack.failures import Refused
from adapters.slack.paging import Page
from adapters.slack.rendering import Rendered
from adapters.slack.workspace import Workspace
from chatops.conversation.addresses import Address
from chatops.conversation.recent import Recent

_MARK: Final = "unlisted-"
_KEPT: Final = 5_000


def mark_of(key: str) -> str:
    """Return the name of a message that has no timestamp of its own."""
    return _MARK + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def is_mark(name: str) -> bool:
    """Whether a message has no timestamp of its own."""
    return name.startswith(_MARK)


class Whispering:
    """Answers where nobody else sees it, or where only an answer is allowed."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._said: Recent[str, int] = Recent(_KEPT)

    async def whisper(
        self, workspace: Workspace, to: Address, rendered: Rendered, key: str
    ) -> None:
        """Say something to one member; what that answers has an address of its own for a while.

        Raises:
            Failure: Not all of it was said, or nobody knows; whispering again says the rest.
        """
        assert to.to is not None, "only a reply to somebody is whispered"
        for number, page in self._left(rendered, key):
            if not await self._answered(page, to, "ephemeral"):
                await workspace.call(
                    "chat.postEphemeral",
                    channel=to.place.channel,
                    user=to.to.id,
                    thread_ts=to.place.thread or None,
                    text=page.text,
                    blocks=page.blocks,
                )
            self._said.put(key, number + 1)

    async def answer(self, to: Address, rendered: Rendered, key: str) -> bool:
        """Say something to all, where the bot may only answer; False where that is over.

        Raises:
            Failure: Not all of it was said, or nobody knows.
        """
        for number, page in self._left(rendered, key):
            if not await self._answered(page, to, "in_channel"):
                return False
            self._said.put(key, number + 1)
        return True

    async def change(self, mark: str, page: Page) -> bool:
        """Change a message whose button was pressed not long ago; False where that is over.

        Raises:
            Failure: It was not changed, or nobody knows.
        """
        answer = {"replace_original": True, "text": page.text, "blocks": page.blocks}
        return await self._post(mark, answer)

    async def remove(self, mark: str) -> bool:
        """Remove a message whose button was pressed not long ago; False where that is over.

        Raises:
            Failure: It was not removed, or nobody knows.
        """
        return await self._post(mark, {"delete_original": True})

    def _left(self, rendered: Rendered, key: str) -> list[tuple[int, Page]]:
        return list(enumerate(rendered.pages))[self._said.get(key) or 0 :]

    async def _answered(self, page: Page, to: Address, kind: str) -> bool:
        if to.place.thread:
            # Such an answer would stand outside the thread.
            return False
        answer = {
            "response_type": kind,
            "replace_original": False,
            "text": page.text,
            "blocks": page.blocks,
        }
        return await self._post(to.answering, answer)

    async def _post(self, name: str, answer: dict[str, Any]) -> bool:
        address = self._answers.at(name)
        if address is None:
            return False
        try:
            await self._answers.post(address, answer)
        except Refused:
            return False
        return True
