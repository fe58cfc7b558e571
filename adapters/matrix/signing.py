"""Cross-signing: the account vouches for the bot's device, so that other clients accept it.

Three keys are made once and kept encrypted: a master key, one that signs devices and one that signs
other users. Where the account has keys of another client, which cannot be had, they are replaced if
the password is given; whoever has verified the account by them is told so by their client.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from adapters.matrix.client import Client
from adapters.matrix.errors import NoAnswer, WhoAsks
from adapters.matrix.secret import Secrets

log = logging.getLogger(__name__)

Usage = Literal["master", "self_signing", "user_signing"]
Signed = dict[str, Any]

Standing = Literal["signed", "unsigned", "none"]
"""Whether the account vouches for a device: it does, it does not, it has no keys to do so."""

_USAGES: Final[tuple[Usage, ...]] = ("master", "self_signing", "user_signing")


class Seeds(Struct, frozen=True):
    """The private keys, in base64."""

    master: str
    self_signing: str
    user_signing: str

    def __repr__(self) -> str:
        return "Seeds(***)"

    @classmethod
    def new(cls) -> Seeds:
        """Make keys."""
        made = (Ed25519PrivateKey.generate().private_bytes_raw() for _usage in _USAGES)
        return cls(*(_base64(seed) for seed in made))


class CrossSigning:
    """Lets the account vouch for the bot's device.

    Args:
        name: Of the account, under which the keys are kept.
        password: Lets keys be replaced; empty for none.
    """

    def __init__(self, client: Client, secrets: Secrets, name: str, password: str) -> None:
        self._client = client
        self._secrets = secrets
        self._name = f"{name} signing"
        self._password = password

    async def ensure(self) -> bool:
        """Sign the device, unless it is; return whether it now is.

        Raises:
            Failure: The homeserver did not answer as it should.
        """
        user_id, device_id = self._client.user_id, self._client.device_id or ""
        told = await keys_of(self._client, user_id)
        device = told.get("device_keys", {}).get(user_id, {}).get(device_id)
        if device is None:
            raise NoAnswer("the device has no keys yet")
        kept = await self._secrets.open(self._name)
        seeds = None if kept is None else msgspec.json.decode(kept, type=Seeds)
        master = _public(told.get("master_keys", {}).get(user_id))
        if seeds is None or master != _public(self._key("master", seeds)):
            if master and not self._password:
                log.warning("matrix: the account was cross-signed by another client")
                return False
            seeds = seeds or Seeds.new()
            # Kept first: what the homeserver knows must never be lost.
            await self._secrets.keep(self._name, msgspec.json.encode(seeds).decode())
            await self._upload(seeds)
        elif standing(told, user_id, device_id) == "signed":
            return True
        await self._sign(seeds, device)
        log.info("matrix: the account now vouches for the device %s", device_id)
        return True

    async def _upload(self, seeds: Seeds) -> None:
        """Make the keys those of the account, with the password where that is asked for."""
        body = {f"{usage}_key": self._key(usage, seeds) for usage in _USAGES}
        path = "/keys/device_signing/upload"
        try:
            await self._client.ask("POST", path, body)
        except WhoAsks as asked:
            if not self._password:
                raise
            identifier = {"type": "m.id.user", "user": self._client.user_id}
            auth = {
                "type": "m.login.password",
                "identifier": identifier,
                "password": self._password,
                "session": asked.session,
            }
            await self._client.ask("POST", path, body | {"auth": auth})

    async def _sign(self, seeds: Seeds, device: Mapping[str, Any]) -> None:
        """Sign the device with the account's key, and that key with the device's."""
        user_id = self._client.user_id
        signed = _signed(dict(device), user_id, seeds.self_signing)
        master = self._key("master", seeds)
        assert self._client.olm is not None
        own: str = self._client.olm.sign_json(master)
        master["signatures"] = {user_id: {f"ed25519:{self._client.device_id}": own}}
        both = {self._client.device_id: signed, _public(master): master}
        told = await self._client.ask("POST", "/keys/signatures/upload", {user_id: both})
        if told.get("failures"):
            raise NoAnswer("the homeserver does not take the signatures")

    def _key(self, usage: Usage, seeds: Seeds) -> Signed:
        """Return a key as everybody sees it; the master key vouches for the other two."""
        user_id = self._client.user_id
        public = _public_of(getattr(seeds, usage))
        key = {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{public}": public}}
        return key if usage == "master" else _signed(key, user_id, seeds.master)


async def keys_of(client: Client, user_id: str) -> dict[str, Any]:
    """Return what everybody sees of a user's keys.

    Raises:
        Failure: The homeserver did not answer as it should.
    """
    return await client.ask("POST", "/keys/query", {"device_keys": {user_id: []}})


def standing(told: Mapping[str, Any], user_id: str, device_id: str) -> Standing:
    """Return whether the account vouches for a device."""
    signer = _public(told.get("self_signing_keys", {}).get(user_id))
    if not signer:
        return "none"
    device = told.get("device_keys", {}).get(user_id, {}).get(device_id, {})
    signatures = device.get("signatures", {}).get(user_id, {})
    return "signed" if f"ed25519:{signer}" in signatures else "unsigned"


def _signed(key: Signed, user_id: str, seed: str) -> Signed:
    """Add a signature to those that there are."""
    bare = {name: value for name, value in key.items() if name not in ("signatures", "unsigned")}
    words = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    signature = _base64(_private(seed).sign(words))
    return bare | {"signatures": {user_id: {f"ed25519:{_public_of(seed)}": signature}}}


def _public(key: Mapping[str, Any] | None) -> str:
    """Return the key itself; empty where there is none."""
    return next(iter((key or {}).get("keys", {}).values()), "")


def _public_of(seed: str) -> str:
    return _base64(_private(seed).public_key().public_bytes_raw())


def _private(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(f"{seed}=="))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
