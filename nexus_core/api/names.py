"""Names that mean one dataset: proposals, decisions, and what a dataset is called (docs/lineage.md, Names)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from nexus_core.api.access import Identified, Reader
from nexus_core.api.deciding import decide as send
from nexus_core.api.names_schemas import (
    DatasetNames,
    NameDecided,
    NameDecision,
    NamePairAnswer,
    NamePairs,
    NameSide,
)
from nexus_core.api.services import Services, UsesServices
from nexus_core.catalogue.names import NamePair, PairPage, read_decided, read_proposals, read_state
from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.events.decision import may_decide
from nexus_core.model.access import Caller, Permission
from nexus_core.model.aliases import Pair, State, pair_of
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.moments import moment
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.dataset_access import visible_in, visible_names

router = APIRouter(prefix="/api/v1/names", tags=["names"])

_KIND = "alias"
_Limit = Annotated[int, Query(ge=1, le=500)]
_Cursor = Annotated[str | None, Query(max_length=100)]
_Part = Annotated[str, Query(min_length=1, max_length=2048)]


@router.get("/proposals", operation_id="listNameProposals")
async def list_proposals(
    services: UsesServices,
    caller: Reader,
    score: Annotated[int, Query(ge=1, le=100, description="The lowest score.")] = 1,
    cursor: _Cursor = None,
    limit: _Limit = 100,
) -> NamePairs:
    """List names that look like one dataset and wait for a decision, the surest first."""
    aliases = await services.aliases.read(services.store)
    return _page(await read_proposals(services.store, aliases, caller.scope, score, cursor, limit))


@router.get("/decisions", operation_id="listNameDecisions")
async def list_decisions(
    services: UsesServices,
    caller: Reader,
    state: Literal["accepted", "rejected"] = "accepted",
    cursor: _Cursor = None,
    limit: _Limit = 100,
) -> NamePairs:
    """List the pairs of names that were accepted as one dataset, or rejected."""
    return _page(await read_decided(services.store, caller.scope, State(state), cursor, limit))


@router.post("/decisions", operation_id="decideNames", status_code=201)
async def decide(services: UsesServices, identity: Identified, asked: NameDecision) -> NameDecided:
    """Accept two names as one dataset, reject that they are, or undo the decision; proposed or not.

    Needs the curator or the alias authority. The decision is an event: everything that is known of either name is then
    known of the dataset, its history included, and an undo parts them again.
    """
    authority = identity.authority
    known = may_decide(authority, _KIND) or authority.curates or authority.aliases
    if not known and not identity.caller.may(Permission.CURATE):
        raise ForbiddenError("a decision about names", "the authority curator or alias")
    pair = _pair(asked)
    if not authority.may_join(*pair) and not await _visible(services, identity.caller, pair):
        raise NotFoundError(f"One of {asked.left.namespace} and {asked.right.namespace}")
    if asked.action == "undo":
        await _check_undo(services, pair)
    objects = tuple(DecidedObject(side.namespace, side.name) for side in pair)
    decision = Decision(_KIND, asked.action, objects)
    return NameDecided(event=await send(services, identity, decision, datetime.now(UTC)))


@router.get("/one", operation_id="getDatasetNames")
async def get_names(services: UsesServices, caller: Reader, namespace: _Part, name: _Part) -> DatasetNames:
    """Give every name that means what this one means, those of joined namespaces included."""
    asked = canonical(DatasetName(namespace, name))
    members = (await services.aliases.read(services.store)).members(asked)
    seen = await visible_names(services.store, caller.scope, members)
    if asked not in seen:
        raise NotFoundError(f"dataset {name} in {namespace}")
    return DatasetNames(names=[NameSide(namespace=each.namespace, name=each.name) for each in seen])


async def _visible(services: Services, caller: Caller, pair: Pair) -> bool:
    """Whether both sides are where the caller may decide."""
    scope = caller.scope_of(Permission.CURATE)
    if pair.whole:
        return all(scope.sees_whole(side.namespace) for side in pair)
    return len(await visible_in(services.store, scope, pair)) == len(pair)


def _pair(asked: NameDecision) -> Pair:
    left, right = (DatasetName(side.namespace, side.name) for side in (asked.left, asked.right))
    pair = pair_of(left, right)
    if pair is None:
        raise InvalidInputError("both sides are one name already, or only one of them is a whole namespace", "$.right")
    return pair


async def _check_undo(services: Services, pair: Pair) -> None:
    """Raise InvalidInputError where there is nothing to undo."""
    state, decided = await read_state(services.store, pair)
    if decided:
        return
    if state is State.ACCEPTED:
        raise InvalidInputError("events with symlinks say so, not a decision: reject it instead", "$.action")
    raise InvalidInputError("there is no decision about these names", "$.action")


def _page(found: PairPage) -> NamePairs:
    return NamePairs(items=[_answer(each) for each in found.pairs], next=found.next)


def _answer(found: NamePair) -> NamePairAnswer:
    left, right = (NameSide(namespace=side.namespace, name=side.name) for side in found.pair)
    return NamePairAnswer(
        left=left,
        right=right,
        state=found.state.value,
        reason=found.reason,
        sentence=found.sentence,
        score=found.score,
        event=found.event_id,
        decided_at=None if found.decided_at is None else moment(found.decided_at),
        shared_count=found.shared_count,
    )
