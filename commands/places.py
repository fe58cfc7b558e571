"""`places`: where the organisation is at home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Struct

from chatops.conversation.command import (
    Blueprint,
    Call,
    Command,
    Effect,
    Names,
    Nothing,
    Parameter,
)
from chatops.conversation.kinds import Flag, Number
from chatops.conversation.reply import Choice, Choices, Heading, Listing, Note, Paragraph, Reply
from chatops.language import Code, Conflict, Missing, Series, Text, Value, _
from chatops.organisations.people import People
from chatops.organisations.places import EVERYWHERE, Places
from chatops.organisations.records import HeldPlace, Role, Spot

blueprint = Blueprint()

PLACES = Names("places", "salons")


class Here(Struct, frozen=True):
    """What `places add` and `places home` are told."""

    sure: Annotated[
        bool,
        Parameter(
            Names("sure", "certain"),
            Flag(),
            _("Whether to go on although others read the place."),
            named=True,
        ),
    ] = False


class Which(Struct, frozen=True):
    """A place by its number; this one where none is given."""

    number: Annotated[
        int | None,
        Parameter(Names("number", "numéro"), Number(1), _("The place's number; else this one.")),
    ] = None


async def show(call: Call, _nothing: Nothing) -> Reply:
    """List the organisation's places."""
    held = await _held(call)
    lines = tuple(_line(place, call.place.spot) for place in held)
    shown = Listing(lines) if lines else Paragraph(_("It has no place yet."))
    return Reply(
        (
            Heading(_("Places of {organisation}", organisation=call.organisation.name)),
            shown,
            Note(
                _(
                    "{add} adds the place in which it is typed; {home} makes it the home, where "
                    "everything is told that nobody asked for.",
                    add=Code("/quitx places add"),
                    home=Code("/quitx places home"),
                )
            ),
        ),
        private=True,
    )


async def add(call: Call, here: Here) -> Reply:
    """Add this place."""
    if warning := _unfit(call, here, "add"):
        return warning
    if not await call.service(Places).give(call.organisation.id, call.place.spot):
        return Reply(
            (
                Paragraph(
                    _(
                        "This place belongs to {organisation} already.",
                        organisation=call.organisation.name,
                    )
                ),
            )
        )
    added = _("This place now belongs to {organisation}.", organisation=call.organisation.name)
    return Reply((Paragraph(added),))


async def home(call: Call, here: Here) -> Reply:
    """Make this place the home."""
    if warning := _unfit(call, here, "home"):
        return warning
    await call.service(Places).settle(call.organisation.id, call.place.spot)
    return Reply(
        (
            Paragraph(
                _(
                    "This is now the home of {organisation}: what nobody asked for is told here.",
                    organisation=call.organisation.name,
                )
            ),
        )
    )


async def remove(call: Call, which: Which) -> Reply:
    """Let a place go."""
    held = await _held(call)
    place = _named(held, which.number, call.place.spot)
    if place.home:
        raise Conflict(
            _("This is the home of {organisation}.", organisation=call.organisation.name),
            _("Make another place the home first: {command}.", command=Code("/quitx places home")),
        )
    await call.service(Places).remove(place)
    gone = _(
        "{place} no longer belongs to {organisation}.",
        place=_shown(place.spot),
        organisation=call.organisation.name,
    )
    if place.spot != call.place.spot:
        back = _("To take it back, type {command} there.", command=Code("/quitx places add"))
        return Reply((Paragraph(gone), Note(back)))
    return Reply((Paragraph(gone), Choices((Choice(_("Take it back"), "places add"),))))


async def _held(call: Call) -> Sequence[HeldPlace]:
    """Return the places that can be changed: the terminal always is one."""
    people = call.service(People)
    held = await call.service(Places).of(call.organisation.id)
    return [place for place in held if not people.trusts(place.spot.platform)]


def _unfit(call: Call, here: Here, action: str) -> Reply | None:
    """Return a warning where others read the place.

    Raises:
        Conflict: It is a direct conversation.
    """
    if call.place.direct:
        raise Conflict(
            _("A direct conversation is nobody's but yours."),
            _("Type it in the channel or room that you mean."),
        )
    if not call.place.shared or here.sure:
        return None
    return Reply(
        (
            Paragraph(
                _(
                    "People outside {organisation} can read this place. Drafts and requests would "
                    "stand here.",
                    organisation=call.organisation.name,
                )
            ),
            Choices((Choice(_("Go on anyway"), f"places {action} sure=yes"),)),
        ),
        private=True,
    )


def _named(held: Sequence[HeldPlace], number: int | None, here: Spot) -> HeldPlace:
    for place in held:
        if place.id == number or (number is None and place.spot == here):
            return place
    raise Missing(
        _("This is none of its places.") if number is None else _("No place has this number."),
        _("{command} lists them with their numbers.", command=Code("/quitx places")),
    )


def _line(place: HeldPlace, here: Spot) -> Text:
    marks: list[Text] = []
    if place.spot == here:
        marks.append(_("here"))
    if place.home:
        marks.append(_("home"))
    if place.lost:
        marks.append(_("I cannot speak there"))
    values: dict[str, Value] = {"number": str(place.id), "place": _shown(place.spot)}
    if not marks:
        return _("{number}: {place}", **values)
    return _("{number}: {place} ({marks})", marks=Series(tuple(marks)), **values)


def _shown(spot: Spot) -> Text:
    if spot.channel == EVERYWHERE:
        return _("everywhere in {workspace}", workspace=Code(spot.workspace or spot.platform))
    return _("{place}", place=Code(f"{spot.platform} {spot.channel}"))


blueprint.add(
    Command(
        path=(PLACES,),
        summary=_("See the organisation's places."),
        parameters=Nothing,
        run=show,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(PLACES, Names("add", "ajouter")),
        summary=_("Let this place belong to the organisation, too."),
        parameters=Here,
        run=add,
        role=Role.ADMIN,
        effect=Effect.INSIDE,
        elsewhere=True,
    )
)
blueprint.add(
    Command(
        path=(PLACES, Names("home", "accueil")),
        summary=_("Make this place the one in which the organisation is told its news."),
        parameters=Here,
        run=home,
        role=Role.ADMIN,
        effect=Effect.INSIDE,
        elsewhere=True,
    )
)
blueprint.add(
    Command(
        path=(PLACES, Names("remove", "retirer")),
        summary=_("Let a place go; nothing that was done is lost."),
        parameters=Which,
        run=remove,
        role=Role.ADMIN,
        effect=Effect.INSIDE,
    )
)
