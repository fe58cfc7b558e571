"""Addresses at which Slack takes an answer to one event: five of them, within half an hour."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from adapters.slack.failures import Failure, NoAnswer, Refused, TooFast, failure_in
from adapters.slack.mrkdwn import escaped
from chatops.clock import Clock
from chatops.conversation.recent import Recent

log = logging.getLogger("adapters.slack")

_POSTS: Final = 5
_HOLDS: Final = timedelta(minutes=29)
_KEPT: Final = 2_000
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20)
_OK: Final = 200
_SPENT: Final = frozenset({"expired_url", "used_url", "expired_trigger_id"})


class Address:
    """One such address."""

    def __init__(self, url: str, until: datetime) -> None:
        self.url = url
        self._until = until
        self._left = _POSTS

    def open(self, now: datetime) -> bool:
        """Whether it still takes an answer."""
        return self._left > 0 and now < self._until

    def spend(self, *, all_of_it: bool = False) -> None:
        """Note that it took one, or takes none any more."""
        self._left = 0 if all_of_it else self._left - 1


class Answers:
    """Keeps these addresses, and answers there.

    Args:
        hosts: Where they may lead; an answer goes nowhere else.
    """

    def __init__(self, session: aiohttp.ClientSession, hosts: frozenset[str], clock: Clock) -> None:
        self._session = session
        self._hosts = hosts
        self._clock = clock
        self._addresses: Recent[str, Address] = Recent(_KEPT)

    def keep(self, url: object, *names: str) -> None:
        """Keep the address of an event, or of an ephemeral message: the newest one."""
        if not isinstance(url, str) or not url:
            return
        host = urlsplit(url).hostname or ""
        if host not in self._hosts:
            log.warning("slack: an answer should have gone to %s", host)
            return
        address = Address(url, self._clock() + _HOLDS)
        for name in names:
            self._addresses.put(name, address)

    def hand_on(self, name: str, other: str) -> None:
        """Let another event be answered at the address of one."""
        address = self._addresses.get(name)
        if address is not None:
            self._addresses.put(other, address)

    def at(self, name: str) -> Address | None:
        """Return the address of an event, while it takes answers."""
        address = self._addresses.get(name) if name else None
        return address if address is not None and address.open(self._clock()) else None

    async def post(self, address: Address, answer: dict[str, Any]) -> None:
        """Answer.

        Raises:
            Failure: It was not taken, or nobody knows.
        """
        address.spend()
        try:
            async with self._session.post(
                address.url, json=answer, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                text = await response.text()
                failure = _failure(response, text)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(f"response_url: {type(error).__name__}") from None
        if failure is not None:
            if isinstance(failure, Refused):
                address.spend(all_of_it=True)
            raise failure

    async def excuse(self, name: str, text: str) -> None:
        """Tell the member of an event why nothing comes of it, if they can still be told."""
        address = self.at(name)
        if address is None:
            return
        answer = {"response_type": "ephemeral", "replace_original": False, "text": escaped(text)}
        try:
            await self.post(address, answer)
        except Failure as failure:
            log.info("slack: nobody was told: %s", failure)


def _failure(response: aiohttp.ClientResponse, text: str) -> Failure | None:
    if response.status == _OK:
        return None
    error = text.strip()[:80]
    known = failure_in(response.status, response.headers, {"error": error or "expired_url"})
    if isinstance(known, TooFast | NoAnswer):
        return known
    return Refused(error if error in _SPENT else "expired_url")
