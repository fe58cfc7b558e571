"""In which language somebody is spoken to."""

from __future__ import annotations

from chatops.conversation.addresses import Member
from chatops.language import LANGUAGES, Language, Speaker
from chatops.organisations.records import Organisation, Person


def speaker_for(
    organisation: Organisation, person: Person, member: Member, *, private: bool
) -> Speaker:
    """Return who speaks to a person: their choice wins, then the organisation's.

    What the platform knows of a member counts only where nobody else reads along.
    """
    if person.language is not None:
        return Speaker(person.language)
    known = language_of(member) if private else None
    return Speaker(known or organisation.language)


def language_of(member: Member) -> Language | None:
    """Return the language that the platform knows of a member, if it is one of ours."""
    tag = member.language.lower().replace("_", "-").partition("-")[0]
    return next((language for language in LANGUAGES if language == tag), None)
