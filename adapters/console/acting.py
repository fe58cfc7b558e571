"""What a line sets off: a change of scene, or an event for the core."""

from __future__ import annotations

import asyncio

from adapters.console.directions import (
    Attach,
    Call,
    Direction,
    EnterThread,
    FillIn,
    GoTo,
    Press,
    React,
    Say,
    SpeakAs,
    Unreadable,
    Wait,
    understood,
)
from adapters.console.lines import is_whole
from adapters.console.messages import Messages
from adapters.console.scene import Scene
from chatops.conversation.addresses import MessageRef
from chatops.conversation.emoji import same
from chatops.conversation.events import (
    ButtonPressed,
    CommandCalled,
    FormSubmitted,
    MessagePosted,
    ReactionChanged,
)
from chatops.conversation.platform import Inbox
from chatops.language import Code, _


class Acting:
    """Follows lines one after the other.

    Args:
        session: Begins the ids of all events, so that no other console ever gives the same.
    """

    def __init__(self, scene: Scene, messages: Messages, session: str, inbox: Inbox) -> None:
        self._scene = scene
        self._messages = messages
        self._session = session
        self._inbox = inbox
        self._events = 0

    async def follow(self, line: str) -> Direction | None:
        """Do what a line says; return what it was once the core has handled it.

        Raises:
            Trouble: It cannot be followed.
        """
        if not is_whole(line):
            raise Unreadable(
                _("This line is not valid UTF-8."), _("Save the lines as UTF-8 and try again.")
            )
        direction = understood(line)
        match direction:
            case SpeakAs(name=name):
                self._scene.speak_as(name)
            case GoTo(place=place):
                self._scene.go_to(place)
            case EnterThread(message=message):
                self._scene.enter_thread(message)
            case Attach(path=path):
                self._scene.attach(path)
            case Wait(seconds=seconds):
                await asyncio.sleep(seconds)
            case React():
                await self._react(direction)
            case Press() | Call() | Say() | FillIn():
                await self._speak(direction)
            case None:
                pass
        return direction

    async def _speak(self, direction: Press | Call | Say | FillIn) -> None:
        scene, event_id = self._scene, self._event_id()
        place, member = scene.place, scene.member
        match direction:
            case Call(line=line):
                files, answers = scene.hand_over(), self._answered()
                await self._inbox(CommandCalled(event_id, place, member, line, files, answers))
            case Say(text=text):
                ref = self._messages.hear(place).ref
                await self._inbox(MessagePosted(event_id, ref, member, text, scene.hand_over()))
            case Press(label=label, message=name):
                message, choice = self._messages.to_press(label, name, member)
                if choice.form:
                    raise _to_fill_in(choice.says)
                await self._inbox(ButtonPressed(event_id, message.ref, member, choice.says))
            case FillIn(verb=verb, values=values):
                files = scene.hand_over()
                await self._inbox(FormSubmitted(event_id, place, member, verb, values, files))

    async def _react(self, direction: React) -> None:
        member, emoji = self._scene.member, direction.emoji
        if direction.added:
            message = self._messages.to_react(emoji, direction.message, member)
            choice = message.choice_with(emoji)
            emoji = choice.emoji if choice is not None else emoji
            message.reactions.add((member.id, emoji))
        else:
            message = self._messages.to_unreact(emoji, direction.message, member)
            emoji = next(was for _who, was in message.reactions if same(was, emoji))
            message.reactions.discard((member.id, emoji))
        event = ReactionChanged(self._event_id(), message.ref, member, emoji, direction.added)
        await self._inbox(event)

    def _answered(self) -> MessageRef | None:
        """Return the message under which the member speaks."""
        thread = self._scene.place.thread
        return self._messages.find(MessageRef(self._scene.place, thread)).ref if thread else None

    def _event_id(self) -> str:
        self._events += 1
        return f"{self._session}-{self._events}"


def _to_fill_in(verb: str) -> Unreadable:
    return Unreadable(
        _("The console opens no window to fill in."),
        _("Type the form as a line: {line}.", line=Code(f":form {verb} …=…")),
    )
