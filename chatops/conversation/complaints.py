"""Telling that something did not work: a short id, the cause in plain words, the next step."""

from __future__ import annotations

import logging

from chatops.conversation.codes import new_code
from chatops.conversation.disclosures import redact
from chatops.conversation.forms import form_choice
from chatops.conversation.parsing import Misunderstood
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Block, Choice, Choices, Complaint, Paragraph, Reply
from chatops.conversation.usage import typed as as_typed
from chatops.conversation.usage import usage_of
from chatops.language import Code, Language, Text, Trouble, _, verbatim

log = logging.getLogger("chatops.conversation")


def complain(cause: Text, mend: Text, typed: str = "", blocks: tuple[Block, ...] = ()) -> Reply:
    """Return a private reply that says what did not work."""
    return Reply(blocks, private=True, complaint=Complaint(new_code(), cause, mend, typed))


def of_trouble(trouble: Trouble, typed: str, registry: Registry, language: Language) -> Reply:
    """Tell of something that a person can understand and mend."""
    blocks: tuple[Block, ...] = ()
    if isinstance(trouble, Misunderstood):
        blocks = _help_with(trouble, registry, language)
    reply = complain(trouble.reason, trouble.mend, typed, blocks)
    assert reply.complaint is not None
    log.info("%s %s: %s", reply.complaint.id, type(trouble).__name__, redact(str(trouble)))
    return reply


def of_fault(fault: Exception, typed: str) -> Reply:
    """Tell of a fault of the program, and log it with its traceback."""
    reply = complain(
        _("Something went wrong in the program itself. Nothing more was done."),
        _("Try again. If it stays so, give this error's number to whoever runs the bot."),
        typed,
    )
    assert reply.complaint is not None
    log.error("%s: a command failed", reply.complaint.id, exc_info=fault)
    return reply


def _help_with(trouble: Misunderstood, registry: Registry, language: Language) -> tuple[Block, ...]:
    blocks: list[Block] = []
    choices = [Choice(verbatim(line), line) for line in trouble.suggestions]
    if trouble.command is not None:
        usage = usage_of(trouble.command, registry.fields(trouble.command), language)
        blocks.append(Paragraph(_("It is typed like this: {usage}", usage=Code(as_typed(usage)))))
        form = form_choice(registry, trouble.command, language)
        choices += [form] if form else []
    if choices:
        blocks.append(Choices(tuple(choices)))
    return tuple(blocks)
