"""How Discord says no: its error codes and the shape of its form errors."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.discord.records import Json

UNKNOWN_APPLICATION = (404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
UNKNOWN_USER = (404, 10013, "Unknown User")
UNKNOWN_EMOJI = (400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
TOO_MANY_REACTIONS = (403, 30010, "Maximum number of reactions reached (20)")
UNAUTHORIZED = (401, 0, "401: Unauthorized")
NOT_FOUND = (404, 0, "404: Not Found")
METHOD_NOT_ALLOWED = (405, 0, "405: Method Not Allowed")
UNAVAILABLE = (503, 0, "Service temporarily unavailable")
TOO_LARGE = (413, 40005, "Request entity too large")
ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = (403, 50001, "Missing Access")
CANNOT_IN_DIRECT = (403, 50003, "Cannot execute action on a DM channel")
NOT_THE_AUTHOR = (403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
CANNOT_SEND_TO_USER = (403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
INVALID_TOKEN = (401, 50027, "Invalid Webhook Token")
INVALID_FORM = (400, 50035, "Invalid Form Body")
INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
THREAD_ARCHIVED = (400, 50083, "Thread is archived")
ALREADY_A_THREAD = (400, 160004, "A thread has already been created for this message")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a body.

    Args:
        at: The way to it: keys and positions.
    """

    at: tuple[str | int, ...]
    code: str
    message: str

    def __str__(self) -> str:
        """Write it as a line."""
        return f"{'.'.join(str(step) for step in self.at) or 'body'}: {self.message} ({self.code})"


class Refusal(Exception):
    """An answer of Discord's that is an error.

    Args:
        problems: For invalid forms: what is wrong where.
        violation: Whether a bot that was written well would never get it.
    """

    def __init__(
        self,
        kind: tuple[int, int, str],
        *problems: Problem,
        violation: bool = False,
    ) -> None:
        self.status, self.code, self.message = kind
        self.problems = problems
        self.violation = violation or bool(problems)
        super().__init__(f"{self.status} {self.code} {self.message}")

    def body(self) -> Json:
        """Return what Discord answers."""
        body: Json = {"message": self.message, "code": self.code}
        if self.problems:
            body["errors"] = _tree(self.problems)
        return body


def invalid(*problems: Problem) -> Refusal:
    """Return the refusal of a form."""
    return Refusal(INVALID_FORM, *problems)


def problem(at: tuple[str | int, ...], message: str, code: str = "BASE_TYPE_BAD") -> Problem:
    """Return one problem."""
    return Problem(at, code, message)


def _tree(problems: tuple[Problem, ...]) -> Json:
    """Nest the problems as Discord does; where two lie on one way, the shorter one counts."""
    tree: Json = {}
    for each in sorted(problems, key=lambda one: len(one.at)):
        node, taken = tree, False
        for step in each.at:
            taken = taken or "_errors" in node
            node = node.setdefault(str(step), {}) if not taken else node
        if not taken and (not node or "_errors" in node):
            node.setdefault("_errors", []).append({"code": each.code, "message": each.message})
    return tree
