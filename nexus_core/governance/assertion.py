"""Assertions by which Airflow's plugin names its user (docs/airflow.md, "Assertion"; JWS of RFC 7515, RFC 8037)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from nexus_core.errors import AuthenticationError, ConfigurationError
from nexus_core.governance.identity import Identity
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import EVERYTHING, Caller, Grant, Permission
from nexus_core.model.envelope import Authority
from nexus_core.store.accounts import Accounts

AUDIENCE = "lineage-nexus"
LIFE_MAX = timedelta(seconds=60)
_SKEW = timedelta(seconds=30)
_LENGTH_MAX = 8192
_JTI = re.compile(r"[0-9a-f]{32}\Z")
_TEXTS = ("iss", "aud", "sub", "name", "jti", "method", "path", "body")
_RIGHTS = (Grant(frozenset({Permission.READ}), EVERYTHING, "viewer", "the assertion of Airflow's plugin"),)


@dataclass(frozen=True, slots=True)
class Request:
    """What an assertion is bound to: method in capitals, raw path with query from `/api/v1` on, the body."""

    method: str
    path: str
    body: bytes


class Assertions:
    """Proves assertions against the public keys of the Airflow instances that are trusted."""

    def __init__(self, accounts: Accounts, keys: dict[str, Ed25519PublicKey]) -> None:
        self._accounts, self._keys = accounts, keys

    async def prove(self, assertion: str, request: Request) -> Identity:
        """Give the Airflow user with a viewer's rights; uses the assertion up. Raises AuthenticationError."""
        claims = self._verified(assertion)
        now = datetime.now(UTC)
        expires_at = _expiry(claims, now)
        _check_binding(claims, request)
        if not await self._accounts.use_assertion(claims["iss"], claims["jti"], now, expires_at):
            raise AuthenticationError("the assertion was used before")
        issuer = f"airflow:{claims['iss']}"
        account = await self._accounts.account(issuer, claims["sub"], claims["name"], new_id("acc"), now)
        return Identity(Caller(account.id, claims["name"], _RIGHTS), Authority())

    def _verified(self, assertion: str) -> dict[str, Any]:
        """Give the claims once the signature of the issuer that they name is proven."""
        if len(assertion) > _LENGTH_MAX or assertion.count(".") != 2:
            raise AuthenticationError("the assertion is no JWS")
        signed, _, signature = assertion.rpartition(".")
        header, payload = (_object(part) for part in signed.split("."))
        if header.get("alg") != "EdDSA" or "crit" in header:
            raise AuthenticationError("the assertion is not signed with EdDSA")
        if not all(isinstance(payload.get(name), str) for name in _TEXTS) or payload["aud"] != AUDIENCE:
            raise AuthenticationError("the assertion lacks a claim or is for someone else")
        key = self._keys.get(payload["iss"])
        if key is None:
            raise AuthenticationError("the assertion's issuer is not trusted")
        try:
            key.verify(_bytes(signature), signed.encode())
        except InvalidSignature as error:
            raise AuthenticationError("the assertion's signature is wrong") from error
        return payload


def trusted_keys(folder: Path | None) -> dict[str, Ed25519PublicKey]:
    """Read `ISSUER.pem` files; raises ConfigurationError for one that is no Ed25519 public key."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise ConfigurationError(f"NEXUS_API__ASSERTION_KEYS: {folder} is no folder", "See docs/airflow.md")
    return {path.stem: _public_key(path) for path in sorted(folder.glob("*.pem"))}


def _public_key(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{path} holds no public key in PEM", "See docs/airflow.md") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(f"{path} holds no Ed25519 key", "See docs/airflow.md")
    return key


def _expiry(claims: dict[str, Any], now: datetime) -> datetime:
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int or not _JTI.match(claims["jti"]):
        raise AuthenticationError("the assertion lacks a claim")
    if not 0 < expires - issued <= LIFE_MAX.total_seconds():
        raise AuthenticationError("the assertion lives too long")
    if not issued <= (now + _SKEW).timestamp() or expires <= now.timestamp():
        raise AuthenticationError("the assertion has expired, or the clocks differ")
    return datetime.fromtimestamp(expires, UTC)


def _check_binding(claims: dict[str, Any], request: Request) -> None:
    body = hashlib.sha256(request.body).hexdigest()
    if (claims["method"], claims["path"]) != (request.method, request.path) or not hmac.compare_digest(
        claims["body"].encode(), body.encode()
    ):
        raise AuthenticationError("the assertion is for another request")


def _object(part: str) -> dict[str, Any]:
    try:
        value = orjson.loads(_bytes(part))
    except orjson.JSONDecodeError as error:
        raise AuthenticationError("the assertion is no JWS") from error
    if not isinstance(value, dict):
        raise AuthenticationError("the assertion is no JWS")
    return value


def _bytes(part: str) -> bytes:
    """Decode base64url without padding."""
    try:
        return base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise AuthenticationError("the assertion is no JWS") from error
