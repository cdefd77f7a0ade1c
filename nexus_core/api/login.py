"""Signing in by an identity provider: the addresses that browsers and providers come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from nexus_core.api.services import Services, UsesServices
from nexus_core.api.sessions import begun_at, is_secure, record_sign_in, refused_page
from nexus_core.errors import AuthenticationError, NexusError, TooLargeError
from nexus_core.governance.sso import Finished, SignedOut
from nexus_core.model.audit import Act, Action

if TYPE_CHECKING:
    from nexus_core.governance.oidc import OidcProvider
    from nexus_core.governance.saml import SamlProvider

router = APIRouter(prefix="/login", include_in_schema=False)

_BROWSER = "nexus_sign_in"
"""The cookie that binds a sign-in to the browser which began it."""

_FORM_MAX = 2**20
_NO_STORE = {"Cache-Control": "no-store"}


@router.get("/{kind}/{name}")
async def begin(
    services: UsesServices,
    kind: str,
    name: str,
    next_path: Annotated[str, Query(alias="next")] = "/",
    step_up: bool = False,
) -> Response:
    """Send the browser to an identity provider; `step_up` asks for a sign-in that is strong enough to govern."""
    try:
        begun = await services.sso.begin(f"{kind}:{name}", next_path, step_up)
    except NexusError as error:
        return refused_page(error)
    answer = RedirectResponse(begun.url, 303, _NO_STORE)
    answer.set_cookie(_BROWSER, begun.browser, 600, path="/", httponly=True, samesite="lax", secure=is_secure(services))
    return answer


@router.get("/oidc/{name}/callback")
async def callback(request: Request, services: UsesServices, name: str) -> Response:
    """Take the answer of an OpenID Connect provider."""
    answer, key = dict(request.query_params), f"oidc:{name}"
    try:
        finished = await services.sso.finish(key, answer.get("state", ""), request.cookies.get(_BROWSER, ""), answer)
    except NexusError as error:
        return await _refused(services, request, key, error)
    return await _finished(services, request, key, finished)


@router.post("/oidc/{name}/backchannel")
async def backchannel_logout(request: Request, services: UsesServices, name: str) -> Response:
    """End the sessions that an OpenID Connect provider has ended (OpenID Connect Back-Channel Logout 1.0)."""
    provider = cast("OidcProvider", services.sso.provider(f"oidc:{name}"))
    try:
        ended = await provider.logged_out((await _form(request)).get("logout_token", ""))
    except AuthenticationError:
        return Response(status_code=400, headers=_NO_STORE)
    await _end(services, provider.key, ended)
    return Response(status_code=200, headers=_NO_STORE)


@router.get("/saml/{name}/metadata")
async def metadata(services: UsesServices, name: str) -> Response:
    """Describe us to a SAML identity provider."""
    return Response(await _saml(services, name).metadata(), media_type="application/samlmetadata+xml")


@router.post("/saml/{name}/acs")
async def assertion_consumer(request: Request, services: UsesServices, name: str) -> Response:
    """Take a SAML response, which comes from the provider's page; the browser then collects its session from us."""
    key = f"saml:{name}"
    try:
        form = await _form(request)
        once = await services.sso.receive(key, form.get("RelayState", ""), form)
    except NexusError as error:
        return await _refused(services, request, key, error)
    return RedirectResponse(f"finish?once={once}", 303, _NO_STORE)


@router.get("/saml/{name}/finish")
async def finish(request: Request, services: UsesServices, name: str, once: str) -> Response:
    """Start the session of a response that was taken, in the browser that asked for it."""
    key = f"saml:{name}"
    try:
        finished = await services.sso.collect(key, once, request.cookies.get(_BROWSER, ""))
    except NexusError as error:
        return await _refused(services, request, key, error)
    return await _finished(services, request, key, finished)


@router.get("/saml/{name}/logout")
async def single_logout(request: Request, services: UsesServices, name: str) -> Response:
    """Take a SAML provider's request to sign out, or its answer to ours."""
    provider = _saml(services, name)
    try:
        ended, onwards = await provider.logged_out(request.url.query, dict(request.query_params))
    except NexusError as error:
        return refused_page(error)
    if ended is not None:
        await _end(services, provider.key, ended)
    return RedirectResponse(onwards, 303, _NO_STORE)


async def _finished(services: Services, request: Request, key: str, finished: Finished) -> Response:
    await record_sign_in(services, request, key, finished.session.identity.caller)
    answer = await begun_at(services, request, finished.session, finished.next_path)
    answer.delete_cookie(_BROWSER)
    return answer


async def _refused(services: Services, request: Request, key: str, error: NexusError) -> Response:
    if key in services.sso.providers:
        await record_sign_in(services, request, key, None)
    return refused_page(error)


async def _end(services: Services, key: str, ended: SignedOut) -> None:
    """End what a provider has ended; recorded after, since a session must not go on for want of a record."""
    provider = services.sso.provider(key)
    count = await services.sso.end(provider, ended)
    told = {"subject": ended.subject} if ended.subject else {}
    await services.audit.record(None, Act(Action.SIGNED_OUT_ELSEWHERE, {"by": key, "sessions": str(count)}, told))


def _saml(services: Services, name: str) -> SamlProvider:
    return cast("SamlProvider", services.sso.provider(f"saml:{name}"))


async def _form(request: Request) -> dict[str, str]:
    """Read a form, by which providers post; of a name that comes twice nothing is taken."""
    body = await request.body()
    if len(body) > _FORM_MAX:
        raise TooLargeError(f"the form is larger than {_FORM_MAX} bytes")
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=20)
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}
