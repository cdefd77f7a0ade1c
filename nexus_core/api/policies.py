"""Masking policies: plan, propose, approve, explain (docs/policies.md)."""

from __future__ import annotations

from asyncio import to_thread
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from nexus_core.api.access import Governor, Reader
from nexus_core.api.policy_schemas import (
    NativePolicies,
    PolicyDecision,
    PolicyExplanation,
    PolicyPlan,
    PolicyProposal,
    PolicyReading,
    PolicyText,
    PolicyVersionAnswer,
    explanation,
    plan_answer,
    reading,
    version_answer,
)
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.policy_columns import find_column, policy_columns
from nexus_core.classification.asking import read_field_class
from nexus_core.classification.sentence import sentence
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.policies import keeping
from nexus_core.governance.policies.audiences import Holders, audiences, holder
from nexus_core.governance.policies.document import PolicyDocument, json_schema, policy_set, write_document
from nexus_core.governance.policies.plan import make_plan, unknown_roles
from nexus_core.governance.roles import Roles
from nexus_core.masking.native.emitting import script
from nexus_core.masking.native.engines import Engine
from nexus_core.masking.native.reading import read_told
from nexus_core.model.access import Caller, Permission
from nexus_core.model.policy import Column, filters, resolve
from nexus_core.store.accounts import Account
from nexus_core.store.policies import PolicyState

_VERSION_MOST = 2**31 - 2  # what the column of the store holds, and one more

router = APIRouter(prefix="/api/v1/policies", tags=["governance"])

_STATES = {"approve": PolicyState.ACTIVE, "reject": PolicyState.REJECTED, "withdraw": PolicyState.WITHDRAWN}


@router.get("", operation_id="getPolicies", response_model_exclude_defaults=True)
async def get_policies(services: UsesServices, _caller: Governor) -> PolicyVersionAnswer | None:
    """Give the document in force; null before the first, when every column that is not Public is refused."""
    found = await keeping.active(services.main)
    return version_answer(found) if found else None


@router.get("/schema", operation_id="getPolicySchema")
async def get_schema(_caller: Reader) -> dict[str, Any]:
    """Give the JSON Schema of a document."""
    return json_schema()


@router.get("/versions", operation_id="listPolicyVersions", response_model_exclude_defaults=True)
async def list_versions(
    services: UsesServices,
    _caller: Governor,
    before: Annotated[int | None, Query(ge=1, le=_VERSION_MOST, description="Older than this version.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[PolicyVersionAnswer]:
    """List the documents that were proposed, the newest first."""
    return [version_answer(each) for each in await keeping.history(services.main, limit, before)]


@router.post("/read", operation_id="readPolicyText")
async def read_text(_caller: Governor, asked: PolicyText) -> PolicyReading:
    """Read a document of YAML or JSON and run its tests, or tell what is wrong and where; nothing is kept."""
    return await to_thread(reading, asked.text)


@router.get("/text", operation_id="getPolicyText")
async def get_text(
    services: UsesServices,
    _caller: Governor,
    version: Annotated[int | None, Query(ge=1, le=_VERSION_MOST, description="Absent: the one in force.")] = None,
) -> PolicyText:
    """Give a document as YAML; before the first one in force, the document that says nothing."""
    if version is None:
        found = await keeping.active(services.main)
    else:
        found = next(iter(await keeping.history(services.main, 1, version + 1)), None)
        if found is None or found.version.version != version:
            raise NotFoundError(f"Version {version} of the policies")
    return PolicyText(text=write_document(found.document if found else PolicyDocument(version=1)))


@router.post("/plan", operation_id="planPolicies")
async def plan_policies(services: UsesServices, caller: Governor, document: PolicyDocument) -> PolicyPlan:
    """Tell whose visible columns would change, and which columns no policy would match any more."""
    _check_whole(caller)
    keeping.check_tests(document)
    return await _plan(services, document)


@router.post("", operation_id="proposePolicies", status_code=201)
async def propose_policies(services: UsesServices, caller: Governor, asked: PolicyProposal) -> PolicyVersionAnswer:
    """Propose a document; it comes into force when another account approves it."""
    _check_whole(caller)
    planned = await _plan(services, asked.document)
    if planned.problems:
        raise InvalidInputError(planned.problems[0], "$.document")
    async with services.audit.acting(caller, keeping.proposing(asked.document)):
        return version_answer(await keeping.propose(services.main, asked.document, asked.comment, caller))


@router.post("/versions/{version}/decision", operation_id="decidePolicies")
async def decide_policies(
    services: UsesServices,
    caller: Governor,
    version: Annotated[int, Path(ge=1, le=_VERSION_MOST)],
    asked: PolicyDecision,
) -> PolicyVersionAnswer:
    """Approve or reject another's document, or withdraw one's own."""
    _check_whole(caller)
    state = _STATES[asked.action]
    async with services.audit.acting(caller, keeping.deciding(version, state)):
        return version_answer(await keeping.decide(services.main, version, state, caller))


@router.get("/native", operation_id="getNativePolicies")
async def get_native(
    services: UsesServices,
    caller: Governor,
    kind: Annotated[Engine, Query(description="The engine that the SQL is for.")],
    namespace: Annotated[str | None, Query(max_length=2048, description="If several are of the kind.")] = None,
    domain: Annotated[str | None, Query(max_length=253, description="The domain of BigQuery's groups.")] = None,
) -> NativePolicies:
    """Give the policies in force as SQL for another engine, of the datasets that the caller governs and sees."""
    aliases = await services.aliases.read(services.store)
    scope = caller.scope_of(Permission.GOVERN).limited_to(caller.scope)
    told = await read_told(services.store, services.main, scope, kind, namespace, aliases)
    policies = await keeping.active_set(services.main)
    sql = await to_thread(script, kind, policies, told, domain)
    return NativePolicies(kind=kind, namespace=told[0].name.namespace, dataset_count=len(told), sql=sql)


@router.get("/explain", operation_id="explainPolicies")
async def explain_policies(
    services: UsesServices,
    caller: Reader,
    column: Annotated[str, Query(min_length=3, max_length=4096, description="TABLE.COLUMN")],
    namespace: Annotated[str | None, Query(max_length=2048, description="If several have the table.")] = None,
    account: Annotated[str | None, Query(max_length=500, description="Id or name; absent: the caller.")] = None,
) -> PolicyExplanation:
    """Tell what somebody sees of a column that the caller sees to be there, and which policies say so."""
    found = await find_column(services.store, services.main, caller.scope, column, namespace)
    who = await _holder(services, caller, account)
    roles = who.roles(found)
    policies = await keeping.active_set(services.main)
    rows = filters(policies.row_filters, found.dataset, roles)
    because = await _because(services, caller, found)
    return explanation(found, roles, resolve(policies.policies, found, roles), rows, because)


async def _because(services: Services, caller: Caller, column: Column) -> str:
    """Tell what the column's class follows from, as far as the caller sees; "" where nothing was ever classified."""
    aliases = await services.aliases.read(services.store)
    try:
        asked = (services.main, services.store, aliases, caller.scope, column.dataset, column.field)
        return sentence(await read_field_class(*asked))
    except NotFoundError:
        return ""


async def _plan(services: Services, document: PolicyDocument) -> PolicyPlan:
    roles = Roles(services.main)
    before, after = await keeping.active_set(services.main), policy_set(document)
    holders = audiences(await roles.bindings(), datetime.now(UTC))
    plan = await make_plan(before, after, policy_columns(services.store, services.main), holders)
    return plan_answer(plan, unknown_roles(after, [role.name for role in await roles.all()]))


async def _holder(services: Services, caller: Caller, account: str | None) -> Holders:
    """Give who is asked about; raises ForbiddenError where another is, without the right to know."""
    if account is None or account in (caller.account_id, caller.name):
        return holder(caller.name, caller.grants)
    if not caller.may(Permission.GOVERN):
        raise ForbiddenError("what another sees", "the permission govern")
    user = await services.users.one(account)
    identity = await services.identities.of_account(Account(user.id, user.name))
    return holder(user.name, () if user.disabled_at else identity.caller.grants)


def _check_whole(caller: Caller) -> None:
    """Policies are of everything: who sees a part would learn of the rest by a plan."""
    if not caller.scope_of(Permission.GOVERN).everything:
        raise ForbiddenError("policies of everything", "the permission govern without a limit of scope")
