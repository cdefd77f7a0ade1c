"""Proves ID tokens (OpenID Connect Core 1.0 §3.1.3.7) and logout tokens (Back-Channel Logout 1.0 §2.6)."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from nexus_core.errors import AuthenticationError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures by a private key only: neither `none` nor a MAC, whose key could be our secret or a public key."""

_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_SKEW = 60
_LOGOUT_LIFE_MAX = 600
_LENGTH_MAX = 64 * 1024
_SUBJECT_MAX = 255

KeysOf = Callable[[str | None], KeySet]


def id_token_claims(token: str, keys: KeysOf, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """Give an ID token's claims once all that must hold is proven. Raises AuthenticationError."""
    claims = _proven(token, keys, issuer, client_id)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise AuthenticationError("the ID token is for another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX:
        raise AuthenticationError("the ID token names nobody")
    return claims


def logout_token_claims(token: str, keys: KeysOf, issuer: str, client_id: str) -> dict[str, Any]:
    """Give a logout token's claims, but for whether it was used before. Raises AuthenticationError."""
    claims = _proven(token, keys, issuer, client_id)
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(_LOGOUT), Mapping) or "nonce" in claims:
        raise AuthenticationError("this is no logout token")
    named = [claims.get(name) for name in ("sub", "sid")]
    if not any(named) or not all(isinstance(each, str | None) for each in (*named, claims.get("jti"))):
        raise AuthenticationError("the logout token names nobody")
    if not claims.get("jti") or claims["iat"] < time.time() - _LOGOUT_LIFE_MAX:
        raise AuthenticationError("the logout token has no id or is too old")
    return claims


def _proven(token: str, keys: KeysOf, issuer: str, client_id: str) -> dict[str, Any]:
    if len(token) > _LENGTH_MAX:
        raise AuthenticationError("the identity provider's token is too long")
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        claims = jwt.decode(token, keys(kid if isinstance(kid, str) else None), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise AuthenticationError("the identity provider's token is not signed by it") from error
    if not isinstance(claims, dict) or claims.get("iss") != issuer:
        raise AuthenticationError("the identity provider's token is another's")
    _check_audience(claims, client_id)
    _check_times(claims)
    return claims


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    presenter = claims.get("azp", client_id if len(audiences) == 1 else None)
    if client_id not in audiences or presenter != client_id:
        raise AuthenticationError("the identity provider's token is for someone else")


def _check_times(claims: Mapping[str, Any]) -> None:
    now, issued, expires, begins = time.time(), claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (issued, expires, begins)):
        raise AuthenticationError("the identity provider's token lacks its times")
    if expires <= now - _SKEW or issued > now + _SKEW or begins > now + _SKEW:  # type: ignore[operator] # checked
        raise AuthenticationError("the identity provider's token has expired, or the clocks differ")
