"""Files: the three steps of an upload, and what becomes of a file."""

from __future__ import annotations

import asyncio

from tests.support.slack import conversing, describing
from tests.support.slack.places import Channel
from tests.support.slack.records import File, Json, Message
from tests.support.slack.saying import Unacceptable, content
from tests.support.slack.web_api.asked import Asked, Refused, method

SHARING_SECONDS = 0.02
"""How long after the last step of an upload the message with the file stands."""


@method(
    "files.getUploadURLExternal", "filename length alt_txt snippet_type", scopes=("files:write",)
)
def upload_url(asked: Asked) -> Json:
    """Return where the bytes of a new file go."""
    name, length = asked.required("filename"), asked.number("length", 0)
    if length <= 0:
        raise Refused("invalid_arguments")
    file = asked.world.new_file(asked.team, name, asked.bot.user_id)
    file.announced = length
    return {"file_id": file.id, "upload_url": f"{asked.world.url}/upload/v1/{file.id}"}


@method(
    "files.completeUploadExternal",
    "files channel_id channels thread_ts initial_comment blocks",
    scopes=("files:write",),
)
async def complete_upload(asked: Asked) -> Json:
    """Finish an upload; the message that shows it comes a moment later, as Slack's does."""
    given = asked.args.get("files")
    if not isinstance(given, list) or not given:
        raise Refused("invalid_arguments")
    files = [_uploaded(asked, entry) for entry in given]
    targets = [each for each in asked.words("channels").split(",") if each]
    for target in targets or [asked.words("channel_id")]:
        if target:
            _share(asked, target, files)
    for file in files:
        file.complete = True
    return {"files": [describing.file(file) for file in files]}


@method("files.info", "file cursor limit page count", scopes=("files:read",))
def files_info(asked: Asked) -> Json:
    """Tell what a file is and where it is shown."""
    return {"file": describing.file(_file(asked))}


@method("files.delete", "file", scopes=("files:write",))
def files_delete(asked: Asked) -> Json:
    """Remove a file of the bot's own: those of others it cannot."""
    file = _file(asked)
    if file.owner != asked.bot.user_id:
        raise Refused("cant_delete_file")
    file.deleted = True
    asked.team.announce({"type": "file_deleted", "file_id": file.id})
    return {}


def _file(asked: Asked) -> File:
    file = asked.world.files.get(asked.required("file"))
    if file is None or file.team_id != asked.team.id:
        raise Refused("file_not_found")
    if file.deleted:
        raise Refused("file_deleted")
    places = {place for places in file.shares.values() for place in places}
    seen = any(
        asked.bot.user_id in channel.members
        for channel in asked.team.channels
        if channel.id in places
    )
    if file.owner != asked.bot.user_id and not seen:
        raise Refused("file_not_found")
    return file


def _uploaded(asked: Asked, entry: Json) -> File:
    file = asked.world.files.get(str(entry.get("id")))
    if file is None or file.owner != asked.bot.user_id or file.complete:
        raise Refused("file_not_found")
    if len(file.data) != file.announced:
        asked.world.accuse("argument", f"{file.name}: {file.announced} bytes were announced")
        raise Refused("file_update_failed")
    file.title = str(entry.get("title") or file.name)
    return file


def _share(asked: Asked, target: str, files: list[File]) -> None:
    channel = asked.team.find(target)
    if channel is None or (channel.private and asked.bot.user_id not in channel.members):
        raise Refused("channel_not_found")
    if asked.bot.user_id not in channel.members:
        raise Refused("not_in_channel")
    asked.writable(channel)
    try:
        told = content(
            asked.world,
            {
                "text": asked.words("initial_comment"),
                "blocks": None if asked.words("initial_comment") else asked.args.get("blocks"),
            },
            origin=asked.method,
        )
    except Unacceptable as refused:
        raise Refused(refused.error, **refused.details()) from None
    if any(block["type"] == "markdown" for block in told.get("blocks", ())):
        raise Refused("internal_error")
    asked.world.later(_shown(asked, channel, files, told))


async def _shown(asked: Asked, channel: Channel, files: list[File], told: Json) -> None:
    await asyncio.sleep(SHARING_SECONDS)
    parent = channel.find(asked.words("thread_ts")) if asked.words("thread_ts") else None
    conversing.post(
        channel,
        Message(
            ts=asked.world.names.timestamp(),
            channel_id=channel.id,
            user=asked.bot.user_id,
            bot_id=asked.bot.bot_id,
            app_id=asked.app.id,
            files=list(files),
            subtype="file_share",
            thread_ts=parent.root if parent else "",
            **told,
        ),
    )
