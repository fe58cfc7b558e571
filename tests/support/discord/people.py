"""People at the Discord client: they type, press, react and read, and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from tests.support.discord import messages
from tests.support.discord.applications import Application
from tests.support.discord.client import Impossible, Typing, typing
from tests.support.discord.drafts import Draft, Upload
from tests.support.discord.faults import Faults
from tests.support.discord.interactions import Interaction, InteractionKind
from tests.support.discord.modals import Modal
from tests.support.discord.permissions import Permission, in_channel
from tests.support.discord.places import Channel, Guild, open_direct
from tests.support.discord.records import Json, Message, User
from tests.support.discord.refusals import Refusal
from tests.support.discord.seeing import Button, SeenMessage, see
from tests.support.discord.sender import Sender
from tests.support.discord.world import World

T = TypeVar("T")

_BUTTON, _SELECT = 2, 3


class Wait(Protocol):
    """Waits until something holds; False where it did not in time."""

    def __call__(self, condition: Callable[[], object], *, within: float) -> Awaitable[bool]:
        """Wait."""
        ...


class Person:
    """A human with the Discord client, in their own language.

    Args:
        wait: Waits for the double's state.
    """

    def __init__(self, world: World, user: User, faults: Faults, wait: Wait) -> None:
        self.user = user
        self.modal: Modal | None = None
        """The modal that is open for them."""
        self._world = world
        self._sender = Sender(world, user, faults)
        self._wait = wait

    @property
    def id(self) -> str:
        """Their snowflake."""
        return self.user.id

    @property
    def name(self) -> str:
        """What they are called."""
        return self.user.name

    # What they do.

    async def slash(self, channel: Channel, line: str, /, **options: object) -> Interaction:
        """Call an application's command, and wait for its first answer, three seconds at most.

        Args:
            line: The command's words, as `quitx migrate plan`, in English or the person's
                language; options can follow as `name:value`.
            options: By name; what they are (a number, a person, an `Upload`) must fit the option.
        """
        return await self._sender.answered(self.slash_unawaited(channel, line, **options))

    def slash_unawaited(self, channel: Channel, line: str, /, **options: object) -> Interaction:
        """Call an application's command, and go on at once."""
        self._present(channel)
        typed = typing(channel, self.user, line, options)
        return self._sender.begin(
            InteractionKind.COMMAND, typed.application, channel, typed.data(), words=typed.words
        )

    async def autocomplete(
        self, channel: Channel, line: str, option: str, text: str, /, **options: object
    ) -> list[str]:
        """Type into an option, and return what is offered.

        Args:
            options: What stands in the others already.
        """
        typed = self._typing(channel, line, option, text, options)
        name = typed.option(option)["name"]
        called = self._sender.begin(
            InteractionKind.AUTOCOMPLETE,
            typed.application,
            channel,
            typed.data(focused=name),
            words=typed.words,
        )
        await self._sender.answered(called)
        return [
            (choice.get("name_localizations") or {}).get(self.user.locale) or choice["name"]
            for choice in called.choices
        ]

    async def post(
        self,
        channel: Channel,
        text: str,
        files: Sequence[Upload] = (),
        reply_to: SeenMessage | Message | None = None,
    ) -> Message:
        """Write a message; a reply pings whom it answers, as the client does by default."""
        held = self._present(channel)
        if Permission.SEND_MESSAGES not in held or channel.locked:
            raise Impossible(f"{self.name} cannot write in {channel.name!r}")
        if files and Permission.ATTACH_FILES not in held:
            raise Impossible(f"{self.name} cannot attach files in {channel.name!r}")
        listed = [{"id": str(number)} for number in range(len(files))]
        body: Json = {"content": text, "attachments": listed, "nonce": self._world.id()}
        draft = Draft(body, dict(enumerate(files)))
        answers = _message(reply_to) if reply_to else None
        return _done(lambda: messages.post(channel, self.user, draft, answers=answers))

    async def edit(self, message: Message, text: str) -> None:
        """Change an own message."""
        if message.author is not self.user:
            raise Impossible("only an own message can be edited")
        _done(lambda: messages.edit(message, Draft({"content": text})))

    async def delete(self, message: SeenMessage | Message) -> None:
        """Remove an own message, or another's where they may; dismiss one only they see."""
        it = _message(message)
        held = self._present(it.channel)
        if self.user not in (it.author, it.reader) and Permission.MANAGE_MESSAGES not in held:
            raise Impossible(f"{self.name} may not remove that message")
        messages.delete(it)

    async def react(self, message: SeenMessage | Message, emoji: str) -> None:
        """Add a reaction."""
        it = _message(message)
        held = self._present(it.channel)
        if it.reader is not None:
            raise Impossible("nobody can react to a message that only one person sees")
        if emoji not in it.reactions and Permission.ADD_REACTIONS not in held:
            raise Impossible(f"{self.name} cannot add reactions there")
        _done(lambda: messages.react(it, self.user, emoji))

    async def unreact(self, message: SeenMessage | Message, emoji: str) -> None:
        """Take a reaction back."""
        if not messages.unreact(_message(message), self.user, emoji):
            raise Impossible(f"{self.name} has not reacted with {emoji}")

    async def press(self, message: SeenMessage | Message, label: str) -> Interaction:
        """Press a button of a message, as it stands now, and wait for its first answer."""
        it = self._visible(_message(message))
        button = _button(see(it, self.user).buttons, label)
        data: Json = {"custom_id": button.custom_id, "component_type": _BUTTON, "id": 1}
        return await self._sender.component(it, data)

    async def choose(self, message: SeenMessage | Message, *labels: str) -> Interaction:
        """Choose from the one menu of a message that has these options."""
        it = self._visible(_message(message))
        for menu in see(it, self.user).menus:
            if menu.enabled and set(labels) <= set(menu.options):
                if not menu.fewest <= len(labels) <= menu.most:
                    raise Impossible(f"{menu.fewest} to {menu.most} can be chosen")
                values = [menu.options[label] for label in labels]
                data = {"custom_id": menu.custom_id, "component_type": _SELECT, "id": 1}
                return await self._sender.component(it, data | {"values": values})
        raise Impossible(f"no menu offers {labels}")

    async def submit(self, modal: Modal, filled: Mapping[str, object]) -> Interaction:
        """Fill in the open modal, by its labels, and send it; it stays open without an answer."""
        if modal is not self.modal:
            raise Impossible("that modal is not open")
        opener = modal.opened_by
        sent = self._sender.begin(
            InteractionKind.MODAL,
            opener.application,
            opener.channel,
            modal.data(filled),
            message=opener.message,
            opened_by=opener,
        )
        await self._sender.answered(sent)
        if sent.answered and self.modal is modal:
            self.modal = None
        return sent

    def dismiss(self) -> None:
        """Close the open modal; the application never hears of it."""
        self.modal = None

    def direct(self, application: Application) -> Channel:
        """Open the direct conversation with a bot."""
        return open_direct(self._world, self.user, application.bot)

    def leave(self, guild: Guild) -> None:
        """Leave a guild."""
        guild.kick(self.user)

    # What they see.

    def seen(self, channel: Channel) -> list[SeenMessage]:
        """Return what stands in a channel for them, the oldest first."""
        if Permission.VIEW_CHANNEL not in in_channel(channel, self.user.id):
            return []
        return [
            see(message, self.user)
            for message in channel.messages.values()
            if message.reader in (None, self.user)
        ]

    async def until(
        self,
        channel: Channel,
        wanted: str | Callable[[SeenMessage], object],
        *,
        within: float = 5.0,
    ) -> SeenMessage:
        """Wait for a message that has this text, or that this holds for; return the newest."""

        def found() -> SeenMessage | None:
            for message in reversed(self.seen(channel)):
                if wanted in message if isinstance(wanted, str) else wanted(message):
                    return message
            return None

        await self._wait(lambda: found() is not None, within=within)
        message = found()
        if message is None:
            stands = "\n---\n".join(one.text for one in self.seen(channel)) or "nothing"
            raise AssertionError(f"{self.name} did not see {wanted!r} in time, but:\n{stands}")
        return message

    def show(self, interaction: Interaction) -> None:
        """Put the modal that an interaction opened on their screen."""
        assert interaction.modal is not None
        data = interaction.modal
        self.modal = Modal(interaction, data["title"], data["custom_id"], data["components"])

    def _typing(
        self, channel: Channel, line: str, option: str, text: str, options: Mapping[str, object]
    ) -> Typing:
        self._present(channel)
        typed = typing(channel, self.user, line, options)
        asked = typed.option(option)
        if not asked.get("autocomplete"):
            raise Impossible(f"{option} offers nothing while one types")
        typed.values[asked["name"]] = text
        return typed

    def _present(self, channel: Channel) -> Permission:
        held = in_channel(channel, self.user.id)
        if Permission.VIEW_CHANNEL not in held or channel.id not in self._world.channels:
            raise Impossible(f"{self.name} does not see {channel.name!r}")
        return held

    def _visible(self, message: Message) -> Message:
        self._present(message.channel)
        if message.reader not in (None, self.user) or message.id not in message.channel.messages:
            raise Impossible(f"{self.name} does not see that message")
        return message


def _message(message: SeenMessage | Message) -> Message:
    return message.message if isinstance(message, SeenMessage) else message


def _button(buttons: tuple[Button, ...], label: str) -> Button:
    for button in buttons:
        if button.label == label:
            if not button.enabled:
                raise Impossible(f"the button {label!r} is disabled")
            if button.custom_id is None:
                raise Impossible(f"the button {label!r} opens {button.url}")
            return button
    raise Impossible(f"there is no button {label!r}, but {[each.label for each in buttons]}")


def _done(act: Callable[[], T]) -> T:
    """Do what the client would not have let happen where Discord refuses it."""
    try:
        return act()
    except Refusal as refusal:
        raise Impossible(", ".join(map(str, refusal.problems)) or str(refusal)) from None
