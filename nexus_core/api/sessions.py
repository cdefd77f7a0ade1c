"""Signing in and out of the browser."""

from __future__ import annotations

import html
import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from nexus_core.api.access import COOKIE, Identified
from nexus_core.api.errors import problem_of
from nexus_core.api.guard import is_loopback
from nexus_core.api.identity_schemas import PasswordChange, SignedOut, SignIn, SignInProvider, SignInWays
from nexus_core.api.schemas import Session
from nexus_core.api.services import Services, UsesServices
from nexus_core.errors import AuthenticationError, ForbiddenError, LockedOutError, NexusError, UnavailableError
from nexus_core.governance.identity import Identity
from nexus_core.governance.sessions import NewSession, site
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
    except AuthenticationError as error:
        await record_sign_in(services, request, "link", None)
        return refused_page(error)
    await record_sign_in(services, request, "link", started.identity.caller)
    return await begun_at(services, request, started, next_path)


@router.get("/api/v1/session", operation_id="getSession")
async def get_session(services: UsesServices, identity: Identified) -> Session:
    """Say who is signed in."""
    return _session(services, identity)


@router.get("/api/v1/session/ways", operation_id="getSignInWays")
async def get_ways(services: UsesServices) -> SignInWays:
    """Say how people can sign in, to anyone."""
    providers = [
        SignInProvider(key=each.key, title=each.title, path=f"/login/{each.key.replace(':', '/')}")
        for each in services.sso.providers.values()
    ]
    return SignInWays(password=await services.users.any(), providers=providers)


@router.post("/api/v1/session", operation_id="createSession", status_code=201)
async def create_session(request: Request, services: UsesServices, sign_in: SignIn, response: Response) -> Session:
    """Sign in with an API token, whose rights the session has and with which it ends, or with a name and password."""
    _check_same_site(request)
    by = "password" if sign_in.token is None else "token"
    try:
        started = await _started(services, sign_in)
    except (AuthenticationError, LockedOutError):
        await record_sign_in(services, request, by, None, sign_in.name)
        raise
    await record_sign_in(services, request, by, started.identity.caller)
    await services.sessions.end(request.cookies.get(COOKIE, ""))
    _set_cookie(response, services, started)
    return _session(services, started.identity)


@router.delete("/api/v1/session", operation_id="endSession")
async def end_session(request: Request, services: UsesServices, identity: Identified, response: Response) -> SignedOut:
    """Sign out; where an identity provider started the session, tell the address at which that ends its own."""
    await services.audit.record(identity.caller, Act(Action.SIGN_OUT))
    by = await services.sessions.end(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE)
    if by is None:
        return SignedOut()
    try:
        return SignedOut(continue_at=await services.sso.sign_out(by, f"{site(services.settings.api)}/"))
    except UnavailableError:  # we are signed out all the same
        return SignedOut()


@router.put("/api/v1/session/password", operation_id="changePassword", status_code=204)
async def change_password(
    request: Request, services: UsesServices, identity: Identified, asked: PasswordChange
) -> None:
    """Change one's password, by session; one's other sessions end."""
    caller = identity.caller
    if identity.csrf is None:
        raise ForbiddenError("changing a password with a token", "a session")
    user = await services.users.one(caller.account_id)
    await services.users.prove(user.name, asked.current.get_secret_value())
    async with services.audit.acting(caller, Act(Action.PASSWORD_CHANGED, {"user": user.id})):
        await services.users.set_password(user, asked.new.get_secret_value())
        await services.sessions.end_others(user.id, request.cookies.get(COOKIE, ""))


async def begun_at(services: Services, request: Request, started: NewSession, next_path: str) -> Response:
    """Answer a navigation that started a session: end the one that the browser had, and go to a page of ours."""
    await services.sessions.end(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(_base(services) + (next_path if _OWN_PATH.match(next_path) else "/"), 303)
    _set_cookie(answer, services, started)
    return answer


def refused_page(error: NexusError) -> Response:
    """Answer a navigation that started no session."""
    return HTMLResponse(
        f"<!doctype html><title>LineageNexus</title><p>{html.escape(str(error))}", problem_of(error).status
    )


async def record_sign_in(
    services: Services, request: Request, by: str, caller: Caller | None, name: str | None = None
) -> None:
    """Record that somebody signed in, or tried to; a session that cannot be recorded is never told to the browser."""
    told = {"address": request.client.host} if request.client else {}
    if name is not None:
        told["name"] = name
    outcome = Outcome.DONE if caller else Outcome.REFUSED
    await services.audit.record(caller, Act(Action.SIGN_IN, {"by": by}, told), outcome)


async def _started(services: Services, sign_in: SignIn) -> NewSession:
    if sign_in.token is not None:
        return await services.sessions.start(await services.tokens.live(sign_in.token.get_secret_value()))
    assert sign_in.name is not None  # noqa: S101 - as its shape demands
    assert sign_in.password is not None  # noqa: S101 - as its shape demands
    account = await services.users.prove(sign_in.name, sign_in.password.get_secret_value())
    return await services.sessions.start_for(account)


def _check_same_site(request: Request) -> None:
    """Refuse a sign-in that another site's page sends, which would put its visitor into an account of its own."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise ForbiddenError("signing in from another site's page", "our own sign-in page")


def is_secure(services: Services) -> bool:
    """Whether cookies go over TLS only: always, but on this machine itself."""
    settings = services.settings.api
    return (settings.public_url or "").startswith("https:") or not is_loopback(settings.host)


def _base(services: Services) -> str:
    """Give the path that we are mounted at, without a slash at its end."""
    return urlsplit(services.settings.api.public_url or "").path.rstrip("/")


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
    response.set_cookie(
        COOKIE,
        started.secret,
        max_age=int(services.sessions.life.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(services),
    )
