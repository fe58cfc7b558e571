"""The HTTP side: from a request to its route and back, validated both ways."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.support.discord import (
    rest_commands,
    rest_interactions,
    rest_messages,
    rest_places,
)
from tests.support.discord.applications import Application
from tests.support.discord.asking import Asked, Reply, Route
from tests.support.discord.bodies import read_body
from tests.support.discord.buckets import Buckets, Spent
from tests.support.discord.description import Description
from tests.support.discord.drafts import Upload
from tests.support.discord.faults import Fault, Faults
from tests.support.discord.message_shapes import signature
from tests.support.discord.recording import Call, Callback, Record
from tests.support.discord.refusals import (
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAUTHORIZED,
    Refusal,
    invalid,
)
from tests.support.discord.world import World

ROUTES = (
    *rest_messages.ROUTES,
    *rest_places.ROUTES,
    *rest_commands.ROUTES,
    *rest_interactions.ROUTES,
)

_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
_VIA = {"Via": "1.1 google"}

# discord.py sends what the description does not have, and Discord takes it.
_TAKEN_ANYWAY = re.compile(r"(\[\d+\]\.nsfw|(data\.)?tts|(.*\.)?embeds\[\d+\]\.flags)")


class Api:
    """Answers HTTP.

    Args:
        description: What to validate with; None where it is absent.
    """

    def __init__(
        self, world: World, record: Record, faults: Faults, description: Description | None
    ) -> None:
        self.buckets = Buckets(world.clock)
        self._world = world
        self._record = record
        self._faults = faults
        self._description = description

    def add_to(self, app: web.Application) -> None:
        """Serve every route, those with literal paths first."""
        for route in sorted(ROUTES, key=lambda one: one.template.count("{")):
            app.router.add_route(route.method, f"/api/v10{route.template}", self._serving(route))
        app.router.add_get("/cdn/attachments/{channel_id}/{id}/{name}", self._download)
        app.router.add_route("*", "/{rest:.*}", self._lost)

    def _serving(self, route: Route) -> Any:  # noqa: ANN401 - aiohttp's handler
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(route, request)

        return serve

    async def _serve(self, route: Route, request: web.Request) -> web.StreamResponse:
        name = f"{route.method} {route.template}"
        call = Call(name, request.path, None, self._world.clock.seconds())
        self._record.calls.append(call)
        delay = self._faults.find(name, lambda fault: fault.delay > 0)
        if delay is not None:
            await asyncio.sleep(delay.delay)
        failure = self._faults.find(name, lambda fault: fault.status is not None)
        if failure is not None:
            return self._failed(failure, call)
        response = await self._answer(route, request, call)
        slow = self._faults.find(name, lambda fault: fault.slow > 0)
        if slow is not None:
            await asyncio.sleep(slow.slow)
        if self._faults.find(name, lambda fault: fault.lose) is not None:
            call.status = None
            if request.transport is not None:
                request.transport.abort()
        self._world.touch()
        return response

    async def _answer(self, route: Route, request: web.Request, call: Call) -> web.Response:
        spent = Spent({})
        try:
            caller = self._caller(route, request)
            call.bot = caller.name if caller else None
            spent = self.buckets.spend(route, dict(request.match_info), call.bot)
            if spent.retry_after is not None:
                return self._limited(spent, call)
            body, files = await read_body(request)
            call.body = body
            self._check(route, body, request.query)
            asked = _asked(self._world, route, request, caller, body, files)
            reply = route.handle(asked)
            self._note_callback(route, asked)
        except Refusal as refusal:
            reply = self._refused(refusal, call)
        call.status = reply.status
        self._validate(route, reply)
        return _response(reply, spent.headers)

    def _caller(self, route: Route, request: web.Request) -> Application | None:
        if not route.bot:
            return None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        for application in self._world.applications.values():
            if scheme == "Bot" and application.token == token and not application.revoked:
                return application
        raise Refusal(UNAUTHORIZED)

    def _check(self, route: Route, body: object, query: Mapping[str, str]) -> None:
        """Refuse what the description does not allow; note what Discord would just ignore."""
        if self._description is None:
            return
        problems = self._description.request(route.method, route.template, body)
        problems += self._description.query(route.method, route.template, query)
        if problems:
            raise invalid(*problems)
        unknown = self._description.unknown_keys(route.method, route.template, body)
        wrong = [key for key in unknown if not _TAKEN_ANYWAY.fullmatch(key)]
        name = f"{route.method} {route.template}"
        self._record.blame("bot", name, *(f"unknown key {key}" for key in wrong))

    def _refused(self, refusal: Refusal, call: Call) -> Reply:
        call.code = refusal.code
        if refusal.violation:
            self._record.blame("bot", call.route, *(refusal.problems or (refusal,)))
        return Reply(refusal.status, refusal.body())

    def _note_callback(self, route: Route, asked: Asked) -> None:
        if route.template != _CALLBACK:
            return
        interaction = self._world.interactions[asked.path["interaction_id"]]
        latency = interaction.latency or 0.0
        self._record.callbacks.append(Callback(interaction.id, int(interaction.kind), latency))

    def _validate(self, route: Route, reply: Reply) -> None:
        """Find what is wrong with what the double itself is about to say."""
        if self._description is None:
            return
        body = reply.body
        if isinstance(body, dict) and "errors" in body:
            # Discord gives the codes of single errors as words; its description says numbers.
            body = {key: value for key, value in body.items() if key != "errors"}
        wrong = self._description.reply(route.method, route.template, reply.status, body)
        self._record.blame("double", f"{route.method} {route.template} {reply.status}", *wrong)

    def _limited(self, spent: Spent, call: Call) -> web.Response:
        call.status = 429
        scope = "global" if spent.everywhere else "user"
        headers = spent.headers | _VIA | {"X-RateLimit-Scope": scope}
        headers["Retry-After"] = f"{spent.retry_after:.3f}"
        if spent.everywhere:
            headers["X-RateLimit-Global"] = "true"
        return _response(Reply(429, spent.body()), headers)

    def _failed(self, fault: Fault, call: Call) -> web.Response:
        assert fault.status is not None
        call.status = fault.status
        if fault.status != 429:
            return web.Response(status=fault.status, text="upstream failure")
        if not fault.via:
            return web.Response(
                status=429,
                headers={"Retry-After": "600"},
                text="<html>error code: 1015</html>",
                content_type="text/html",
            )
        spent = Spent({}, fault.retry_after, fault.everywhere)
        return self._limited(spent, call)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        attachment = self._world.attachments.get(request.match_info["id"])
        expires, now = request.query.get("ex", ""), self._world.clock.now()
        good = (
            attachment is not None
            and request.query.get("hm") == signature(attachment.id, expires)
            and int(expires, 16) > now.timestamp()
            and (attachment.until is None or attachment.until > now)
        )
        name = "GET /cdn/attachments"
        call = Call(name, request.path, None, self._world.clock.seconds())
        self._record.calls.append(call)
        failure = self._faults.find(name, lambda fault: fault.status is not None)
        if failure is not None:
            return self._failed(failure, call)
        if not good or attachment is None:
            call.status = 404
            return web.Response(status=404, text="This content is no longer available.")
        call.status = 200
        return web.Response(body=attachment.content, content_type=attachment.content_type)

    async def _lost(self, request: web.Request) -> web.StreamResponse:
        self._record.blame(
            "bot", f"{request.method} {request.path}", "the double has no such route"
        )
        known = any(f"/api/v10{route.template}" == request.path for route in ROUTES)
        refusal = Refusal(METHOD_NOT_ALLOWED if known else NOT_FOUND)
        return _response(Reply(refusal.status, refusal.body()), {})


def _asked(
    world: World,
    route: Route,
    request: web.Request,
    caller: Application | None,
    body: object,
    files: dict[int, Upload],
) -> Asked:
    path, query = dict(request.match_info), dict(request.query)
    return Asked(world, route.method, route.template, path, query, body, files, caller)


def _response(reply: Reply, headers: dict[str, str]) -> web.Response:
    """Return a response whose content type is exactly what Discord sends."""
    if reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    body = json.dumps(reply.body).encode()
    return web.Response(
        status=reply.status, body=body, headers=headers, content_type="application/json"
    )
