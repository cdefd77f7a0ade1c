"""Who asks: the credential of a request, and the permission that a route needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from nexus_core.api.services import UsesServices
from nexus_core.errors import AuthenticationError, ForbiddenError
from nexus_core.governance.identity import Identity
from nexus_core.governance.sessions import check_csrf
from nexus_core.model.access import Caller, Permission

COOKIE = "nexus_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def identify(request: Request, services: UsesServices) -> Identity:
    """Prove the bearer token, the assertion of Airflow's plugin, or the browser's session, in this order.

    Raises AuthenticationError, and ForbiddenError for a change by session without its CSRF token.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise AuthenticationError("the Authorization header is no Bearer token")
        return await services.tokens.prove(secret.strip())
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise AuthenticationError
    identity = await services.sessions.prove(cookie)
    if request.method not in _SAFE_METHODS:
        check_csrf(identity, request.headers.get("x-csrf-token"))
    return identity


Identified = Annotated[Identity, Depends(identify)]
"""A route's parameter that receives who asks."""


class Needs:
    """A dependency that gives the caller if it holds a permission."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    def __call__(self, identity: Identified) -> Caller:
        """Raise ForbiddenError without the permission."""
        if not identity.caller.may(self._permission):
            raise ForbiddenError("this request", f"the permission {self._permission}")
        return identity.caller


Reader = Annotated[Caller, Depends(Needs(Permission.READ))]
"""A caller that may read, within its scope."""

Admin = Annotated[Caller, Depends(Needs(Permission.ADMIN))]
"""A caller that may manage tokens."""

Harvester = Annotated[Caller, Depends(Needs(Permission.HARVEST))]
"""A caller that may test and harvest sources."""
