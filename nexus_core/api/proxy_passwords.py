"""Passwords for the masking proxy: one's own, for a short time."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from nexus_core.api.access import Identified, Reader
from nexus_core.api.identity_schemas import ProxyPasswordMade, ProxyPasswordRequest
from nexus_core.api.services import UsesServices
from nexus_core.errors import ForbiddenError
from nexus_core.governance.proxy_passwords import ending, making

router = APIRouter(prefix="/api/v1/proxy", tags=["proxy"])


@router.post("/passwords", operation_id="createProxyPassword", status_code=201)
async def create_proxy_password(
    services: UsesServices, caller: Reader, identity: Identified, asked: ProxyPasswordRequest
) -> ProxyPasswordMade:
    """Make one's own password for the masking proxy, by session; it takes the place of the one before."""
    user = await services.users.one(caller.account_id) if identity.csrf else None
    if user is None:
        raise ForbiddenError("making a password for the proxy with a token", "a person's session")
    life = timedelta(minutes=asked.minutes)
    async with services.audit.acting(caller, making(user, life)):
        made = await services.proxy_passwords.make(user, life)
    return ProxyPasswordMade(user=made.login, password=made.password, expires_at=made.expires_at)


@router.delete("/passwords/own", operation_id="endProxyPassword", status_code=204)
async def end_proxy_password(services: UsesServices, identity: Identified) -> None:
    """End one's own password for the masking proxy, and the sessions there that it began."""
    async with services.audit.acting(identity.caller, ending(identity.caller.account_id)):
        await services.proxy_passwords.end(identity.caller.account_id)
