"""App passwords, and the servers that accounts name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from adapters.bluesky.sessions import _home_of, looks_like_app_password

SERVICE = "https://bsky.social"


@pytest.mark.parametrize("secret", ["abcd-efgh-ijkl-mnop", "2czq-yetd-bf6j-nwar"])
def test_an_app_password_is_known_by_its_form(secret: str) -> None:
    assert looks_like_app_password(secret)


@pytest.mark.parametrize("secret", ["", "hunter2", "ABCD-efgh-ijkl-mnop", "abcd-efgh-ijkl-mnop\n"])
def test_any_other_secret_is_not_taken_for_an_app_password(secret: str) -> None:
    assert not looks_like_app_password(secret)


def document(url: str, name: str = "#atproto_pds") -> object:
    return {"id": "did:plc:a", "service": [{"id": name, "serviceEndpoint": url}]}


def test_the_server_that_an_account_names_is_followed() -> None:
    url = "https://morel.us-east.host.bsky.network"
    assert _home_of(document(url), SERVICE) == url


@pytest.mark.parametrize(
    "described",
    [
        None,
        {},
        {"service": "https://pds.example"},
        {"service": ["https://pds.example"]},
        document("https://pds.example", "#bsky_fg"),
        document("http://pds.example"),
        document("https://localhost"),
        document("https://10.0.0.1"),
        document("https://[::1]"),
        document("file:///etc/passwd"),
    ],
)
def test_nothing_but_a_public_name_under_https_is_followed(described: object) -> None:
    assert _home_of(described, SERVICE) == SERVICE


def test_the_adapter_loads_without_the_sdk() -> None:
    heavy = {"atproto", "atproto_client", "httpx", "libipld", "PIL", "regex"}
    program = f"import sys, adapters.bluesky.network; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "[]\n"
