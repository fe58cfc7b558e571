"""How replies about publishing open: the organisation, its accounts, and whether it is practice."""

from __future__ import annotations

from msgspec.structs import replace

from chatops.conversation.reply import Note, Reply
from chatops.language import Series, Strong, Text, _
from chatops.organisations.records import Mode, Organisation


def opened(reply: Reply, organisation: Organisation) -> Reply:
    """Return a reply that says first for which organisation it is, and where, if that is real."""
    whose = _whose(organisation, reply.mode or organisation.mode, reply.accounts)
    return replace(reply, blocks=(Note(whose), *reply.blocks))


def _whose(organisation: Organisation, mode: Mode, accounts: tuple[Text, ...]) -> Text:
    name = Strong(organisation.name)
    if mode == "practice":
        return _("{organisation}: practice, nothing is really published.", organisation=name)
    if accounts:
        where = Series(accounts)
        return _("{organisation}: live, as {accounts}.", organisation=name, accounts=where)
    return _("{organisation}: live.", organisation=name)
