from __future__ import annotations

import pytest

from adapters.slack.manifest import manifest
from adapters.slack.tokens import check_tokens, tokens_in
from chatops.bootstrap import registry
from chatops.conversation import builtins
from chatops.conversation.registry import Registry
from chatops.language import Invalid
from tests.support.slack.manifests import Manifest


@pytest.mark.parametrize("language", ["en", "fr"])
def test_slack_takes_the_manifest(language: str) -> None:
    made = Manifest.read(manifest(registry(), "fr" if language == "fr" else "en"))
    assert made.problems == ()
    assert made.socket_mode
    assert made.interactive
    assert made.home_tab
    assert made.messages_tab
    assert made.commands["/quitx"]["should_escape"]


def test_every_event_has_its_scope_and_every_scope_its_use() -> None:
    made = Manifest.read(manifest(registry()))
    assert {"message.channels", "reaction_added", "app_uninstalled"} <= made.events
    assert "channels:history" in made.scopes
    assert not {"chat:write.public", "users:read.email"} & made.scopes


def test_files_are_read_only_where_a_command_takes_one() -> None:
    assert "files:read" in Manifest.read(manifest(registry())).scopes
    assert "files:read" not in Manifest.read(manifest(Registry([builtins.blueprint]))).scopes


def test_a_setting_holds_several_tokens() -> None:
    assert tokens_in("xoxb-1, xoxb-2\nxoxb-3") == ("xoxb-1", "xoxb-2", "xoxb-3")


@pytest.mark.parametrize(
    ("bots", "apps"),
    [
        ((), ("xapp-1",)),
        (("xoxb-1",), ()),
        (("xapp-1",), ("xoxb-1",)),
        (("xoxb-1", "xoxb-1"), ("xapp-1",)),
        (("xoxb-1", "xoxb-2", "xoxb-3"), ("xapp-1", "xapp-2")),
    ],
)
def test_tokens_that_cannot_work_together_are_refused(
    bots: tuple[str, ...], apps: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid):
        check_tokens(bots, apps, by_http=False)
    check_tokens(("xoxb-1", "xoxb-2"), ("xapp-1",), by_http=False)
    check_tokens(("xoxb-1",), (), by_http=True)
