"""The Web API of the Slack double against the untouched SDK: what it does and what it refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable

import aiohttp
import pytest

from tests.support.slack import Channel, Impossible, SlackServer
from tests.support.slack.records import Json
from tests.support.slack.trial import BUTTONS, Stage, error_of, refused, staged, told


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


# Tokens, methods, scopes.


async def test_a_token_says_who_asks(stage: Stage) -> None:
    response = await stage.client.auth_test()
    answer = await told(stage.client.auth_test())
    assert (answer["team_id"], answer["user_id"]) == (stage.team.id, stage.bot.user_id)
    assert "chat:write" in response.headers["x-oauth-scopes"]
    assert await error_of(stage.as_token("xoxb-other").auth_test()) == "invalid_auth"
    assert await error_of(stage.as_token("").auth_test()) == "not_authed"


async def test_sockets_are_opened_with_the_app_token_only(stage: Stage) -> None:
    url = (await told(stage.client.apps_connections_open(app_token=stage.app.token)))["url"]
    assert url.startswith("ws://127.0.0.1:")
    wrong = stage.client.apps_connections_open(app_token=stage.bot.token)
    assert await error_of(wrong) == "not_allowed_token_type"
    said = stage.as_token(stage.app.token).chat_postMessage(channel="C1", text="a")
    assert await error_of(said) == "not_allowed_token_type"


async def test_a_method_that_is_not_known_is_a_violation(stage: Stage) -> None:
    assert await error_of(stage.client.api_call("chat.shout")) == "unknown_method"
    (violation,) = stage.server.take_violations()
    assert (violation.kind, "chat.shout" in violation.detail) == ("method", True)


async def test_an_argument_that_is_not_known_is_a_violation(stage: Stage) -> None:
    await stage.client.api_call("users.list", params={"sort": "name"})
    (violation,) = stage.server.take_violations()
    assert violation.detail == "users.list takes no sort"


async def test_a_scope_that_was_never_granted_is_a_violation(stage: Stage) -> None:
    stage.bot.scopes = {"chat:write"}
    answer = await refused(stage.client.users_info(user=stage.amal.id))
    assert answer["error"] == "missing_scope"
    assert (answer["needed"], answer["provided"]) == ("users:read", "chat:write")
    assert [each.kind for each in stage.server.take_violations()] == ["scope"]


async def test_a_scope_that_was_taken_away_is_none(stage: Stage) -> None:
    stage.bot.lose("users:read", "groups:read")
    assert await error_of(stage.client.users_info(user=stage.amal.id)) == "missing_scope"
    private = stage.team.channel("board", stage.amal, stage.bot, private=True)
    assert await error_of(stage.client.conversations_info(channel=private.id)) == "missing_scope"
    await stage.client.conversations_info(channel=stage.general.id)
    assert stage.server.violations == []


async def test_arguments_come_in_the_query_the_form_and_json(stage: Stage) -> None:
    seen = await stage.said(blocks=json.dumps(BUTTONS))
    await stage.client.reactions_add(channel=stage.general.id, timestamp=seen.ts, name="eyes")
    answer = await told(stage.client.reactions_get(channel=stage.general.id, timestamp=seen.ts))
    assert answer["message"]["reactions"] == [
        {"name": "eyes", "users": [stage.bot.user_id], "count": 1}
    ]
    assert seen.buttons == ("Start",)


async def test_revoked_and_removed_tokens_are_refused_by_name(stage: Stage) -> None:
    stage.bot.refuse("invalid_auth")
    assert await error_of(stage.client.auth_test()) == "invalid_auth"
    stage.bot.refuse("")
    await stage.client.auth_revoke()
    assert await error_of(stage.client.auth_test()) == "token_revoked"
    stage.bot.uninstall()
    assert await error_of(stage.client.auth_test()) == "account_inactive"
    stage.app.revoke()
    opened = stage.client.apps_connections_open(app_token=stage.app.token)
    assert await error_of(opened) == "invalid_auth"


async def test_two_workspaces_are_told_apart_by_their_tokens(stage: Stage) -> None:
    other = stage.server.team("Les Voisins")
    there = other.install(stage.app)
    client = stage.as_token(there.token)
    assert (await told(client.team_info()))["team"]["name"] == "Les Voisins"
    said = client.chat_postMessage(channel=stage.general.id, text="a")
    assert await error_of(said) == "channel_not_found"


# Messages.


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "a" * 40_001}, "msg_too_long"),
        ({"text": "a", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": "a", "blocks": "words"}, "invalid_blocks_format"),
        (
            {
                "text": "a",
                "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "a" * 3000}}]
                * 5,
            },
            "msg_blocks_too_long",
        ),
        ({"text": "a", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ],
)
async def test_what_is_no_message_is_refused_and_kept(
    stage: Stage, given: Json, error: str
) -> None:
    said = stage.client.api_call("chat.postMessage", json={"channel": stage.general.id, **given})
    assert await error_of(said) == error
    assert [each.kind for each in stage.server.take_violations()] == ["blocks"]
    assert stage.amal.seen(stage.general) == []


async def test_invalid_blocks_are_answered_as_slack_answers(stage: Stage) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "a" * 151}}]
    answer = await refused(
        stage.client.chat_postMessage(channel=stage.general.id, text="a", blocks=blocks)
    )
    sentence = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [sentence]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {sentence}"]
    stage.server.take_violations()


async def test_the_server_fails_at_its_end_when_a_violation_was_not_expected() -> None:
    async def careless() -> None:
        async with (
            SlackServer() as server,
            aiohttp.ClientSession() as session,
            session.post(f"{server.api_url}chat.shout"),
        ):
            pass

    with pytest.raises(AssertionError, match=r"chat\.shout"):
        await careless()


async def test_nobody_speaks_where_they_may_not(stage: Stage) -> None:
    async def speak(channel: Channel) -> str:
        return await error_of(stage.client.chat_postMessage(channel=channel.id, text="a"))

    stage.bot.lose("chat:write.public")
    assert await speak(stage.team.channel("far")) == "not_in_channel"
    assert await speak(stage.team.channel("secret", private=True)) == "channel_not_found"
    stage.general.read_only = True
    assert await speak(stage.general) == "restricted_action"
    stage.general.archive()
    assert await speak(stage.general) == "is_archived"
    stage.general.delete()
    assert await speak(stage.general) == "channel_not_found"


async def test_a_message_is_read_as_people_read_it(stage: Stage) -> None:
    seen = await stage.said("Hello <!here>", blocks=BUTTONS)
    assert (seen.text, seen.notification, seen.author) == ("Status of <us>", "Hello @here", "QuitX")
    assert (set(seen.pings), seen.formatted) == ({"here"}, ("Status",))
    assert [message.ts for message, _ in stage.server.pings()] == [seen.ts]
    await stage.client.api_call(
        "chat.postMessage", json={"channel": stage.general.id, "blocks": BUTTONS}
    )
    assert len(stage.server.textless()) == 1


async def test_a_thread_needs_its_first_message(stage: Stage) -> None:
    seen = await stage.said()
    reply = await stage.said("In the thread", thread_ts=seen.ts)
    assert [each.ts for each in stage.amal.seen(stage.general, seen)] == [seen.ts, reply.ts]
    replies = await told(stage.client.conversations_replies(channel=stage.general.id, ts=seen.ts))
    assert [each["text"] for each in replies["messages"]] == ["Status", "In the thread"]
    history = await told(stage.client.conversations_history(channel=stage.general.id))
    assert [each["text"] for each in history["messages"]] == ["Status"]
    lost = stage.client.chat_postMessage(channel=stage.general.id, text="a", thread_ts="1.2")
    assert await error_of(lost) == "thread_not_found"


async def test_metadata_is_kept_and_read_back_when_asked_for(stage: Stage) -> None:
    metadata = {"event_type": "quitx", "event_payload": {"key": "k1"}}
    await stage.said(metadata=metadata)
    bare = await told(stage.client.conversations_history(channel=stage.general.id))
    assert "metadata" not in bare["messages"][0]
    whole = await told(
        stage.client.conversations_history(channel=stage.general.id, include_all_metadata=True)
    )
    assert whole["messages"][0]["metadata"] == metadata


async def test_only_own_messages_are_changed_and_removed(stage: Stage) -> None:
    own = await stage.said(blocks=BUTTONS)
    place = stage.general.id
    await stage.client.chat_update(channel=place, ts=own.ts, text="Done")
    (seen,) = stage.amal.seen(stage.general)
    assert (seen.edited, seen.notification, seen.buttons) == (True, "Done", ("Start",))
    theirs = await stage.amal.post(stage.general, "mine")
    update = stage.client.chat_update(channel=place, ts=theirs.ts, text="a")
    assert await error_of(update) == "cant_update_message"
    delete = stage.client.chat_delete(channel=place, ts=theirs.ts)
    assert await error_of(delete) == "cant_delete_message"
    long = stage.client.chat_update(channel=place, ts=own.ts, text="a" * 4_001)
    assert await error_of(long) == "msg_too_long"
    await stage.client.chat_delete(channel=place, ts=own.ts)
    gone = stage.client.chat_update(channel=place, ts=own.ts, text="a")
    assert await error_of(gone) == "message_not_found"
    stage.server.take_violations()


async def test_an_ephemeral_message_has_one_reader_and_no_history(stage: Stage) -> None:
    benoit = stage.team.person("Benoît")
    stage.general.invite(benoit)
    answer = await told(
        stage.client.chat_postEphemeral(
            channel=stage.general.id, user=stage.amal.id, text="Only you"
        )
    )
    seen = await stage.amal.until(stage.general, "Only you")
    assert seen.ephemeral
    assert benoit.seen(stage.general) == []
    ts = answer["message_ts"]
    update = stage.client.chat_update(channel=stage.general.id, ts=ts, text="a")
    assert await error_of(update) == "message_not_found"
    with pytest.raises(Impossible):
        await stage.amal.react(seen, "eyes")
    stage.amal.reload()
    assert stage.amal.seen(stage.general) == []
    out = stage.client.chat_postEphemeral(channel=stage.general.id, user="U0", text="a")
    assert await error_of(out) == "user_not_in_channel"


async def test_reactions_stand_once(stage: Stage) -> None:
    place, ts = stage.general.id, (await stage.said()).ts

    def add(name: str, at: str = ts) -> Awaitable[object]:
        return stage.client.reactions_add(channel=place, timestamp=at, name=name)

    await add("+1")
    assert await error_of(add("+1")) == "already_reacted"
    assert await error_of(add("👍")) == "invalid_name"
    assert await error_of(add("eyes", "1.2")) == "message_not_found"
    remove = stage.client.reactions_remove(channel=place, timestamp=ts, name="eyes")
    assert await error_of(remove) == "no_reaction"


async def test_a_link_to_a_message_is_given(stage: Stage) -> None:
    seen = await stage.said()
    link = await told(stage.client.chat_getPermalink(channel=stage.general.id, message_ts=seen.ts))
    assert link["permalink"].endswith(f"/p{seen.ts.replace('.', '')}")


# People and places.


async def test_a_language_is_told_when_asked_for(stage: Stage) -> None:
    bare = await told(stage.client.users_info(user=stage.amal.id))
    assert "locale" not in bare["user"]
    answer = await told(stage.client.users_info(user=stage.amal.id, include_locale=True))
    assert answer["user"]["locale"] == "fr-FR"
    assert await error_of(stage.client.users_info(user="U0")) == "user_not_found"


async def test_guests_strangers_and_leavers_are_known(stage: Stage) -> None:
    guest, stranger = stage.team.person("Guy", guest=True), stage.team.person("Zoé", stranger=True)
    stage.general.invite(guest, stranger)
    await stage.amal.leave_workspace()
    users = {each["id"]: each for each in (await told(stage.client.users_list()))["members"]}
    assert users[guest.id]["is_restricted"]
    assert users[stranger.id]["is_stranger"]
    assert users[stage.amal.id]["deleted"]
    members = (await told(stage.client.conversations_members(channel=stage.general.id)))["members"]
    assert set(members) == {guest.id, stranger.id, stage.bot.user_id}
    info = await told(stage.client.conversations_info(channel=stage.general.id))
    assert info["channel"]["is_ext_shared"]
    assert await error_of(stage.client.conversations_open(users=stage.amal.id)) == "user_disabled"


async def test_a_direct_conversation_is_opened_and_spoken_in(stage: Stage) -> None:
    opened = (await told(stage.client.conversations_open(users=stage.amal.id)))["channel"]["id"]
    assert opened == stage.amal.dm().id
    await stage.client.chat_postMessage(channel=stage.amal.id, text="Just us")
    assert [each.text for each in stage.amal.seen(stage.amal.dm())] == ["Just us"]
    info = (await told(stage.client.conversations_info(channel=opened)))["channel"]
    assert (info["is_im"], info["user"]) == (True, stage.amal.id)


async def test_lists_come_in_pages(stage: Stage) -> None:
    for number in range(5):
        stage.team.person(f"Person {number}")
    page = await told(stage.client.users_list(limit=4))
    rest = await told(
        stage.client.users_list(limit=4, cursor=page["response_metadata"]["next_cursor"])
    )
    assert (len(page["members"]), len(rest["members"])) == (4, 3)
    assert rest["response_metadata"]["next_cursor"] == ""


# Files.


async def test_an_upload_is_shown_a_moment_later(stage: Stage) -> None:
    answer = await told(
        stage.client.files_upload_v2(
            channel=stage.general.id, filename="a.txt", content="hello", initial_comment="Here"
        )
    )
    assert answer["file"]["shares"] == {}
    seen = await stage.amal.until(stage.general, "Here")
    assert seen.files == ("a.txt",)
    info = await told(stage.client.files_info(file=answer["file"]["id"]))
    assert info["file"]["shares"]["public"][stage.general.id][0]["ts"] == seen.ts


async def test_a_file_is_read_with_a_token_that_may(stage: Stage) -> None:
    seen = await stage.amal.post(stage.general, "Mine", files=[("a.zip", b"PK")])
    url = seen.raw["files"][0]["url_private_download"]

    async def fetched(token: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}"}
        async with stage.session.get(url, headers=headers) as answer:
            return answer.status, await answer.read()

    assert await fetched(stage.bot.token) == (200, b"PK")
    # Slack shows its page for signing in, with status 200.
    assert b"Sign in" in (await fetched("xoxb-other"))[1]
    stage.bot.lose("files:read")
    assert b"Sign in" in (await fetched(stage.bot.token))[1]


async def test_files_of_others_are_not_removed(stage: Stage) -> None:
    seen = await stage.amal.post(stage.general, "Mine", files=[("a.zip", b"PK")])
    theirs = seen.raw["files"][0]["id"]
    assert await error_of(stage.client.files_delete(file=theirs)) == "cant_delete_file"
    await stage.amal.delete(seen)


async def test_in_a_shared_channel_only_the_id_of_a_file_is_told(stage: Stage) -> None:
    stage.general.share()
    seen = await stage.amal.post(stage.general, "Mine", files=[("a.zip", b"PK")])
    (file,) = seen.raw["files"]
    assert file["file_access"] == "check_file_info"
    info = await told(stage.client.files_info(file=file["id"]))
    assert info["file"]["name"] == "a.zip"
