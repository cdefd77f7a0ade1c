"""Why somebody sees a dataset, or does not (docs/access.md)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from nexus_core.api.access import Identified, Reader
from nexus_core.api.present_name import MOVED, PresentName
from nexus_core.api.role_schemas import RightsGrant, ScopeReach, SightAnswer, SightReason
from nexus_core.api.services import UsesServices
from nexus_core.catalogue.sight import read_attributes
from nexus_core.errors import ForbiddenError
from nexus_core.governance.scopes import reach_json
from nexus_core.governance.sight import Reason, reasons
from nexus_core.model.access import Grant, Permission
from nexus_core.model.names import DatasetName

router = APIRouter(prefix="/api/v1/access", tags=["access"])

_Part = Annotated[str, Query(min_length=1, max_length=2048)]


@router.get("/why", operation_id="getWhyVisible", dependencies=[PresentName], responses=MOVED)
async def get_why(
    services: UsesServices,
    caller: Reader,
    namespace: _Part,
    name: _Part,
    account: Annotated[
        str | None, Query(min_length=1, max_length=200, description="Of this account, for admins; absent: one's own.")
    ] = None,
) -> SightAnswer:
    """Tell which grants show a dataset, for one that the caller sees; of another account also which do not, and why."""
    if account is not None and not caller.may(Permission.ADMIN):
        raise ForbiddenError("asking for another account", "the permission admin")
    aliases = await services.aliases.read(services.store)
    known, attributes = await read_attributes(services.store, aliases, caller.scope, DatasetName(namespace, name))
    grants = caller.grants if account is None else await services.identities.granted(account)
    found = reasons(grants, known, attributes)
    shown = [each for each in found if not each.hidden_by]
    return SightAnswer(
        namespace=known.namespace,
        name=known.name,
        visible=bool(shown),
        domain=attributes.domain,
        class_name=attributes.class_name,
        reasons=[_reason(each) for each in (shown if account is None else found)],
    )


@router.get("/rights", operation_id="getRights")
async def get_rights(
    services: UsesServices,
    identity: Identified,
    account: Annotated[
        str | None, Query(min_length=1, max_length=200, description="Of this account, for admins; absent: one's own.")
    ] = None,
) -> list[RightsGrant]:
    """Tell what one may do now and where: each role binding, and of another account each token, with its scope."""
    caller = identity.caller
    if account is None:
        return [_grant(each) for each in caller.grants]
    if not caller.may(Permission.ADMIN):
        raise ForbiddenError("asking for another account", "the permission admin")
    return [_grant(each) for each in await services.identities.granted(account)]


def _grant(of: Grant) -> RightsGrant:
    return RightsGrant(
        origin=of.origin,
        role=of.role or None,
        permissions=sorted(of.permissions),
        scope=[ScopeReach(**reach_json(reach)) for reach in of.scope.reaches],
    )


def _reason(of: Reason) -> SightReason:
    return SightReason(
        origin=of.grant.origin,
        role=of.grant.role or None,
        reach=ScopeReach(**reach_json(of.reach)),
        hidden_by=list(of.hidden_by),
    )
