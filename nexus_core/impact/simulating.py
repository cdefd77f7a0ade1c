"""Changes carried downstream: each statement tried in the old world and the new, its own changes handed on.

Statements go in topological order of the datasets between them, those of one level at once; where they form a cycle,
again until nothing differs, at most `_ROUNDS` times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from nexus_core.errors import SqlOverrunError
from nexus_core.impact import applying
from nexus_core.impact.applying import Fields, State
from nexus_core.impact.judging import SAFE, Judgement, judged
from nexus_core.impact.linked import judged_links
from nexus_core.impact.order import Node, levels
from nexus_core.impact.patching import Broken, alike, patches
from nexus_core.impact.programs import Told, judged_program
from nexus_core.model.impact import Change, Estate, Outcome, Reason, Statement, Verdict
from nexus_core.model.names import DatasetName
from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.model.trial import Fires, OutputColumn, Trial, TrialRequest, World

_ROUNDS = 4
_CONVERTING = frozenset({"mysql", "mariadb"})
"""Dialects that convert every type to every other."""
_TYPES_KNOWN = _CONVERTING | {"postgres", "redshift"}
"""Dialects whose conversions are known: PostgreSQL's refuse what they do not have."""


_OF_VALUES = frozenset({"conversion_possible", "null_possible", "file_columns"})
"""What is unsure for the rows or files that are met, in a text which was understood."""


class Parser(Protocol):
    """Reads SQL outside of this process; both raise SqlOverrunError where a text outruns its bounds."""

    async def tried(self, request: TrialRequest) -> tuple[Trial, ...]:
        """Give how each world takes a text."""
        ...

    async def derive(self, request: SqlRequest) -> SqlLineage:
        """Give the lineage of a text."""
        ...


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcomes, schemas before and after, and the path to each dataset that is not as before."""

    outcomes: list[Outcome]
    before: State
    after: State
    paths: Mapping[DatasetName, tuple[str, ...]]


async def simulate(estate: Estate, changes: Sequence[Change], parser: Parser) -> list[Outcome]:
    """Give what changes do to each asset that they may reach; raises InvalidInputError for one that cannot be made."""
    return (await simulated(estate, changes, parser)).outcomes


async def simulated(estate: Estate, changes: Sequence[Change], parser: Parser) -> Simulated:
    """Give the same with the state that the changes lead to."""
    return await _Simulation(estate, changes, parser).run()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A node's judgement, what it makes otherwise (see `_made`), its mended text, and what runs it as a trigger."""

    judgement: Judgement
    made: Mapping[DatasetName, Fields | None] = field(default_factory=dict)
    patch: str = ""
    fires: tuple[Fires, ...] = ()


class _Simulation:
    def __init__(self, estate: Estate, changes: Sequence[Change], parser: Parser) -> None:
        self._estate, self._changes, self._parser = estate, changes, parser
        self._before = applying.before(estate)
        self._now = applying.after(self._before, changes)
        self._fixed = applying.changed_datasets(changes)
        self._replaced = applying.replaced(estate.statements, changes)
        self._dirty: dict[DatasetName, tuple[str, ...]] = {name: (name.id,) for name in sorted(self._fixed)}
        self._stale: set[DatasetName] = set()
        self._failing: dict[DatasetName, tuple[str, ...]] = {}
        """The path to the broken trigger of a dataset."""
        self._outcomes: dict[str, Outcome] = {}
        self._worlds: dict[str, World] = {}

    async def run(self) -> Simulated:
        for _ in range(_ROUNDS):
            again = False
            for level in levels(self._estate):
                touched = [node for node in level if self._touches(node)]
                found = await asyncio.gather(*(self._judge(node) for node in touched))
                for node, judged_node in zip(touched, found, strict=True):
                    self._take(node, judged_node)
                    again |= node.in_cycle | self._fail(node, judged_node)
            if not again:
                break
        ordered = sorted(self._outcomes.values(), key=lambda each: (_RANK[each.verdict], len(each.path), each.id))
        return Simulated(ordered, self._before, self._now, self._dirty)

    def _touches(self, node: Node) -> bool:
        """Whether something that a node names has changed since it was judged."""
        if node.id in self._replaced:
            return node.id not in self._outcomes
        if node.statement is not None and node.statement.defines in self._fixed:
            return False
        if not any(name in self._dirty for name in node.names) and not node.outputs & self._failing.keys():
            return False
        world = self._now.world(node.names)
        if self._worlds.get(node.id) == world:
            return False
        self._worlds[node.id] = world
        return True

    async def _judge(self, node: Node) -> _Judged:
        if node.statement is None:
            return _Judged(*judged_links(node.links, self._before, self._now, self._stale))
        try:
            found = await self._tried(node.statement, node.names)
        except SqlOverrunError as error:
            return _Judged(Judgement(Verdict.UNKNOWN, Reason("overrun", f"Reading it was stopped: {error.reason}.")))
        if found.judgement.verdict is Verdict.SAFE and self._stale & node.names:
            stale = Judgement(Verdict.CHANGES, Reason("stale_source", "What it reads is not refreshed any more."))
            return replace(found, judgement=stale)
        return found

    async def _tried(self, statement: Statement, names: frozenset[DatasetName]) -> _Judged:
        old, new = self._before.world(names), self._now.world(names)
        if statement.id in self._replaced:
            return await self._renewed(statement, old, new)
        before, after = await self._parser.tried(_request(statement, (old, new)))
        judgement = judged(before, after, types_matter=statement.dialect in _TYPES_KNOWN)
        if judgement.verdict is not Verdict.BREAKS and _unread(before, after):
            program = await self._as_program(statement, old, new, unbound=_is_unbound(after))
            judgement = judgement if program.verdict is Verdict.SAFE else program
        mends = judgement.verdict is Verdict.BREAKS or judgement.reason.code == "columns_change"
        patch = await self._patched(statement, before, old, new) if mends else ""
        return _Judged(judgement, self._made(statement, before, after), patch, after.fires)

    async def _renewed(self, statement: Statement, old: World, new: World) -> _Judged:
        """Judge a statement's new text by itself, and by what it makes of the old one's columns."""
        (before,) = await self._parser.tried(_request(statement, (old,)))
        (after,) = await self._parser.tried(_request(self._replaced[statement.id], (new,)))
        judgement = judged(Trial(makes=_one_name(before)), replace(after, makes=_one_name(after), notes=(), uses=()))
        if judgement is SAFE:
            judgement = Judgement(Verdict.CHANGES, Reason("replaced", "Its statement is another; its columns stay."))
        return _Judged(judgement, self._made(statement, before, after), fires=after.fires)

    async def _as_program(self, statement: Statement, old: World, new: World, *, unbound: bool) -> Judgement:
        asked = [_lineage_request(statement, world) for world in (old, new)]
        before, after = [await self._parser.derive(request) for request in asked]
        converts = statement.dialect in _CONVERTING
        return judged_program(Told(statement.sql, before, after, old, new, converts, unbound))

    async def _patched(self, statement: Statement, before: Trial, old: World, new: World) -> str:
        """Give the first text that does as the old one did."""
        for text in patches(Broken(statement.sql, statement.dialect, before, old.tables), self._changes):
            (mended,) = await self._parser.tried(_request(replace(statement, sql=text), (new,)))
            understood = all(each.code in _OF_VALUES for each in mended.unsure)
            if not mended.refused and understood and alike(before, mended):
                return text
        return ""

    def _made(self, statement: Statement, before: Trial, after: Trial) -> dict[DatasetName, Fields | None]:
        """Give the datasets whose fields a statement now makes otherwise; None where they cannot be told."""
        old, new = _one_name(before).get("", ()), _one_name(after).get("", ())
        target = _target(statement, after)
        if target is None or target in self._fixed or old == new or not old:
            return {}
        if any(column.name == "*" for column in new):
            return {target: None}
        if target not in self._before.schemas:  # the catalogue has no fields of it, its text tells them
            self._before.schemas[target] = {column.name: column.declared for column in old}
        return {target: _fields(old, new, self._before.schemas.get(target, {}))}

    def _fail(self, node: Node, found: _Judged) -> bool:
        """Let a trigger whose body breaks be met by those that run it; give whether there is anything new to meet."""
        if found.judgement.verdict is not Verdict.BREAKS:
            return False
        new = False
        for fires in found.fires:
            for name in node.names:
                if name.name == fires.table and not fires.start <= found.judgement.start < fires.end:
                    self._failing.setdefault(name, self._path(node))
                    new |= self._now.fail(name, fires.events)
        return new

    def _take(self, node: Node, found: _Judged) -> None:
        """Note a judgement, and let what it means for the node's outputs be met by those that read them."""
        judgement = found.judgement
        path = self._path(node)
        text = node.statement.sql if node.statement else ""
        if node.id in self._replaced:
            text = self._replaced[node.id].sql
        self._outcomes[node.id] = Outcome(
            id=node.id,
            verdict=judgement.verdict,
            reason=judgement.reason,
            path=path,
            names=node.names,
            makes=node.outputs,
            statement=text,
            start=judgement.start,
            end=judgement.end,
            patch=found.patch,
            replaced=node.id in self._replaced,
        )
        for name, fields in self._effects(node, judgement, found.made).items():
            self._dirty.setdefault(name, path)
            if fields is not None:
                self._now.schemas[name] = fields

    def _effects(
        self, node: Node, judgement: Judgement, made: Mapping[DatasetName, Fields | None]
    ) -> dict[DatasetName, Fields | None]:
        found: dict[DatasetName, Fields | None] = dict(made)
        defines = node.statement.defines if node.statement else None
        if judgement.verdict is Verdict.BREAKS and defines is not None:
            self._now.gone.add(defines)
            return {defines: None}
        if judgement.verdict is Verdict.UNKNOWN and defines is not None:
            self._now.unsure.add(defines)
            return {defines: None}
        self._now.unsure |= {name for name, fields in made.items() if fields is None}
        stale = judgement.verdict is Verdict.BREAKS or judgement.reason.code == "stale_source"
        if stale and (node.statement is not None or any(link.lasting for link in node.links)):
            outputs = node.outputs - self._fixed
            self._stale |= outputs
            found |= {name: None for name in outputs if name not in found}
        return found

    def _path(self, node: Node) -> tuple[str, ...]:
        paths = [self._dirty[name] for name in sorted(node.names) if name in self._dirty]
        paths += [self._failing[name] for name in sorted(node.outputs) if name in self._failing]
        shortest = min(paths, key=len, default=())
        return shortest if node.id in shortest else (*shortest, node.id)


_RANK = {Verdict.BREAKS: 0, Verdict.UNKNOWN: 1, Verdict.CHANGES: 2, Verdict.SAFE: 3}


def _request(statement: Statement, worlds: tuple[World, ...]) -> TrialRequest:
    return TrialRequest(statement.sql, statement.dialect, worlds, statement.default_database, statement.default_schema)


def _lineage_request(statement: Statement, world: World) -> SqlRequest:
    return SqlRequest(
        statement.sql, statement.dialect, world.tables, statement.default_database, statement.default_schema
    )


def _unread(before: Trial, after: Trial) -> bool:
    """Whether parts of a text were judged neither before nor after."""
    old = {(each.code, each.statement) for each in before.unsure if each.code not in _OF_VALUES}
    return any((each.code, each.statement) in old for each in after.unsure)


def _is_unbound(trial: Trial) -> bool:
    return any(each.code == "program" for each in trial.unsure)


def _one_name(trial: Trial) -> dict[str, tuple[OutputColumn, ...]]:
    """Give the columns of the one thing that a text makes, whatever its name."""
    made = list(trial.makes.values())
    return {"": made[0]} if len(made) == 1 else {}


def _target(statement: Statement, trial: Trial) -> DatasetName | None:
    """Give the dataset whose columns are those that a text makes."""
    if statement.defines is not None:
        return statement.defines
    if len(statement.writes) == 1 and trial.makes and not trial.writes:
        return next(iter(statement.writes))
    return None


def _fields(old: Iterable[OutputColumn], new: Iterable[OutputColumn], known: Fields) -> Fields:
    """Give new fields with the types that the catalogue has, where they stay."""
    before = {column.name: column for column in old}
    return {
        column.name: known[column.name]
        if column.name in known and before.get(column.name) == column
        else column.declared
        for column in new
    }
