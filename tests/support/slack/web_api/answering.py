"""A request to the Web API from the first byte to the last: arguments, token, scopes, faults."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import TypeAlias

from aiohttp import web

from tests.support.slack.apps import App, Bot
from tests.support.slack.faults import Rule
from tests.support.slack.records import Call, Json
from tests.support.slack.web_api import METHODS
from tests.support.slack.web_api.asked import Asked, Refused
from tests.support.slack.world import World

Done: TypeAlias = tuple[web.Response, Json]
_STRUCTURED = ("blocks", "attachments", "view", "files", "metadata", "users")


@dataclass(frozen=True)
class Asking:
    """What is asked, under the name by which faults and records know it."""

    name: str
    args: Json
    token: str = ""


async def answer(world: World, request: web.Request) -> web.StreamResponse:
    """Answer one call of a method."""
    name = request.match_info["method"]
    args = await arguments(request)
    token = _token(request, args)

    async def do() -> Done:
        told, headers = await _done(world, name, args, token)
        return web.json_response(told, headers=headers), told

    return await guarded(world, request, Asking(name, args, token), do)


async def guarded(
    world: World, request: web.Request, asking: Asking, do: Callable[[], Awaitable[Done]]
) -> web.StreamResponse:
    """Do what is asked and keep the call, or let the fault strike that a test asked for."""
    fault = world.faults.taken(asking.name, asking.args)
    told: Json
    match fault:
        case Rule(kind="drop request"):
            _record(world, asking, 0, {"error": "dropped before"})
            return cut(request)
        case Rule(kind="status"):
            told = {"ok": False, "error": fault.error or f"status {fault.status}"}
            _record(world, asking, fault.status, told)
            return _broken(fault)
        case Rule(kind="error"):
            told = {"ok": False, "error": fault.error}
            _record(world, asking, 200, told)
            return web.json_response(told)
        case Rule(kind="delay"):
            await asyncio.sleep(fault.seconds)
    response, told = await do()
    _record(world, asking, response.status, told)
    if fault is not None and fault.kind == "drop answer":
        return cut(request)
    return response


async def arguments(request: web.Request) -> Json:
    """Return the arguments from the query, the form and the JSON body, together."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        raw = await request.read()
        args |= json.loads(raw) if raw else {}
    else:
        args |= dict(await request.post())
    for key in _STRUCTURED:
        if isinstance(args.get(key), str) and args[key][:1] in ("[", "{"):
            args[key] = json.loads(args[key])
    return args


def cut(request: web.Request) -> web.Response:
    """Drop the connection; the response that the framework wants goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _token(request: web.Request, args: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() or str(args.get("token", ""))


def _broken(fault: Rule) -> web.Response:
    if fault.status == 429:
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": f"{fault.seconds:g}"},
        )
    return web.Response(status=fault.status, text="<html>Server Error</html>")


def _record(world: World, asking: Asking, status: int, told: Json) -> None:
    error = str(told.get("error", ""))
    at = world.clock.now()
    world.calls.append(Call(asking.name, asking.args, asking.token, at, status, error, told))


async def _done(world: World, name: str, args: Json, token: str) -> tuple[Json, dict[str, str]]:
    """Return the answer and its headers."""
    headers = {"Date": formatdate(world.clock.now(), usegmt=True)}
    method = METHODS.get(name)
    if method is None:
        world.accuse("method", f"the double does not know {name}")
        return {"ok": False, "error": "unknown_method", "req_method": name}, headers
    try:
        app, bot = _known(world, token)
        if bot is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(bot.scopes))
        headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        asked = Asked(world, app, bot, name, args)
        if not method.app_level:
            asked.need_bot()
        for argument in sorted(args.keys() - method.takes):
            world.accuse("argument", f"{name} takes no {argument}")
        if method.scopes:
            asked.need(*method.scopes)
        told = method.does(asked)
        if inspect.isawaitable(told):
            told = await told
    except Refused as refused:
        return {"ok": False, "error": refused.error, **refused.details}, headers
    return {"ok": True, **(told or {})}, headers


def _known(world: World, token: str) -> tuple[App, Bot | None]:
    """Return whose token this is."""
    if not token:
        raise Refused("not_authed")
    for app in world.apps:
        if token == app.token:
            if app.refusal:
                raise Refused(app.refusal)
            return app, None
        for bot in app.bots:
            if token == bot.token:
                if bot.refusal:
                    raise Refused(bot.refusal)
                return app, bot
    raise Refused("invalid_auth")
