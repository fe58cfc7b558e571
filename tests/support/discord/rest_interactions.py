"""The routes with which an application answers interactions."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.discord import message_shapes, messages
from tests.support.discord.asking import Asked, Reply, Route, ok
from tests.support.discord.drafts import Draft
from tests.support.discord.interactions import FIRST_ANSWER, Answer, Interaction, InteractionKind
from tests.support.discord.message_rules import modal_problems
from tests.support.discord.records import Json, Message, MessageFlag, MessageKind
from tests.support.discord.refusals import (
    ACKNOWLEDGED,
    INVALID_TOKEN,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Refusal,
    invalid,
    problem,
)

_TO_COMPONENTS = frozenset(
    {Answer.MESSAGE, Answer.DEFERRED, Answer.DEFERRED_UPDATE, Answer.UPDATE, Answer.MODAL}
)
_ALLOWED = {
    InteractionKind.COMMAND: frozenset({Answer.MESSAGE, Answer.DEFERRED, Answer.MODAL}),
    InteractionKind.COMPONENT: _TO_COMPONENTS,
    InteractionKind.AUTOCOMPLETE: frozenset({Answer.CHOICES}),
    InteractionKind.MODAL: frozenset({Answer.MESSAGE, Answer.DEFERRED}),
}
_ON_A_MESSAGE = frozenset({Answer.DEFERRED_UPDATE, Answer.UPDATE})


def _callback(asked: Asked) -> Reply:
    interaction = asked.world.interactions.get(asked.path["interaction_id"])
    if interaction is None or interaction.token != asked.path["interaction_token"]:
        raise Refusal(UNKNOWN_INTERACTION)
    if interaction.answered:
        raise Refusal(ACKNOWLEDGED)
    if interaction.age > FIRST_ANSWER:
        raise Refusal(UNKNOWN_INTERACTION)
    answer = _kind_of_answer(asked.body["type"], interaction)
    _ANSWERS[answer](interaction, Draft(asked.body.get("data") or {}, asked.files))
    interaction.answer, interaction.latency = answer, interaction.age
    interaction.settled.set()
    asked.world.touch()
    if asked.query.get("with_response", "").lower() not in ("true", "1"):
        return Reply()
    return ok(_answered(interaction, answer))


def _kind_of_answer(number: int, interaction: Interaction) -> Answer:
    allowed = _ALLOWED[interaction.kind]
    if interaction.kind is InteractionKind.MODAL and interaction.message is not None:
        allowed |= _ON_A_MESSAGE
    for answer in allowed:
        if answer == number:
            return answer
    raise invalid(problem(("type",), f"{number} does not answer {interaction.kind.name}."))


def _answered(interaction: Interaction, answer: Answer) -> Json:
    channel = interaction.channel
    about: Json = {
        "id": interaction.id,
        "type": int(interaction.kind),
        "channel_id": channel.id,
    }
    if channel.guild is not None:
        about["guild_id"] = channel.guild.id
    message = interaction.response
    if message is None or answer is Answer.DEFERRED_UPDATE:
        return {"interaction": about}
    about |= {
        "response_message_id": message.id,
        "response_message_loading": interaction.thinking,
        "response_message_ephemeral": message.reader is not None,
    }
    kind = int(Answer.UPDATE if answer is Answer.UPDATE else Answer.MESSAGE)
    shape = message_shapes.message(message, interaction.application)
    return {"interaction": about, "resource": {"type": kind, "message": shape}}


def _message(interaction: Interaction, draft: Draft) -> None:
    interaction.response = _post(interaction, draft, first=True)


def _deferred(interaction: Interaction, draft: Draft) -> None:
    asked = MessageFlag(draft.body.get("flags") or 0) & MessageFlag.EPHEMERAL
    interaction.response = _post(
        interaction, Draft({"flags": int(asked | MessageFlag.LOADING)}), first=True
    )
    interaction.thinking = True


def _deferred_update(interaction: Interaction, _: Draft) -> None:
    interaction.response = interaction.message


def _update(interaction: Interaction, draft: Draft) -> None:
    assert interaction.message is not None
    messages.edit(interaction.message, draft)
    interaction.response = interaction.message


def _choices(interaction: Interaction, draft: Draft) -> None:
    interaction.choices = draft.body.get("choices") or []


def _modal(interaction: Interaction, draft: Draft) -> None:
    problems = modal_problems(draft.body)
    if problems:
        raise invalid(*problems)
    interaction.modal = draft.body
    interaction.world.people[interaction.user.id].show(interaction)


_ANSWERS: dict[Answer, Callable[[Interaction, Draft], None]] = {
    Answer.MESSAGE: _message,
    Answer.DEFERRED: _deferred,
    Answer.DEFERRED_UPDATE: _deferred_update,
    Answer.UPDATE: _update,
    Answer.CHOICES: _choices,
    Answer.MODAL: _modal,
}


def _post(interaction: Interaction, draft: Draft, *, first: bool) -> Message:
    command = first and interaction.kind is InteractionKind.COMMAND
    return messages.post(
        interaction.channel,
        interaction.application.bot,
        draft,
        kind=MessageKind.CHAT_INPUT_COMMAND if command else MessageKind.DEFAULT,
        answers=interaction.message if first else interaction.response,
        interaction=interaction,
    )


def _interaction(asked: Asked) -> Interaction:
    """Return the interaction of a token, once it was answered."""
    interaction = asked.world.tokens.get(asked.path["webhook_token"])
    if interaction is None or interaction.over:
        raise Refusal(INVALID_TOKEN)
    if interaction.application.id != asked.path["webhook_id"]:
        raise Refusal(UNKNOWN_WEBHOOK, violation=True)
    if not interaction.answered or interaction.kind is InteractionKind.AUTOCOMPLETE:
        raise Refusal(UNKNOWN_WEBHOOK)
    return interaction


def _original(asked: Asked) -> Message:
    interaction = _interaction(asked)
    message = interaction.response
    if message is None or message.id not in interaction.channel.messages:
        raise Refusal(UNKNOWN_MESSAGE)
    return message


def _own_message(asked: Asked) -> Message:
    interaction = _interaction(asked)
    for message in interaction.messages:
        if message.id == asked.path["message_id"]:
            return message
    raise Refusal(UNKNOWN_MESSAGE)


def _follow_up(asked: Asked) -> Reply:
    interaction = _interaction(asked)
    message = interaction.response
    if interaction.thinking and message is not None:
        interaction.thinking = False
        messages.edit(message, asked.draft)
    else:
        message = _post(interaction, asked.draft, first=False)
        interaction.followups.append(message)
    return ok(message_shapes.message(message, interaction.application))


def _get_original(asked: Asked) -> Reply:
    return ok(message_shapes.message(_original(asked), _interaction(asked).application))


def _edit_original(asked: Asked) -> Reply:
    interaction, message = _interaction(asked), _original(asked)
    messages.edit(message, asked.draft)
    interaction.thinking = False
    return ok(message_shapes.message(message, interaction.application))


def _delete_original(asked: Asked) -> Reply:
    messages.delete(_original(asked))
    _interaction(asked).thinking = False
    return Reply()


def _get(asked: Asked) -> Reply:
    return ok(message_shapes.message(_own_message(asked), _interaction(asked).application))


def _edit(asked: Asked) -> Reply:
    message = _own_message(asked)
    messages.edit(message, asked.draft)
    return ok(message_shapes.message(message, _interaction(asked).application))


def _delete(asked: Asked) -> Reply:
    messages.delete(_own_message(asked))
    return Reply()


_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ORIGINAL = f"{_WEBHOOK}/messages/@original"
_ONE = f"{_WEBHOOK}/messages/{{message_id}}"

ROUTES = (
    Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        _callback,
        bot=False,
    ),
    Route("POST", _WEBHOOK, _follow_up, bot=False),
    Route("GET", _ORIGINAL, _get_original, bot=False),
    Route("PATCH", _ORIGINAL, _edit_original, bot=False),
    Route("DELETE", _ORIGINAL, _delete_original, bot=False),
    Route("GET", _ONE, _get, bot=False),
    Route("PATCH", _ONE, _edit, bot=False),
    Route("DELETE", _ONE, _delete, bot=False),
)
