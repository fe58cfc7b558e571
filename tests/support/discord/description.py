"""Discord's own API description, and what of a request or a reply does not fit it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.discord.records import Json
from tests.support.discord.refusals import Problem

_PATH = Path(__file__).parents[3].parent / "shared" / "specs" / "discord-openapi.json"
_NAME = "urn:discord"
_ADDRESS = re.compile(r"(https?|discord|attachment|ws|wss)://\S+")
_LARGEST_INT32 = 2**31 - 1
_LONGEST_NONCE = 25
_CODES = {
    "maxLength": "BASE_TYPE_BAD_LENGTH",
    "minLength": "BASE_TYPE_BAD_LENGTH",
    "maxItems": "BASE_TYPE_BAD_LENGTH",
    "minItems": "BASE_TYPE_BAD_LENGTH",
    "required": "BASE_TYPE_REQUIRED",
    "enum": "BASE_TYPE_CHOICES",
    "oneOf": "UNION_TYPE_CHOICES",
    "anyOf": "UNION_TYPE_CHOICES",
}


def missing() -> str | None:
    """Say why there is no description, where there is none."""
    if _PATH.is_file():
        return None
    return "Discord's API description is not at ../shared/specs/discord-openapi.json"


class Description:
    """The API description, compiled as it is needed."""

    def __init__(self, document: Json) -> None:
        self._document = document
        resource: Resource[Any] = Resource.from_contents(
            document, default_specification=DRAFT202012
        )
        registry: Registry[Any] = Registry()
        self._registry = registry.with_resource(_NAME, resource)
        self._validators: dict[str, Draft202012Validator] = {}

    def request(self, method: str, template: str, body: object) -> list[Problem]:
        """Return what is wrong with the body of a request."""
        pointer = self._pointer("paths", template, method.lower(), "requestBody", "content")
        if pointer is None:
            return [Problem((), "UNEXPECTED_BODY", "No body is expected here")] if body else []
        return self._problems(f"{pointer}/application~1json/schema", body)

    def unknown_keys(self, method: str, template: str, body: object) -> list[str]:
        """Return the keys of a request that the description does not have."""
        pointer = self._pointer("paths", template, method.lower(), "requestBody", "content")
        if pointer is None:
            return []
        return list(self._unknown([{"$ref": f"{pointer}/application~1json/schema"}], body, ""))

    def query(self, method: str, template: str, query: Mapping[str, str]) -> list[Problem]:
        """Return what is wrong with a query."""
        path = self._document["paths"].get(template, {})
        declared = path.get("parameters", []) + path.get(method.lower(), {}).get("parameters", [])
        known = {one["name"]: one["schema"] for one in declared if one["in"] == "query"}
        problems = []
        for name, text in query.items():
            if name not in known:
                problems.append(Problem((name,), "UNKNOWN", "There is no such parameter"))
                continue
            validator = Draft202012Validator(
                self._rooted(known[name]), registry=self._registry, format_checker=_FORMATS
            )
            typed = _typed(text, self._resolve(known[name]))
            problems += [_problem(error, (name,)) for error in validator.iter_errors(typed)]
        return problems

    def reply(self, method: str, template: str, status: int, body: object) -> list[Problem]:
        """Return what is wrong with a reply, None being an empty one."""
        path = ("paths", template, method.lower(), "responses")
        for each in (str(status), f"{status // 100}XX"):
            pointer = self._pointer(*path, each)
            if pointer is not None:
                break
        else:
            return [Problem((), "STATUS", f"{status} is not described")] if status < 500 else []
        answer = self._resolve({"$ref": pointer})
        content = answer.get("content")
        if content is None:
            return [] if body is None else [Problem((), "BODY", "No body is described")]
        return self._validated(content["application/json"]["schema"], f"{path}{status}", body)

    def shape(self, schema: str, value: object) -> list[Problem]:
        """Return what is wrong with a value of one of the description's schemas."""
        return self._problems(f"{_NAME}#/components/schemas/{schema}", value)

    def has(self, method: str, template: str) -> bool:
        """Tell whether there is such a route."""
        return method.lower() in self._document["paths"].get(template, {})

    def _problems(self, pointer: str, value: Any) -> list[Problem]:  # noqa: ANN401 - any JSON
        return self._validated({"$ref": pointer}, pointer, value)

    def _validated(self, schema: Json, key: str, value: Any) -> list[Problem]:  # noqa: ANN401 - any JSON
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(
                self._rooted(schema), registry=self._registry, format_checker=_FORMATS
            )
        return [_problem(_deepest(e)) for e in self._validators[key].iter_errors(value)]

    def _rooted(self, schema: Json) -> Json:
        """Make references of a part of the document work outside of it."""
        text = json.dumps(schema).replace('"$ref": "#/', f'"$ref": "{_NAME}#/')
        rooted: Json = json.loads(text)
        return rooted

    def _pointer(self, *path: str) -> str | None:
        node = self._document
        for step in path:
            if step not in node:
                return None
            node = node[step]
        return f"{_NAME}#/" + "/".join(one.replace("~", "~0").replace("/", "~1") for one in path)

    def _resolve(self, schema: Json) -> Json:
        while "$ref" in schema:
            node: Any = self._document
            for step in schema["$ref"].partition("#/")[2].split("/"):
                node = node[step.replace("~1", "/").replace("~0", "~")]
            schema = node
        return schema

    def _unknown(self, schemas: list[Json], value: object, at: str) -> Iterator[str]:
        branches = list(self._branches(schemas))
        if isinstance(value, list):
            items = [branch["items"] for branch in branches if "items" in branch]
            for index, item in enumerate(value):
                yield from self._unknown(items, item, f"{at}[{index}]")
        if not isinstance(value, dict):
            return
        objects = [branch for branch in branches if self._fits_type(branch, value)]
        rest = [b["additionalProperties"] for b in objects if b.get("additionalProperties")]
        for key, inner in value.items():
            known = [b["properties"][key] for b in objects if key in b.get("properties", {})]
            if known or rest:
                free = [one for one in rest if isinstance(one, dict)]
                yield from self._unknown(known or free, inner, f"{at}.{key}")
            else:
                yield f"{at}.{key}".lstrip(".")

    def _branches(self, schemas: list[Json]) -> Iterator[Json]:
        for schema in schemas:
            resolved = self._resolve(schema)
            yield resolved
            for union in ("oneOf", "anyOf", "allOf"):
                yield from self._branches(resolved.get(union, []))

    def _fits_type(self, branch: Json, value: Json) -> bool:
        """Tell whether a branch is for values with this `type` field, as components have it."""
        declared = branch.get("properties", {}).get("type")
        if declared is None or "type" not in value:
            return "properties" in branch or "additionalProperties" in branch
        allowed = self._resolve(declared).get("enum")
        return allowed is None or value["type"] in allowed


@functools.cache
def described() -> Description | None:
    """Return the description; None where it is absent."""
    if missing() is not None:
        return None
    return Description(json.loads(_PATH.read_text("utf-8")))


def _deepest(error: ValidationError) -> ValidationError:
    """Return what is wrong in the branch of a union that was meant, not that none fits."""
    while error.context:
        branches: dict[object, list[ValidationError]] = {}
        for each in error.context:
            branches.setdefault(each.relative_schema_path[0], []).append(each)
        meant = [found for found in branches.values() if not any(map(_of_another_kind, found))]
        if not meant:
            return error
        meant.sort(key=len)
        error = max(meant[0], key=lambda each: len(each.relative_path))
    return error


def _of_another_kind(error: ValidationError) -> bool:
    """Tell whether a branch is for another kind of value: another JSON type or component."""
    at = list(error.relative_path)
    return (not at and error.validator == "type") or (at == ["type"] and error.validator == "enum")


def _problem(error: ValidationError, prefix: tuple[str | int, ...] = ()) -> Problem:
    code = _CODES.get(str(error.validator), "BASE_TYPE_BAD")
    message = error.message if len(error.message) < 200 else f"{error.message[:200]}…"
    return Problem((*prefix, *error.absolute_path), code, message)


def _typed(text: str, schema: Json) -> str | int | bool:
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text.lower() in ("true", "false", "0", "1"):
        return text.lower() in ("true", "1")
    return text


_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("uri")
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or _ADDRESS.fullmatch(value) is not None


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value) is not None


@_FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or abs(value) <= _LARGEST_INT32


@_FORMATS.checks("nonce")
def _is_nonce(value: object) -> bool:
    return not isinstance(value, str) or len(value) <= _LONGEST_NONCE
