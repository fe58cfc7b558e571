"""Settings, from `quitx.toml` and from the environment.

Every value has a section and a key. In the file it stands as `key` under `[section]`, in the
environment as `QUITX_SECTION__KEY`, which wins. A `Secret` may also stand in a file of its own,
named by `key_file`. Nothing has to be set: the defaults run the console on its own.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct, field

from chatops.language import LANGUAGES, Code, Invalid, Language, Missing, Series, Text, _

FILE: Final = Path("quitx.toml")
_PREFIX: Final = "QUITX_"
_Positive = Annotated[int, Meta(ge=1)]
_LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


class Secret:
    """A value that never shows itself; `reveal` gives it to the one that needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value


class StoreSettings(Struct, frozen=True, kw_only=True):
    """`[store]`: where the database is; the address may hold a password, so it is a secret."""

    url: Secret = Secret("sqlite:///quitx.db")


class EngineSettings(Struct, frozen=True, kw_only=True):
    """`[engine]`: who does durable work.

    Args:
        executor_id: Names this process among the replicas of a PostgreSQL store, the same after
            every restart. Empty for a name made from the machine's.
    """

    executor_id: str = ""


class VaultSettings(Struct, frozen=True, kw_only=True):
    """`[vault]`: the key that seals credentials.

    Args:
        key: The key itself.
        key_file: Where the key is when it is not given, and where a new one is put.
    """

    key: Secret | None = None
    key_file: Path = Path("quitx.key")


class SlackSettings(Struct, frozen=True, kw_only=True):
    """`[slack]`.

    Args:
        bot_token: Several, between commas or lines, for as many workspaces.
        app_token: One for all workspaces, or as many as there are bot tokens, in their order.
    """

    bot_token: Secret | None = None
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    client_id: str = ""
    client_secret: Secret | None = None
    api_url: str = ""


class DiscordSettings(Struct, frozen=True, kw_only=True):
    """`[discord]`."""

    token: Secret | None = None
    api_url: str = ""
    gateway_url: str = ""


class MatrixSettings(Struct, frozen=True, kw_only=True):
    """`[matrix]`.

    Args:
        allow_invites: The homeservers and users whose invitations are taken up, between commas.
    """

    homeserver: str = ""
    user: str = ""
    access_token: Secret | None = None
    password: Secret | None = None
    device_id: str = ""
    store_dir: Path = Path("quitx-matrix")
    allow_invites: str = ""


class BlueskySettings(Struct, frozen=True, kw_only=True):
    """`[bluesky]`: which servers, and the write budget that they publish for an account."""

    service: str = "https://bsky.social"
    plc_url: str = "https://plc.directory"
    appview_url: str = "https://public.api.bsky.app"
    points_per_hour: _Positive = 5_000
    points_per_day: _Positive = 35_000


class MastodonSettings(Struct, frozen=True, kw_only=True):
    """`[mastodon]`: nothing to set, each instance publishes its own limits."""


class NetworkSettings(Struct, frozen=True, kw_only=True):
    """`[network]`: whether look-ups may reach private addresses."""

    allow_private: bool = False


class ArchiveSettings(Struct, frozen=True, kw_only=True):
    """`[archive]`: archives and what is kept of them.

    Args:
        inbox: The folder from which archives may be named in chat.
        allow_paths: Whether an archive may also be named by its path; the console always may.
        kept: The folder of the files that a migration needs, until 30 days after it.
    """

    inbox: Path = Path("inbox")
    allow_paths: bool = False
    kept: Path = Path("quitx-files")


class WebSettings(Struct, frozen=True, kw_only=True):
    """`[web]`: where pages are served, and the address at which people reach them."""

    listen: str = ""
    public_url: str = ""


class LanguageSettings(Struct, frozen=True, kw_only=True):
    """`[language]`: what is spoken where nobody has chosen."""

    default: Language = "en"


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, one attribute for each section."""

    store: StoreSettings = field(default_factory=StoreSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    vault: VaultSettings = field(default_factory=VaultSettings)
    slack: SlackSettings = field(default_factory=SlackSettings)
    discord: DiscordSettings = field(default_factory=DiscordSettings)
    matrix: MatrixSettings = field(default_factory=MatrixSettings)
    bluesky: BlueskySettings = field(default_factory=BlueskySettings)
    mastodon: MastodonSettings = field(default_factory=MastodonSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    web: WebSettings = field(default_factory=WebSettings)
    language: LanguageSettings = field(default_factory=LanguageSettings)


def system_language(environ: Mapping[str, str]) -> Language:
    """Return the language of whoever sits at the terminal, as the locale says."""
    locale = next((environ[name] for name in _LOCALE_VARIABLES if environ.get(name)), "")
    return "fr" if locale.lower().startswith("fr") else "en"


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        path: The file to read; None for `quitx.toml` in the working folder, if it is there.
        environ: The environment.

    Raises:
        Missing: A file that was named does not exist.
        Invalid: A value cannot be read; the error names its place.
    """
    sections: dict[str, dict[str, Any]] = {"language": {"default": system_language(environ)}}
    for source in (_from_file(path), _from_environment(environ)):
        _check_twice(source)
        for given in source:
            key, value = _read(given)
            sections.setdefault(given.section, {})[key] = value
    return msgspec.convert(sections, Settings, dec_hook=_decoded)


class _Given(Struct, frozen=True):
    """A value as somebody wrote it; `place` says where, in their notation."""

    section: str
    key: str
    value: object
    place: str
    source: str


_KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    section: get_type_hints(kind, include_extras=True)
    for section, kind in get_type_hints(Settings).items()
}
_ENVIRONMENT: Final = "the environment"


def _from_file(path: Path | None) -> list[_Given]:
    file = path or FILE
    try:
        sections = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if path is None:
            return []
        raise _missing(file) from None
    except OSError as error:
        raise _unreadable(file, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            _("{file} is not a TOML file: {error}.", file=Code(str(file)), error=str(error)),
            _("Correct that line."),
        ) from error
    given: list[_Given] = []
    for section, keys in sections.items():
        if not isinstance(keys, dict):
            raise _outside(section, file)
        given += [
            _Given(section, key, value, f"[{section}] {key}", str(file))
            for key, value in keys.items()
        ]
    return given


def _from_environment(environ: Mapping[str, str]) -> list[_Given]:
    return [
        _Given(section.lower(), key.lower(), value, name, _ENVIRONMENT)
        for name, value in environ.items()
        for section, mark, key in [name.removeprefix(_PREFIX).partition("__")]
        if name.startswith(_PREFIX) and mark and value
    ]


def _check_twice(source: list[_Given]) -> None:
    names = {(given.section, given.key) for given in source}
    for given in source:
        if _in_file(given) and (given.section, _plain(given.key)) in names:
            raise Invalid(
                _("{place} is given twice, here and without {ending}.", **_at(given, "_file")),
                _("Keep one of them."),
            )


def _read(given: _Given) -> tuple[str, Any]:
    """Return a value's key and the value itself, in its own type."""
    keys = _KEYS.get(given.section)
    if keys is None:
        raise _unknown(given, given.section, list(_KEYS))
    if _in_file(given):
        return _plain(given.key), Secret(_content(given))
    if given.key not in keys:
        raise _unknown(given, given.key, list(keys))
    try:
        value = msgspec.convert(
            given.value,
            keys[given.key],
            strict=given.source != _ENVIRONMENT,
            dec_hook=_decoded,
        )
    except msgspec.ValidationError as error:
        raise _unfit(given, keys[given.key]) from error
    return given.key, value


def _in_file(given: _Given) -> bool:
    keys = _KEYS.get(given.section, {})
    return given.key not in keys and _holds_secret(keys.get(_plain(given.key)))


def _plain(key: str) -> str:
    return key.removesuffix("_file")


def _holds_secret(kind: object) -> bool:
    return kind is Secret or Secret in get_args(kind)


def _content(given: _Given) -> str:
    path = Path(str(given.value))
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        raise _missing(path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def _decoded(kind: type, value: object) -> object:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return Path(value) if kind is Path else Secret(value)


def _at(given: _Given, ending: str = "") -> dict[str, Code]:
    return {"place": Code(given.place), "source": Code(given.source), "ending": Code(ending)}


def _unknown(given: _Given, name: str, names: list[str]) -> Invalid:
    near = difflib.get_close_matches(name, names, 1)
    if near:
        mend = _("Did you mean {near}?", near=Code(near[0]))
    elif names:
        mend = _("Choose from {names}.", names=_series(names))
    else:
        mend = _("Remove it: this section has no settings.")
    return Invalid(
        _("{name} in {source} is not a setting: {place}.", name=Code(name), **_at(given)), mend
    )


def _unfit(given: _Given, kind: object) -> Invalid:
    return Invalid(
        _("{place} in {source} has a value that does not fit.", **_at(given)),
        _("Give {kind}.", kind=_expected(kind)),
    )


def _expected(kind: object) -> Text:
    if kind is bool:
        return _("{yes} or {no}", yes=Code("true"), no=Code("false"))
    if kind is Language:
        return _("one of {names}", names=_series(LANGUAGES))
    if int in (kind, *get_args(kind)):
        return _("a whole number above zero")
    return _("a text in quotes")


def _series(names: Iterable[str]) -> Series:
    return Series(tuple(Code(name) for name in names), either=True)


def _outside(key: str, file: Path) -> Invalid:
    return Invalid(
        _("{key} in {file} stands outside a section.", key=Code(key), file=Code(str(file))),
        _("Put it under its section, such as {section}.", section=Code("[store]")),
    )


def _missing(file: Path) -> Missing:
    return Missing(
        _("The file {file} does not exist.", file=Code(str(file))),
        _("Create it, or name another one."),
    )


def _unreadable(file: Path, error: Exception) -> Invalid:
    return Invalid(
        _("{file} cannot be read: {error}.", file=Code(str(file)), error=str(error)),
        _("Check the file and the rights on it."),
    )
