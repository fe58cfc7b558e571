"""The bytes of files: taken in the second step of an upload, given to who may read them."""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_request import FileField

from tests.support.slack.apps import Bot
from tests.support.slack.places import Team
from tests.support.slack.records import File
from tests.support.slack.world import World


async def upload(world: World, request: web.Request) -> web.Response:
    """Take the bytes of a file for which an upload was begun."""
    file = world.files.get(request.match_info["file"])
    if file is None or file.complete:
        return web.Response(status=404, text="not found")
    if request.content_type == "multipart/form-data":
        parts = (await request.post()).values()
        file.data = next((each.file.read() for each in parts if isinstance(each, FileField)), b"")
    else:
        file.data = await request.read()
    return web.Response(text=f"OK - {len(file.data)}")


async def download(world: World, request: web.Request) -> web.Response:
    """Give the bytes of a file; who may not read it is sent to the sign-in page, as by Slack."""
    team_id, _, file_id = request.match_info["file"].partition("-")
    file = world.files.get(file_id)
    bot = _reader(world, request)
    allowed = bot is not None and bot.team.id == team_id and "files:read" in bot.scopes
    if file is None or not allowed or bot is None or not _visible(file, bot, bot.team):
        return web.Response(status=302, headers={"Location": f"{world.url}/signin"})
    if file.deleted:
        return web.Response(status=404)
    return web.Response(body=file.data, content_type="application/octet-stream")


async def sign_in(_request: web.Request) -> web.Response:
    """Show the page that people see who are not signed in."""
    return web.Response(
        text="<!DOCTYPE html><html>Sign in to Slack</html>", content_type="text/html"
    )


def _reader(world: World, request: web.Request) -> Bot | None:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    bots = (bot for app in world.apps for bot in app.bots)
    return next((bot for bot in bots if bot.token == token and not bot.refusal), None)


def _visible(file: File, bot: Bot, team: Team) -> bool:
    shown = {place for places in file.shares.values() for place in places}
    return file.owner == bot.user_id or any(
        channel.id in shown and bot.user_id in channel.members for channel in team.channels
    )
