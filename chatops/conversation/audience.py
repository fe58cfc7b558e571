"""Who reads along: a warning before drafts and requests are shown to others than one's own."""

from __future__ import annotations

from msgspec.structs import replace

from chatops.conversation.registry import AUDIENCE, AUDIENCES
from chatops.conversation.reply import Choice, Choices, Note, Paragraph, Reply
from chatops.conversation.turns import Scope, Turn
from chatops.language import Code, Language, _
from chatops.organisations.records import Organisation


def who_reads(turn: Turn, organisation: Organisation, language: Language) -> Reply:
    """Ask whether to go on where others read, or in private."""
    private = Scope(str(organisation.id), "private").before(turn.line)
    here = Scope(str(organisation.id), "here").before(turn.line)
    choices = (
        Choice(_("Answer me in private"), private, style="primary", attachments=turn.attachments),
        Choice(_("Go on here"), here, attachments=turn.attachments),
    )
    said = f"{AUDIENCE.in_(language)}={AUDIENCES['private'].in_(language)}"
    return Reply(
        (
            Paragraph(
                _(
                    "People outside {organisation} can read this place. What you asked for is "
                    "about something to be published.",
                    organisation=organisation.name,
                )
            ),
            Choices(choices),
            Note(_("In words, put {name} before the command.", name=Code(said))),
        ),
        private=True,
    )


def kept_private(reply: Reply, organisation: Organisation) -> Reply:
    """Return an answer for its reader alone, saying why."""
    why = _(
        "People outside {organisation} can read this place, so this is for you alone.",
        organisation=organisation.name,
    )
    return replace(reply, private=True, blocks=(*reply.blocks, Note(why)))
