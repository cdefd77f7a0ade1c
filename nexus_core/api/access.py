"""Who asks: the credential of a request, and the permission that a route needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from nexus_core.api.services import UsesServices
from nexus_core.errors import AuthenticationError, ForbiddenError, StepUpError
from nexus_core.governance import assertion
from nexus_core.governance.identity import Identity
from nexus_core.governance.sessions import check_csrf
from nexus_core.model.access import Caller, Permission

COOKIE = "nexus_session"
_PREFIX = b"/api/v1"
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
    asserted = request.headers.get("x-nexus-assertion")
    if asserted is not None:
        return await services.assertions.prove(asserted, await _bound(request))
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        raise AuthenticationError
    identity = await services.sessions.prove(cookie)
    if request.method in _SAFE_METHODS:
        return identity
    check_csrf(identity, request.headers.get("x-csrf-token"))
    return identity.changing()


async def _bound(request: Request) -> assertion.Request:
    """Give the parts of a request that an assertion signs."""
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    whole = path + (b"?" + query if query else b"")
    start = max(whole.find(_PREFIX), 0)  # a proxy may have mounted us below a path of its own
    return assertion.Request(request.method, whole[start:].decode("latin-1"), await request.body())


Identified = Annotated[Identity, Depends(identify)]
"""A route's parameter that receives who asks."""


def check_step_up(identity: Identity) -> None:
    """Raise StepUpError for a session whose sign-in is too weak or too old to govern."""
    if identity.step_up is not None:
        raise StepUpError(identity.step_up)


class Needs:
    """A dependency that gives the caller if it holds a permission."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    async def __call__(self, identity: Identified) -> Caller:
        """Raise ForbiddenError without the permission."""
        if not identity.caller.may(self._permission):
            check_step_up(identity)
            raise ForbiddenError("this request", f"the permission {self._permission}")
        return identity.caller


Reader = Annotated[Caller, Depends(Needs(Permission.READ))]
"""A caller that may read, within its scope."""

Admin = Annotated[Caller, Depends(Needs(Permission.ADMIN))]
"""A caller that may manage tokens."""

Steward = Annotated[Caller, Depends(Needs(Permission.CURATE))]
"""A caller that may decide what happens with an event."""

Governor = Annotated[Caller, Depends(Needs(Permission.GOVERN))]
"""A caller that may decide about classes, policies and requests."""

Harvester = Annotated[Caller, Depends(Needs(Permission.HARVEST))]
"""A caller that may test and harvest sources."""

Auditor = Annotated[Caller, Depends(Needs(Permission.AUDIT))]
"""A caller that may read the audit log, within its scope."""
