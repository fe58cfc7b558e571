"""Which person is meant by a mention or a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from chatops.conversation.command import Call
from chatops.conversation.mentions import Whom
from chatops.conversation.parsing import Misunderstood
from chatops.conversation.tokens import quoted
from chatops.conversation.words import fold, near
from chatops.language import Code, Missing, Series, _
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import MemberId, Person


async def colleague(call: Call, whom: Whom, line: str) -> Person:
    """Return the person who is meant, who may be new.

    Args:
        line: What could be typed instead, with `{}` where the person stands.

    Raises:
        Missing: Nobody of this name is known in the organisation, or several are.
    """
    people = call.service(People)
    if whom.id:
        member = MemberId(call.member.platform, call.member.workspace, whom.id)
        if not call.place.direct:
            # Who is mentioned in a place is there, as far as anybody knows.
            await call.service(Places).meet(call.place.spot, member)
        return await people.known(member) or await people.recognise(member, whom.name)
    known = await people.acquaintances(call.organisation.id)
    called = [person for person in known if _means(whom.name, person)]
    if len(called) == 1:
        return called[0]
    if called:
        raise Missing(
            _("Several people here are called {name}.", name=whom.name),
            _("Mention the one you mean with @."),
        )
    if people.trusts(call.place.platform):
        # In the terminal everybody is who they say they are.
        name = unicodedata.normalize("NFC", whom.name)
        member = MemberId(call.member.platform, call.member.workspace, name.casefold())
        return await people.recognise(member, name)
    raise _unknown(whom.name, known, line)


def written(person: Person) -> str:
    """Return how a person can be named in a line, whatever they are called."""
    return f"#{person.id}"


def _means(name: str, person: Person) -> bool:
    return name == written(person) or fold(name) == fold(person.name)


def _unknown(name: str, known: Sequence[Person], line: str) -> Missing | Misunderstood:
    reason = _("I know nobody here who is called {name}.", name=Code(name))
    begins = [each.name for each in known if fold(each.name).startswith(f"{fold(name)} ")]
    close = list(dict.fromkeys([*begins, *near(name, [each.name for each in known])]))
    if not close:
        return Missing(reason, _("Mention them with @, so that I know who they are."))
    shown = Series(tuple(Code(each) for each in close), either=True)
    lines = tuple(line.format(quoted(each)) for each in close)
    return Misunderstood(reason, _("Did you mean {names}?", names=shown), None, lines)
