"""Who may call a command: nobody, until a role says otherwise."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from chatops.conversation.command import Command
from chatops.language import Forbidden, Strong, Text, _
from chatops.organisations.records import Organisation, Role

ROLES: Final[dict[Role, Text]] = {
    Role.READER: _("reader"),
    Role.EDITOR: _("editor"),
    Role.APPROVER: _("approver"),
    Role.ADMIN: _("admin"),
}
"""What roles are called."""


def needed(command: Command[Any]) -> Text:
    """Say who may call a command."""
    if command.role is None:
        return _("Anybody may call it.")
    return _("It needs the role {role}.", role=ROLES[command.role])


def allows(roles: Collection[Role], command: Command[Any]) -> bool:
    """Whether somebody with these roles may call a command."""
    return command.role is None or any(role.allows(command.role) for role in roles)


def check_role(roles: Collection[Role], command: Command[Any], organisation: Organisation) -> None:
    """Let a command pass only for those who may call it.

    Raises:
        Forbidden: None of the roles allows it.
    """
    if command.role is None or allows(roles, command):
        return
    name = Strong(organisation.name)
    raise Forbidden(
        _(
            "This needs the role {role} in {organisation}.",
            role=ROLES[command.role],
            organisation=name,
        ),
        _("An admin of {organisation} can give it to you.", organisation=name),
    )
