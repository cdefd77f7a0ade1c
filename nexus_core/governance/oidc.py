"""OpenID Connect: the authorization code flow with PKCE, and signing out from both sides.

Answers of one provider cannot be taken for another's (RFC 9207, RFC 9700 §4.4): each has a callback of its own, the
state belongs to one, and an `iss` that comes along must be its issuer, as must the ID token's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from nexus_core.errors import AuthenticationError
from nexus_core.governance.oidc_tokens import id_token_claims, logout_token_claims
from nexus_core.governance.oidc_web import OidcWeb
from nexus_core.governance.sso import SignedOut, Vouched
from nexus_core.settings import OidcSettings
from nexus_core.store.accounts import Accounts

_VERIFIER_LENGTH, _NONCE_LENGTH = 64, 43
_LOGOUT_REMEMBERED = timedelta(minutes=15)
_GROUPS_MAX, _TEXT_MAX = 1000, 320


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider; `site` is our address as browsers see it."""

    name: str
    settings: OidcSettings
    site: str
    web: OidcWeb
    accounts: Accounts

    @property
    def key(self) -> str:
        """`oidc:NAME`."""
        return f"oidc:{self.name}"

    @property
    def title(self) -> str:
        """What people call it."""
        return self.settings.title or self.name

    @property
    def groups_prefix(self) -> str:
        """What stands before the names of its groups."""
        return self.settings.groups_prefix

    async def issuer(self) -> str:
        """Give the issuer of the accounts of those for whom it vouches."""
        return f"oidc:{self.settings.issuer}"

    async def begin(self, state: str, step_up: bool) -> tuple[str, dict[str, Any]]:
        """Give the address of its authorization endpoint for this sign-in."""
        endpoint = await asyncio.to_thread(self.web.endpoint, "authorization_endpoint")
        verifier, nonce = generate_token(_VERIFIER_LENGTH), generate_token(_NONCE_LENGTH)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._callback,
            "scope": self.settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if step_up and self.settings.step_up_acr:
            asked |= {"acr_values": self.settings.step_up_acr, "max_age": "0"}
        return add_params_to_uri(endpoint, list(asked.items())), {"verifier": verifier, "nonce": nonce}

    async def finish(self, answer: Mapping[str, str], kept: Mapping[str, Any]) -> Vouched:
        """Exchange the code and prove the ID token."""
        return await asyncio.to_thread(self._finish, answer, kept)

    async def sign_out(self, sign_out: str, back_to: str) -> str | None:
        """Give its end-session address (OpenID Connect RP-Initiated Logout 1.0), if it has one."""
        metadata = await asyncio.to_thread(self.web.metadata)
        if "end_session_endpoint" not in metadata:
            return None
        asked = {
            "id_token_hint": sign_out,
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": back_to,
        }
        endpoint = await asyncio.to_thread(self.web.endpoint, "end_session_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def logged_out(self, token: str) -> SignedOut:
        """Prove a logout token, which is used up. Raises AuthenticationError."""
        issuer, client = self.settings.issuer, self.settings.client_id
        claims = await asyncio.to_thread(logout_token_claims, token, self.web.keys, issuer, client)
        now = datetime.now(UTC)
        used = f"{await self.issuer()} logout"
        if not await self.accounts.use_assertion(used, claims["jti"], now, now + _LOGOUT_REMEMBERED):
            raise AuthenticationError("the logout token was used before")
        return SignedOut(claims.get("sid"), claims.get("sub"))

    @property
    def _callback(self) -> str:
        return f"{self.site}/login/oidc/{self.name}/callback"

    def _finish(self, answer: Mapping[str, str], kept: Mapping[str, Any]) -> Vouched:
        self._check_issuer(answer)
        if "error" in answer or not answer.get("code"):
            raise AuthenticationError("the identity provider refused the sign-in")
        token = self.web.exchange(answer["code"], kept["verifier"], self._callback)
        issuer, client = self.settings.issuer, self.settings.client_id
        return self._vouched(id_token_claims(token, self.web.keys, issuer, client, kept["nonce"]), token)

    def _check_issuer(self, answer: Mapping[str, str]) -> None:
        needed = self.web.metadata().get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", None if needed else self.settings.issuer) != self.settings.issuer:
            raise AuthenticationError("the answer is another identity provider's")

    def _vouched(self, claims: Mapping[str, Any], token: str) -> Vouched:
        groups = claims.get(self.settings.groups_claim)
        named = [group for group in groups if isinstance(group, str)] if isinstance(groups, list) else []
        return Vouched(
            subject=claims["sub"],
            name=_text(claims, self.settings.name_claim) or _text(claims, "email") or claims["sub"],
            email=_text(claims, "email"),
            display_name=_text(claims, "name"),
            groups=tuple(self.settings.groups_prefix + group for group in named[:_GROUPS_MAX]),
            session=_text(claims, "sid"),
            sign_out=token,
            strong_at=self._strong_at(claims),
        )

    def _strong_at(self, claims: Mapping[str, Any]) -> float | None:
        """Give when a sign-in was that is strong enough to govern: its own moment, not that of the token."""
        if not self.settings.step_up_acr or claims.get("acr") != self.settings.step_up_acr:
            return None
        at = claims.get("auth_time", claims["iat"])
        return float(min(at, time.time())) if isinstance(at, int | float) else None


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value[:_TEXT_MAX] if isinstance(value, str) and value else None
