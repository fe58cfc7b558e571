"""How replies about publishing open: with the organisation, and whether it is practice."""

from __future__ import annotations

from msgspec.structs import replace

from chatops.conversation.reply import Note, Reply
from chatops.language import Strong, Text, _
from chatops.organisations.records import Mode, Organisation


def opened(reply: Reply, organisation: Organisation) -> Reply:
    """Return a reply that says first for which organisation it is, and whether it is real."""
    mode = reply.mode or organisation.mode
    return replace(reply, blocks=(Note(_whose(organisation, mode)), *reply.blocks))


def _whose(organisation: Organisation, mode: Mode) -> Text:
    name = Strong(organisation.name)
    if mode == "practice":
        return _("{organisation}: practice, nothing is really published.", organisation=name)
    return _("{organisation}: live.", organisation=name)
