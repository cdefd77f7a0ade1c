"""What a caller sees of a simulation's outcome: assets by weight and use, with whom to tell; the rest is `hidden`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nexus_core.catalogue.policy_columns import columns_of
from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.events.sql_text import hide_literals
from nexus_core.governance.policies.keeping import active_set
from nexus_core.impact.applying import replaced
from nexus_core.impact.checked import judged_checks, touched
from nexus_core.impact.estate import Found, Source, read_estate
from nexus_core.impact.judging import reason_of
from nexus_core.impact.policies import judged_policies
from nexus_core.impact.simulating import Parser, Simulated, simulated
from nexus_core.model.access import Scope
from nexus_core.model.edge import node_key
from nexus_core.model.impact import Change, ChangeKind, Outcome, Verdict
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.database import reading
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.quality import checks_of
from nexus_core.store.usage import USAGE_DAYS, uses_by_account

HIDDEN = "hidden"
"""What stands in a path for what the caller does not see."""

_RANK = {Verdict.BREAKS: 0, Verdict.UNKNOWN: 1, Verdict.CHANGES: 2, Verdict.SAFE: 3}


@dataclass(frozen=True, slots=True)
class Question:
    """Changes with how far they are followed, in datasets, and the moment at which the lineage is taken.

    `with_policies` asks for policies and row filters, too.
    """

    changes: tuple[Change, ...]
    depth: int
    as_of: datetime | None = None
    with_policies: bool = False


@dataclass(frozen=True, slots=True)
class Asset:
    """An outcome that the caller sees; `users` are the accounts that read what it makes, with how often."""

    outcome: Outcome
    owners: Sequence[str]
    users: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Impact:
    """The visible assets, the worst and most used first; `hidden` says that others are reached, never how many."""

    assets: Sequence[Asset]
    hidden: bool
    truncated: bool


async def impact_of(source: Source, scope: Scope, parser: Parser, question: Question) -> Impact:
    """Simulate changes and show what a scope sees of their outcome.

    Raises NotFoundError for a changed dataset or job that the scope does not see, InvalidInputError for a change that
    cannot be made, UnavailableError if store, log or graph does not answer.
    """
    changes = tuple(_named(change, source) for change in question.changes)
    await _require_seen(source, scope, changes)
    found = await read_estate(source, changes, question.depth, question.as_of)
    await _require_texts(source, scope, changes, found)
    done = await simulated(found.estate, changes, parser)
    outcomes = [*done.outcomes, *await _checks(source, done)]
    if question.with_policies:
        outcomes += await _policies(source, changes)
    names = {name for outcome in outcomes for name in outcome.names} | {change.dataset for change in changes}
    seen = await visible_in(source.store, scope, names)
    visible = [each for each in outcomes if each.names & seen and _is_seen(each, seen)]
    known = {each.id for each in visible} | {name.id for name in seen}
    shown = [_shown(each, seen, found, known) for each in visible]
    uses = await _uses(source, shown)
    assets = [Asset(each, found.owners.get(each.id, ()), uses.get(each.id, {})) for each in shown]
    return Impact(sorted(assets, key=_weight), len(shown) < len(outcomes), found.truncated)


def _named(change: Change, source: Source) -> Change:
    """Give a change with the dataset's name that stands for it."""
    return replace(change, dataset=source.aliases.of(canonical(change.dataset)))


async def _checks(source: Source, done: Simulated) -> list[Outcome]:
    """Give what changes do to the quality checks of all that is not as before."""
    async with reading(source.store) as connection:
        checks = await checks_of(connection, touched(done))
    return list(judged_checks(done, checks))


async def _policies(source: Source, changes: Sequence[Change]) -> list[Outcome]:
    """Give what changes do to the policies in force."""
    policies = await active_set(source.main)
    if not policies.policies and not policies.row_filters:
        return []
    names = {change.dataset for change in changes}
    columns = {name: await columns_of(source.store, source.main, name) for name in names}
    return judged_policies(policies, changes, columns)


async def _require_seen(source: Source, scope: Scope, changes: Sequence[Change]) -> None:
    """Refuse to change what the caller does not see."""
    named = [change.dataset for change in changes if change.kind is not ChangeKind.REPLACE_SQL]
    seen = await visible_in(source.store, scope, named)
    for name in named:
        if name not in seen:
            raise NotFoundError(f"dataset {name.name} in {name.namespace}")


async def _require_texts(source: Source, scope: Scope, changes: Sequence[Change], found: Found) -> None:
    """Refuse to replace a text unless the caller sees all that it reads and writes: else it could ask for fields."""
    for change in changes:
        if change.kind is not ChangeKind.REPLACE_SQL:
            continue
        name = change.dataset
        statement = next(iter(replaced(found.estate.statements, [change]).values()), None)
        names = statement.reads | statement.writes if statement else frozenset({name})
        if not names <= await visible_in(source.store, scope, names):
            raise NotFoundError(f"dataset {name.name} in {name.namespace}")
        if statement is None:
            raise InvalidInputError(f"no statement is known that makes {name.name}, or several are", "$.changes")


def _is_seen(outcome: Outcome, seen: Collection[DatasetName]) -> bool:
    """Whether an asset is seen: a dataset by itself, a job by any that it touches."""
    own = [name for name in outcome.names if name.id == outcome.id]
    return own[0] in seen if own else True


def _shown(outcome: Outcome, seen: frozenset[DatasetName], found: Found, known: Collection[str]) -> Outcome:
    """Give an outcome without what the caller does not see, its literals hidden; `known` are the ids that it sees."""
    path = tuple(each if each in known else HIDDEN for each in outcome.path)
    once = tuple(each for at, each in enumerate(path) if each != HIDDEN or path[at - 1 : at] != (HIDDEN,))
    if not outcome.names <= seen:
        reason = reason_of(outcome.reason.code, "")
        return replace(outcome, path=once, reason=reason, statement="", start=-1, end=-1, patch="")
    text = outcome.statement if outcome.replaced else found.shown.get(outcome.id, "")
    return replace(outcome, path=once, statement=text, patch=hide_literals(outcome.patch) if outcome.patch else "")


async def _uses(source: Source, outcomes: Sequence[Outcome]) -> dict[str, Mapping[str, int]]:
    """Give who reads what each affected asset makes, or the asset itself, by its id."""
    makes = {each.id: _made(each) for each in outcomes if each.verdict is not Verdict.SAFE}
    keys = {node_key(name.id) for of in makes.values() for name in of}
    async with reading(source.store) as connection:
        told = await uses_by_account(connection, keys, USAGE_DAYS)
    found: dict[str, Mapping[str, int]] = {}
    for id_, names in makes.items():
        counts: Counter[str] = Counter()
        for name in names:
            counts.update(told.get(node_key(name.id), {}))
        found[id_] = dict(counts.most_common())
    return found


def _made(outcome: Outcome) -> Sequence[DatasetName]:
    own = [name for name in outcome.names if name.id == outcome.id]
    return own or sorted(outcome.makes)


def _weight(asset: Asset) -> tuple[int, int, int, str]:
    outcome = asset.outcome
    return _RANK[outcome.verdict], -sum(asset.users.values()), len(outcome.path), outcome.id
