"""The messages that stand in the console, and which of them a line is about.

A message has a short name for people, m1, m2, and so on in order, and a longer id that no other
process has given: what the core remembers of yesterday's m3 is never mistaken for today's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.console.directions import folded
from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.emoji import same
from chatops.conversation.platform import MessageGone
from chatops.conversation.reply import Choice, Reply, choices_of
from chatops.language import Code, Conflict, Missing, Series, Speaker, Text, _


@dataclass(slots=True, eq=False)
class Message:
    """One message that stands.

    Args:
        name: The short one: "m3" for the bot's, "u1" for a member's own words.
        to: The only member who sees it.
        speaker: The language in which the bot said it; None for a member's own words.
        choices: What its reader can do now.
        invitations: The reactions that the bot itself added.
        reactions: Who reacted with what: member id and emoji.
    """

    ref: MessageRef
    name: str
    to: Member | None = None
    speaker: Speaker | None = None
    private: bool = False
    choices: tuple[Choice, ...] = ()
    invitations: list[str] = field(default_factory=list)
    reactions: set[tuple[str, str]] = field(default_factory=set)

    def seen_by(self, member: Member) -> bool:
        """Whether the member sees it."""
        return self.to is None or self.to.id == member.id

    def choice_called(self, label: str) -> Choice | None:
        """Return the choice that a typed label, its number or its emoji means."""
        if label.isdecimal():
            number = int(label)
            return self.choices[number - 1] if 0 < number <= len(self.choices) else None
        wanted = folded(label)
        spoken = self.speaker
        if not wanted or spoken is None:
            return self.choice_with(label)
        named = [(folded(spoken.say(choice.label)), choice) for choice in self.choices]
        exact = [choice for name, choice in named if name == wanted]
        begun = [choice for name, choice in named if name.startswith(wanted)]
        if exact:
            return exact[0]
        return begun[0] if len(begun) == 1 else None

    def choice_with(self, emoji: str) -> Choice | None:
        """Return the choice that a reaction stands for."""
        return next((each for each in self.choices if each.emoji and same(each.emoji, emoji)), None)

    def asks_for(self, emoji: str) -> bool:
        """Whether a reaction with the emoji would mean something here."""
        return self.choice_with(emoji) is not None or any(
            same(invited, emoji) for invited in self.invitations
        )


class Messages:
    """All messages of this process, in order."""

    def __init__(self, session: str) -> None:
        self._session = session
        self._standing: dict[str, Message] = {}
        self._said = 0
        self._heard = 0

    def say(self, place: Place, to: Member | None, reply: Reply, speaker: Speaker) -> Message:
        """Let a message of the bot stand."""
        self._said += 1
        return self._stand_saying(f"m{self._said}", place, to, reply, speaker)

    def greet(self, place: Place, reply: Reply, speaker: Speaker) -> Message:
        """Let the greeting stand, before the first message."""
        return self._stand_saying("m0", place, None, reply, speaker)

    def hear(self, place: Place) -> Message:
        """Let a member's own words stand."""
        self._heard += 1
        return self._stand(place, f"u{self._heard}")

    def find(self, ref: MessageRef) -> Message:
        """Return the message that the core means.

        Raises:
            MessageGone: It no longer stands, or stood in an earlier console.
        """
        message = self._standing.get(ref.id)
        if message is None:
            raise MessageGone(_("That message is gone."), _("Ask again: a new message will come."))
        return message

    def remove(self, message: Message) -> None:
        """Let a message stand no longer."""
        self._standing.pop(message.ref.id, None)

    def short(self, ref_id: str) -> str:
        """Return the name that people know a message by."""
        return ref_id.removeprefix(f"{self._session}.")

    def named(self, name: str, member: Member) -> Message:
        """Return the message that a member names.

        Raises:
            Missing: There is none, or somebody else's eyes only see it.
        """
        message = self._standing.get(f"{self._session}.{name}")
        if message is not None and message.seen_by(member):
            return message
        if message is not None and message.to is not None:
            reason = _(
                "Only {name} sees {message}.", name=message.to.name, message=Code(message.name)
            )
            raise Missing(
                reason, _("Speak as them first: {as_}.", as_=Code(f":as {message.to.name}"))
            )
        reason = _("There is no message {message}.", message=Code(name))
        raise Missing(reason, self._known(member))

    def to_press(self, label: str, name: str, member: Member) -> tuple[Message, Choice]:
        """Return the named message, or the last one that asks for it, and the choice meant.

        Raises:
            Missing: Nothing asks for it.
        """
        candidates = [self.named(name, member)] if name else list(self._seen_by(member))
        asking = [message for message in candidates if message.choices]
        # A number means the choices that the reader looks at: the last ones.
        for message in asking[:1] if label.isdecimal() else asking:
            choice = message.choice_called(label)
            if choice is not None:
                return message, choice
        if not asking:
            raise Missing(_("Nothing can be pressed here."), self._known(member))
        raise Missing(
            _("No button is called {label}.", label=Code(label)),
            _("{message} has {labels}.", message=Code(asking[0].name), labels=_labels(asking[0])),
        )

    def to_react(self, emoji: str, name: str, member: Member) -> Message:
        """Return the named message, the last one that asks for the emoji, or the last one.

        Raises:
            Missing: No message stands.
        """
        if name:
            return self.named(name, member)
        seen = list(self._seen_by(member))
        asking = [message for message in seen if message.asks_for(emoji)]
        if not seen:
            raise Missing(_("There is no message to react to."), self._known(member))
        return asking[0] if asking else next((each for each in seen if each.speaker), seen[0])

    def to_unreact(self, emoji: str, name: str, member: Member) -> Message:
        """Return the named message, or the last one, to which the member reacted with the emoji.

        Raises:
            Conflict: The member did not react with it.
        """
        candidates = [self.named(name, member)] if name else self._seen_by(member)
        for message in candidates:
            if any(who == member.id and same(emoji, was) for who, was in message.reactions):
                return message
        raise Conflict(
            _("{name} has not reacted with {emoji}.", name=member.name, emoji=emoji),
            _("Type {react} to do so.", react=Code(f":react {emoji}")),
        )

    def asking(self, member: Member) -> Message | None:
        """Return the last message with choices that a member sees."""
        return next((message for message in self._seen_by(member) if message.choices), None)

    def names(self, member: Member) -> list[str]:
        """Return the names of the messages that a member sees, the last one first."""
        return [message.name for message in self._seen_by(member)]

    def _stand_saying(
        self, name: str, place: Place, to: Member | None, reply: Reply, speaker: Speaker
    ) -> Message:
        message = self._stand(place, name)
        message.to = to
        message.speaker = speaker
        message.private = reply.private or to is not None
        message.choices = choices_of(reply)
        return message

    def _stand(self, place: Place, name: str) -> Message:
        message = Message(MessageRef(place, f"{self._session}.{name}"), name)
        self._standing[message.ref.id] = message
        return message

    def _seen_by(self, member: Member) -> Iterator[Message]:
        """Go through what a member sees, the last one first."""
        return (each for each in reversed(self._standing.values()) if each.seen_by(member))

    def _known(self, member: Member) -> Text:
        last = next((each.name for each in self._seen_by(member)), "")
        if not last:
            return _("Type {help} to begin.", help=Code("/quitx help"))
        return _("The last message is {message}.", message=Code(last))


def _labels(message: Message) -> Series:
    spoken = message.speaker
    return Series(
        tuple(Code(spoken.say(each.label)) for each in message.choices)
        if spoken is not None
        else ()
    )
