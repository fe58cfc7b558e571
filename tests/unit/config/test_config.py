"""Settings come from a file and from the environment, and mistakes in them are named."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.config import Secret, Settings, load
from chatops.language import Invalid, Missing


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder without a `quitx.toml`."""
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    file = Path("quitx.toml")
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_has_to_be_set() -> None:
    settings = load(None, {})
    assert settings.store.url.reveal() == "sqlite:///quitx.db"
    assert settings.archive.inbox == Path("inbox")
    assert settings.bluesky.service == "https://bsky.social"
    assert (settings.bluesky.points_per_hour, settings.bluesky.points_per_day) == (5_000, 35_000)
    assert not settings.network.allow_private
    assert settings == load(None, {})


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA.UTF-8", "LC_MESSAGES": ""}, "fr"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_BE"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_system_s(locale: dict[str, str], language: str) -> None:
    assert load(None, locale).language.default == language


def test_a_chosen_language_wins_over_the_system_s() -> None:
    written('[language]\ndefault = "en"')
    assert load(None, {"LANG": "fr_FR.UTF-8"}).language.default == "en"


def test_the_file_in_the_working_folder_is_read() -> None:
    written('[archive]\ninbox = "/srv/inbox"\nallow_paths = true')
    assert load(None, {}).archive.inbox == Path("/srv/inbox")
    assert load(None, {}).archive.allow_paths


def test_the_environment_wins_over_the_file() -> None:
    file = written('[bluesky]\nservice = "https://one.example"\npoints_per_day = 7')
    settings = load(file, {"QUITX_BLUESKY__SERVICE": "https://two.example"})
    assert settings.bluesky.service == "https://two.example"
    assert settings.bluesky.points_per_day == 7


def test_every_value_may_stand_in_the_environment() -> None:
    environ = {
        "QUITX_BLUESKY__POINTS_PER_HOUR": "12",
        "QUITX_NETWORK__ALLOW_PRIVATE": "true",
        "QUITX_MATRIX__STORE_DIR": "/var/matrix",
        "QUITX_VAULT__KEY": "k",
    }
    settings = load(None, environ)
    assert settings.bluesky.points_per_hour == 12
    assert settings.network.allow_private
    assert settings.matrix.store_dir == Path("/var/matrix")
    assert settings.vault.key == Secret("k")


def test_an_empty_variable_and_those_of_others_are_nothing() -> None:
    environ = {"QUITX_SLACK__BOT_TOKEN": "", "QUITX_HOME": "/x", "SLACK__BOT_TOKEN": "y"}
    assert load(None, environ) == load(None, {})


@pytest.mark.parametrize("source", ["file", "environment"])
def test_a_secret_may_stand_in_a_file_of_its_own(source: str) -> None:
    Path("token").write_text("xoxb-1\n")
    if source == "file":
        settings = load(written('[slack]\nbot_token_file = "token"'), {})
    else:
        settings = load(None, {"QUITX_SLACK__BOT_TOKEN_FILE": "token"})
    assert settings.slack.bot_token == Secret("xoxb-1")


def test_the_vault_s_key_file_is_left_to_the_vault() -> None:
    settings = load(None, {"QUITX_VAULT__KEY_FILE": "not-made-yet"})
    assert settings.vault.key is None
    assert settings.vault.key_file == Path("not-made-yet")


def test_a_secret_in_the_environment_wins_over_a_secret_file_in_the_file() -> None:
    Path("token").write_text("old")
    file = written('[discord]\ntoken_file = "token"')
    assert load(file, {"QUITX_DISCORD__TOKEN": "new"}).discord.token == Secret("new")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[stor]\nurl = 'x'", ["stor", "quitx.toml", "Did you mean store?"]),
        ("[store]\nuri = 'x'", ["[store] uri", "quitx.toml", "Did you mean url?"]),
        ("[web]\nzzz = 'x'", ["[web] zzz", "Choose from listen or public_url."]),
        ("[mastodon]\nlimit = 3", ["[mastodon] limit", "has no settings"]),
        ("[store]\nurl = 3", ["[store] url", "quitx.toml", "a text in quotes"]),
        ("[bluesky]\npoints_per_day = 'many'", ["[bluesky] points_per_day", "whole number"]),
        ("[bluesky]\npoints_per_day = 0", ["[bluesky] points_per_day", "above zero"]),
        ("[network]\nallow_private = 1", ["[network] allow_private", "true or false"]),
        ("[language]\ndefault = 'de'", ["[language] default", "en or fr"]),
        ("url = 'x'", ["url", "quitx.toml", "outside a section"]),
        ("[store\n", ["quitx.toml is not a TOML file", "line 1"]),
        ("[slack]\nbot_token = 'a'\nbot_token_file = 'b'", ["bot_token_file", "given twice"]),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, said: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        load(written(text), {})
    for words in said:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("QUITX_STOER__URL", "x", "QUITX_STOER__URL. Did you mean store?"),
        ("QUITX_STORE__URI", "x", "QUITX_STORE__URI. Did you mean url?"),
        ("QUITX_BLUESKY__POINTS_PER_DAY", "many", "QUITX_BLUESKY__POINTS_PER_DAY"),
        ("QUITX_NETWORK__ALLOW_PRIVATE", "perhaps", "Give true or false."),
    ],
)
def test_a_mistake_in_the_environment_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        load(None, {name: value})
    assert said in str(caught.value)


def test_files_that_were_named_must_exist() -> None:
    with pytest.raises(Missing, match=r"other\.toml"):
        load(Path("other.toml"), {})
    with pytest.raises(Missing, match="no-token"):
        load(None, {"QUITX_DISCORD__TOKEN_FILE": "no-token"})


def test_a_folder_is_not_a_file_of_settings(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        load(tmp_path, {})


@given(st.text(min_size=8))
def test_a_secret_never_shows_itself(value: str) -> None:
    environ = {"QUITX_STORE__URL": value, "QUITX_MATRIX__PASSWORD": value}
    settings = load(None, environ)
    for shown in (repr(settings), str(settings), f"{settings.store}", repr(Secret(value))):
        assert value not in shown or value in "Secret(***)"
    assert settings.matrix.password is not None
    assert settings.matrix.password.reveal() == value


def test_a_value_that_does_not_fit_is_not_shown_either() -> None:
    with pytest.raises(Invalid) as caught:
        load(written('[slack]\nbot_token = ["xoxb-secret"]'), {})
    assert "xoxb-secret" not in str(caught.value)


@given(st.dictionaries(st.text(), st.text()))
def test_any_environment_gives_settings_or_a_named_mistake(environ: dict[str, str]) -> None:
    prefixed = {f"QUITX_{name}": value for name, value in environ.items()}
    with suppress(Invalid, Missing):
        assert isinstance(load(None, environ | prefixed), Settings)


@given(st.sampled_from(sorted(Settings.__struct_fields__)), st.text(), st.text())
def test_any_key_of_a_section_gives_settings_or_a_named_mistake(
    section: str, key: str, value: str
) -> None:
    with suppress(Invalid, Missing):
        assert isinstance(load(None, {f"QUITX_{section}__{key}".upper(): value}), Settings)


@given(st.sampled_from(sorted(Settings.__struct_fields__)), st.text())
def test_any_file_gives_settings_or_a_named_mistake(section: str, rest: str) -> None:
    with suppress(Invalid, Missing):
        assert isinstance(load(written(f"[{section}]\n{rest}"), {}), Settings)
