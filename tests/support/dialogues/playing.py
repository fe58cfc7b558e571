"""Plays a dialogue on a platform, and checks after every step what everybody sees."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from chatops.conversation.reply import Reply
from tests.support.dialogues import files
from tests.support.dialogues.cast import Cast
from tests.support.dialogues.dialogue import Dialogue, Step
from tests.support.dialogues.driver import PEOPLE, WHERES, Driver, Seen, Where, Who
from tests.support.dialogues.house import Told
from tests.support.dialogues.meaning import Mismatch, bare, explained, plain, plain_lines
from tests.support.dialogues.words import standing_for

_QUIET: Final = 0.3
"""Seconds in which nothing must be heard of what the bot need not hear."""

_SHARED: Final[tuple[Where, ...]] = ("general", "second")

Scene = dict[tuple[Who, Where], Sequence[Seen]]


class Found(Struct, frozen=True):
    """What a step brought: messages that are new, or that have changed, where they stand."""

    new: tuple[Seen, ...]
    changed: tuple[Seen, ...]


class Player:
    """Plays one dialogue."""

    def __init__(self, driver: Driver, dialogue: Dialogue) -> None:
        self._driver = driver
        self._dialogue = dialogue
        self._cast = Cast(driver)
        self._taken: dict[str, str] = {}
        self._called: dict[str, tuple[str, Where]] = {}
        self._scene: Scene = {}
        self._begun = 0
        self._mine = ""

    async def play(self) -> None:
        """Play it to its end.

        Raises:
            AssertionError: Somebody sees something else than was meant.
        """
        await self._driver.begin(self._dialogue.language)
        self._taken |= await self._cast.prepare(self._dialogue)
        self._begun = len(self._driver.home.recorder.told)
        try:
            self._scene = await self._look()
            for number, step in enumerate(self._dialogue.step, start=1):
                try:
                    await self._play(step)
                except AssertionError as error:
                    raise AssertionError(f"step {number} ({_summary(step)}): {error}") from error
        finally:
            await self._cast.leave()

    async def _play(self, step: Step) -> None:
        home = self._driver.home
        before = home.heard
        acted = await self._act(step)
        if acted:
            heard = await home.answered(before, *([_QUIET] if step.nothing else []))
            assert heard or step.nothing, "the bot did not hear it"
        await self._driver.settle()
        if step.gone and self._mine and self._driver.capabilities.deletes_others:
            assert not await self._driver.stands(self._mine, step.where), "it was not deleted"
        scene = await self._look()
        self._check_all(scene)
        self._check(step, scene)
        self._scene = scene

    async def _act(self, step: Step) -> bool:
        driver, by, where = self._driver, step.by, step.where
        if step.say is not None:
            thread = self._called[step.thread][0] if step.thread else ""
            given = [files.made(name, self._driver.home.folder) for name in step.attach]
            text = self._filled(step.say)
            mine = await driver.say(by, text, where=where, thread=thread, files=given)
            assert mine or not step.mine, "a command leaves no message here"
            self._mine = mine
            if step.mine:
                self._called[step.mine] = mine, where
        elif step.react is not None:
            await driver.react(by, step.react, *self._meant(step))
        elif step.unreact is not None:
            await driver.unreact(by, step.unreact, *self._meant(step))
        elif step.press is not None:
            await driver.press(by, self._filled(step.press), *self._meant(step))
        elif step.fill is not None:
            values = {name: self._filled(each) for name, each in step.fill.values.items()}
            await driver.fill_in(by, step.fill.verb, values, where=where)
        else:
            return False
        return True

    def _meant(self, step: Step) -> tuple[str, Where]:
        """Return the message that a step is about, and where it stands."""
        if step.on:
            return self._called[step.on]
        for where in dict.fromkeys((step.where, "direct")):
            for seen in reversed(self._scene[step.by, where]):
                if step.press is None or _offers(seen, self._filled(step.press)):
                    return seen.id, where
        raise AssertionError(f"{step.by} sees no message that this can be about")

    async def _look(self) -> Scene:
        return {
            (who, where): await self._driver.seen(who, where) for who in PEOPLE for where in WHERES
        }

    def _found(self, scene: Scene, who: Who, where: Where) -> Found:
        """Return what is new to somebody in a place and, for their eyes only, in private."""
        new: list[Seen] = []
        changed: list[Seen] = []
        for place in dict.fromkeys((where, "direct")):
            before = {seen.id: seen for seen in self._scene[who, place]}
            for seen in scene[who, place]:
                if seen.id not in before:
                    new.append(seen)
                elif _words(before[seen.id]) != _words(seen):
                    changed.append(seen)
        return Found(tuple(new), tuple(changed))

    def _check(self, step: Step, scene: Scene) -> None:
        found = self._found(scene, step.by, step.where)
        both = (*found.changed, *found.new)
        if step.nothing:
            assert not both, f"somebody answered: {_shown(both)}"
        self._contains(found.new, step.expect)
        self._contains(found.changed, step.edit)
        said = _text(both)
        for phrase in step.absent:
            assert plain(self._filled(phrase)) not in said, (
                f"{phrase!r} is seen in:\n{_shown(both)}"
            )
        for label in step.offers:
            offered = any(_offers(seen, self._filled(label)) for seen in both)
            assert offered, f"nothing offers {label!r} in:\n{_shown(both)}"
        if step.private is not None:
            self._check_private(step, found)
        for who, phrases in step.sees.items():
            theirs = self._found(scene, who, step.where)
            self._contains((*theirs.changed, *theirs.new), phrases)
        for name in map(self._filled, step.files):
            attached = any(file.name == name for seen in found.new for file in seen.files)
            described = name in said and not self._driver.capabilities.files
            assert attached or described, f"{name} is not attached to:\n{_shown(found.new)}"
        self._remember(step, found)

    def _check_private(self, step: Step, found: Found) -> None:
        offers = [self._filled(label) for label in step.offers]
        holding = [
            seen
            for seen in found.new
            if _holds_any(seen, step.expect[:1]) or any(_offers(seen, label) for label in offers)
        ]
        assert holding, "nothing is new that was expected"
        # Where a chat has no private replies at all, the reply says so, and that is compared.
        possible = self._driver.capabilities.private_replies != "none"
        wanted = step.private and (possible or step.where == "direct")
        for seen in holding:
            assert seen.private == wanted, f"private: {seen.private}, in:\n{_shown([seen])}"

    def _contains(self, messages: Sequence[Seen], phrases: Sequence[str]) -> None:
        said, at = _text(messages), 0
        for phrase in phrases:
            wanted = plain(self._filled(phrase))
            found = said.find(wanted, at)
            assert found >= 0, f"{wanted!r} is not seen in:\n{_shown(messages)}"
            at = found + len(wanted)

    def _remember(self, step: Step, found: Found) -> None:
        both = (*found.changed, *found.new)
        if step.call:
            assert both, "there is no message to call anything"
            where: Where = step.where
            if both[-1].private and step.where != "direct":
                in_place = {seen.id for seen in self._scene.get((step.by, step.where), ())}
                where = step.where if both[-1].id in in_place else where
            self._called[step.call] = both[-1].id, where
        for name, pattern in step.take.items():
            match = re.search(pattern, _text(both))
            assert match, f"{pattern!r} matches nothing in:\n{_shown(both)}"
            self._taken[name] = match[1]

    def _filled(self, words: str) -> str:
        for name, value in self._taken.items():
            words = words.replace(f"{{{name}}}", value)
        return words

    def _check_all(self, scene: Scene) -> None:
        """Compare all that was told with all that is seen, by everybody, everywhere."""
        told = self._driver.home.recorder.told[self._begun :]
        for who in PEOPLE:
            left: dict[Where, list[Seen]] = {where: list(scene[who, where]) for where in WHERES}
            for each in told:
                self._take_out(each, who, left)
            for where, others in left.items():
                assert not others, f"{who} sees in {where} what was not said:\n{_shown(others)}"

    def _take_out(self, told: Told, who: Who, left: Mapping[Where, list[Seen]]) -> None:
        """Take what was told out of what somebody sees."""
        wheres = self._standing(told, who)
        if not wheres:
            return
        best = Mismatch("nothing is seen", -1)
        for where in wheres:
            seen = left[where]
            for first in range(len(seen)):
                count, mismatch = explained(told, seen[first:], self._driver.capabilities)
                if mismatch is None:
                    del seen[first : first + count]
                    return
                best = max(best, mismatch, key=lambda each: each.met)
        shown = _shown([seen for where in wheres for seen in left[where]])
        raise AssertionError(f"{who} does not see {_said(told)}\n{best.reason}\nbut:\n{shown}")

    def _standing(self, told: Told, who: Who) -> tuple[Where, ...]:
        """Return where a person must see what was told; nowhere where it is not for them."""
        driver, to, place = self._driver, told.address.to, told.address.place
        private = driver.capabilities.private_replies != "none" or place.direct
        theirs = to is not None and to.id == driver.member(who).id
        if to is not None and private and not theirs:
            return ()
        for where in _SHARED:
            if driver.place(where).channel == place.channel:
                return (where, "direct") if theirs else (where,)
        owner = self._cast.owner(place)
        return ("direct",) if who == owner or (owner is None and theirs) else ()


def _offers(seen: Seen, label: str) -> bool:
    wanted = bare(label)
    if any(bare(button) == wanted for button in seen.buttons):
        return True
    try:
        standing_for(wanted, plain_lines(seen.text))
    except AssertionError:
        return False
    return True


def _holds_any(seen: Seen, phrases: Sequence[str]) -> bool:
    return any(plain(phrase.partition("{")[0]) in _text([seen]) for phrase in phrases)


def _words(seen: Seen) -> tuple[str, tuple[str, ...]]:
    return seen.text, seen.buttons


def _text(messages: Sequence[Seen]) -> str:
    return plain("\n".join(line for seen in messages for line in (seen.text, *seen.buttons)))


def _shown(messages: Sequence[Seen]) -> str:
    lines = [
        f"  [{seen.id}{' private' if seen.private else ''}{' edited' if seen.edited else ''}]"
        f" {seen.text}\n  buttons: {list(seen.buttons)}"
        for seen in messages
    ]
    return "\n".join(lines) or "  nothing"


def _said(told: Told) -> str:
    reply: Reply = told.reply
    first = next((str(block)[:200] for block in reply.blocks), str(reply.complaint)[:200])
    return f"{first} (to {told.address.to and told.address.to.name}, in {told.address.place})"


def _summary(step: Step) -> str:
    for name in ("say", "react", "unreact", "press", "fill"):
        value = getattr(step, name)
        if value is not None:
            return f"{step.by}: {name} {value!r}"
    return "look"
