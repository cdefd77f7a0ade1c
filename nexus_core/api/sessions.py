"""Signing in and out of the browser."""

from __future__ import annotations

import html
import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from nexus_core.api.access import COOKIE, Identified
from nexus_core.api.guard import is_loopback
from nexus_core.api.schemas import Session, SignIn
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import AuthenticationError
from nexus_core.governance.identity import Identity
from nexus_core.governance.sessions import NewSession
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action, Outcome

router = APIRouter(tags=["session"])

_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\\]*\Z")


@router.get("/login", operation_id="login", response_class=RedirectResponse, status_code=303, include_in_schema=False)
async def login(
    request: Request, services: UsesServices, once: str, next_path: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """Follow a one-time link: start a session, then go to a page of ours."""
    try:
        started = await services.sessions.follow(once)
        await _signed_in(services, request, "link", started.identity.caller)
    except AuthenticationError as error:
        await _signed_in(services, request, "link", None)
        return HTMLResponse(f"<!doctype html><title>LineageNexus</title><p>{html.escape(str(error))}", 401)
    answer = RedirectResponse(next_path if _OWN_PATH.match(next_path) else "/", 303)
    _set_cookie(answer, services, started)
    return answer


@router.get("/api/v1/session", operation_id="getSession")
async def get_session(services: UsesServices, identity: Identified) -> Session:
    """Say who is signed in."""
    return _session(services, identity)


@router.post("/api/v1/session", operation_id="createSession", status_code=201)
async def create_session(request: Request, services: UsesServices, sign_in: SignIn, response: Response) -> Session:
    """Sign in with an API token; the session has its rights and ends with it."""
    try:
        token = await services.tokens.live(sign_in.token.get_secret_value())
    except AuthenticationError:
        await _signed_in(services, request, "token", None)
        raise
    started = await services.sessions.start(token)
    await _signed_in(services, request, "token", started.identity.caller)
    _set_cookie(response, services, started)
    return _session(services, started.identity)


@router.delete("/api/v1/session", operation_id="endSession", status_code=204)
async def end_session(request: Request, services: UsesServices, identity: Identified, response: Response) -> None:
    """Sign out."""
    await services.audit.record(identity.caller, Act(Action.SIGN_OUT))
    await services.sessions.end(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE)


async def _signed_in(services: Services, request: Request, by: str, caller: Caller | None) -> None:
    """Record that somebody signed in, or tried to; a session that cannot be recorded is never told to the browser."""
    address = {"address": request.client.host} if request.client else {}
    outcome = Outcome.DONE if caller else Outcome.REFUSED
    await services.audit.record(caller, Act(Action.SIGN_IN, {"by": by}, address), outcome)


def _session(services: Services, identity: Identity) -> Session:
    caller = identity.caller
    return Session(
        account_id=caller.account_id,
        name=caller.name,
        permissions=sorted(caller.permissions),
        csrf=identity.csrf,
        embedded=services.settings.store.url is None,
    )


def _set_cookie(response: Response, services: Services, started: NewSession) -> None:
    settings = services.settings.api
    response.set_cookie(
        COOKIE,
        started.secret,
        max_age=int(services.sessions.life.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=(settings.public_url or "").startswith("https:") or not is_loopback(settings.host),
    )
