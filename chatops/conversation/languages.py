"""In which language somebody is spoken to."""

from __future__ import annotations

from chatops.conversation.addresses import Member
from chatops.language import LANGUAGES, Language, Speaker
from chatops.organisations.records import Person


def speaker_for(spoken: Language, person: Person, member: Member, *, private: bool) -> Speaker:
    """Return who speaks to a person: their choice wins, then what is spoken here.

    What the platform knows of a member counts only where nobody else reads along.

    Args:
        spoken: The language of the organisation or, where there is none, of the installation.
    """
    if person.language is not None:
        return Speaker(person.language)
    known = language_of(member) if private else None
    return Speaker(known or spoken)


def language_of(member: Member) -> Language | None:
    """Return the language that the platform knows of a member, if it is one of ours."""
    tag = member.language.lower().replace("_", "-").partition("-")[0]
    return next((language for language in LANGUAGES if language == tag), None)
