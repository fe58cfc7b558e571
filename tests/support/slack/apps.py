"""An app, and the bot that it has in each workspace where it is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.support.slack.manifests import Manifest
from tests.support.slack.records import Attempt, Delivery, User
from tests.support.slack.sockets import Socket

if TYPE_CHECKING:
    from tests.support.slack.places import Team
    from tests.support.slack.world import World

MOST_SOCKETS = 10
LEAVING_SECONDS = 2.0


class App:
    """What the manifest declares, with the app-level token and the sockets that it opened.

    Args:
        request_url: Where deliveries go as signed HTTP; empty for Socket Mode.
    """

    def __init__(
        self,
        world: World,
        raw: Mapping[str, Any],
        *,
        token: str,
        signing_secret: str,
        request_url: str,
    ) -> None:
        self.id = world.names.id("A")
        self.manifest = Manifest.read(raw)
        self.token = token
        self.signing_secret = signing_secret
        self.request_url = request_url
        self.refusal = ""
        self.sockets: list[Socket] = []
        self.bots: list[Bot] = []
        self.sent: dict[str, tuple[Delivery, Attempt, Socket]] = {}
        self.repeats = 0
        self._held: list[asyncio.Event] | None = None
        self._turn = 0
        for problem in self.manifest.problems:
            world.accuse("manifest", problem)

    @property
    def name(self) -> str:
        """The app's name."""
        return self.manifest.name

    @property
    def connections(self) -> list[Socket]:
        """The sockets that are connected."""
        return [socket for socket in self.sockets if socket.open]

    def next_socket(self) -> Socket | None:
        """Return the socket whose turn it is to get a payload."""
        staying = [socket for socket in self.connections if not socket.leaving]
        candidates = staying or self.connections
        self._turn += 1
        return candidates[self._turn % len(candidates)] if candidates else None

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to go, as Slack does before it restarts a server.

        Until another one stands they go on, for a moment; then they are cut.
        """
        for socket in self.connections:
            socket.leaving = True
            asyncio.get_running_loop().call_later(LEAVING_SECONDS, socket.abort)
            await socket.send(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-double"}}
            )

    def abort(self) -> None:
        """Cut every connection without a word."""
        for socket in self.connections:
            socket.abort()

    def silence(self) -> None:
        """Let nothing pass any more over the connections of now, pongs included."""
        for socket in self.connections:
            socket.silent = True

    def speak(self) -> None:
        """Let everything pass again."""
        for socket in self.connections:
            socket.silent = False

    def hold(self) -> None:
        """Keep back what is to be delivered, until it is released."""
        self._held = []

    def release(self, *, reverse: bool = False) -> None:
        """Deliver what was kept back, in its order or in the other one."""
        held, self._held = self._held or [], None
        for gate in reversed(held) if reverse else held:
            gate.set()

    async def passage(self) -> None:
        """Wait while deliveries are kept back."""
        if self._held is not None:
            gate = asyncio.Event()
            self._held.append(gate)
            await gate.wait()

    def repeat(self, times: int = 1) -> None:
        """Deliver each of the next events once more, as after a lost acknowledgement."""
        self.repeats = times

    def revoke(self) -> None:
        """Revoke the app-level token and cut the connections."""
        self.refusal = "invalid_auth"
        self.abort()


class Bot:
    """An app in a workspace: its token, and the scopes that the token was granted."""

    def __init__(self, app: App, team: Team, token: str, user: User) -> None:
        self.app = app
        self.team = team
        self.token = token
        self.user = user
        self.scopes = set(app.manifest.scopes)
        self.lost: set[str] = set()
        self.refusal = ""
        self.installed = True

    @property
    def user_id(self) -> str:
        """The id under which the bot stands in channels."""
        return self.user.id

    @property
    def bot_id(self) -> str:
        """The id under which its messages stand."""
        return self.user.bot_id

    def lose(self, *scopes: str) -> None:
        """Take scopes away from the token; that a call then fails is no violation."""
        self.scopes -= set(scopes)
        self.lost |= set(scopes)

    def grant(self, *scopes: str) -> None:
        """Give scopes, as a new installation does."""
        self.scopes |= set(scopes)
        self.lost -= set(scopes)

    def refuse(self, error: str) -> None:
        """Answer every call with this error, such as invalid_auth; with nothing, accept again."""
        self.refusal = error

    def revoke(self) -> None:
        """Revoke the token: the app hears tokens_revoked, then nothing more."""
        self._tell_revoked()
        self._end("token_revoked")

    def uninstall(self) -> None:
        """Remove the app from the workspace: its bot leaves all channels."""
        self._tell_revoked()
        self.team.announce({"type": "app_uninstalled"}, only=self)
        self._end("account_inactive")
        self.user.deleted = True
        for channel in self.team.channels:
            channel.members.discard(self.user_id)

    def _tell_revoked(self) -> None:
        tokens = {"oauth": [], "bot": [self.user_id]}
        self.team.announce({"type": "tokens_revoked", "tokens": tokens}, only=self)

    def _end(self, refusal: str) -> None:
        self.refusal = refusal
        self.installed = False
