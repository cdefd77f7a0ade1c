"""What a profile of an audience would be: relations, masks of their columns, conditions on their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import orjson

from nexus_core.masking import catalogue_functions
from nexus_core.masking.audiences import Audience
from nexus_core.masking.classified import Known
from nexus_core.masking.expressions import can_hold_token
from nexus_core.masking.quoting import bound, text
from nexus_core.masking.source_objects import RelationKind, SourceCatalogue, SourceColumn, SourceRelation
from nexus_core.model.policy import (
    CLEAR,
    NULL,
    PUBLIC,
    REFUSE,
    Column,
    Mask,
    MaskKind,
    PolicySet,
    RowFilter,
    resolve,
    strongest,
)
from nexus_core.model.policy import filters as row_filters

FOREIGN = "it is a foreign table, which is read with another server's rights"
ROW_SECURITY = "it has row-level security; declare its policy as a row filter of ours and turn it off"
NOT_SHOWN = "no column of it is shown: it is not in the catalogue, not classified, or policies refuse it"
NOT_PUBLIC = "it is a materialised view, of which only columns that are Public are shown"
READS_HIDDEN = "it reads what is not shown"

TOKEN_WIDTH = 16
"""Least average width, in bytes, of values that tokens are made of: what is shorter can be guessed."""


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """A column that is shown, with its mask."""

    column: SourceColumn
    mask: Mask
    refuses_inference: bool = False


@dataclass(frozen=True, slots=True)
class PlannedRelation:
    """A relation that is shown; `condition` is SQL over its columns, "" for all rows.

    `is_base` where the source's own relation is read, by grants on its columns.
    """

    relation: SourceRelation
    columns: tuple[PlannedColumn, ...]
    condition: str = ""
    is_base: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether nothing of what is shown is masked or left out."""
        every = len(self.columns) == len(self.relation.columns)
        return every and not self.condition and all(each.mask == CLEAR for each in self.columns)


_CATALOGUE = catalogue_functions.fingerprint()


@dataclass(frozen=True)
class Planned:
    """All that an audience sees of a source; equal contents have equal ids."""

    source: str
    relations: tuple[PlannedRelation, ...]
    search_path: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """10 hex digits."""
        told = [_CATALOGUE, self.source, self.search_path, [_told(each) for each in self.relations]]
        return sha256(orjson.dumps(told)).hexdigest()[:10]


@dataclass(slots=True)
class Planning:
    """Plans the profiles of one source; what was resolved once is remembered."""

    source: str
    catalogue: SourceCatalogue
    known: Known
    policies: PolicySet
    absent: dict[str, str] = field(default_factory=dict)
    """Relations that nobody is shown, with the reason."""
    _resolved: dict[object, tuple[Mask, bool]] = field(default_factory=dict)
    _family: Mapping[int, Sequence[SourceRelation]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._family = _families(self.catalogue.relations)

    def plan(self, audience: Audience) -> Planned:
        """Give what an audience sees."""
        tables = {
            relation.oid: planned
            for relation in self.catalogue.relations.values()
            if (planned := self._relation(relation, audience)) is not None
        }
        shown = self._views(tables)
        ordered = sorted(shown.values(), key=lambda each: (each.relation.schema, each.relation.name))
        return Planned(self.source, tuple(ordered), self.catalogue.search_path)

    def _relation(self, relation: SourceRelation, audience: Audience) -> PlannedRelation | None:
        if relation.kind is RelationKind.FOREIGN:
            self._leave(relation, FOREIGN)
            return None
        if any(each.row_security for each in self._family[relation.oid]):
            self._leave(relation, ROW_SECURITY)
            return None
        columns = tuple(self._columns(relation, audience))
        if not columns:
            return None
        condition = self._condition(relation, audience)
        return PlannedRelation(relation, columns, condition, _is_base(relation, columns, condition))

    def _leave(self, relation: SourceRelation, why: str) -> None:
        self.absent[f"{relation.schema}.{relation.name}"] = why

    def _columns(self, relation: SourceRelation, audience: Audience) -> Iterable[PlannedColumn]:
        for column in relation.columns:
            mask, refuses = self._mask(relation, column, audience)
            if mask.kind is MaskKind.TOKEN and not _worth_token(column):
                mask = NULL
            if mask != REFUSE:
                yield PlannedColumn(column, mask, refuses)

    def _mask(self, relation: SourceRelation, column: SourceColumn, audience: Audience) -> tuple[Mask, bool]:
        """Give the strongest of what is said of a column in each relation of its family, under each of its names."""
        found: list[tuple[Mask, bool]] = []
        own_or_part = [relation, *(each for each in self._family[relation.oid] if each.oid != relation.oid)]
        for member in own_or_part:
            twin = next((each for each in member.columns if each.name == column.name), None)
            if twin is not None:
                found.extend(self._said(member, twin, audience, is_own=member.oid == relation.oid))
        if not found:
            return REFUSE, False
        return strongest([mask for mask, _ in found]), any(refuses for _, refuses in found)

    def _said(
        self, relation: SourceRelation, column: SourceColumn, audience: Audience, *, is_own: bool
    ) -> Iterable[tuple[Mask, bool]]:
        """Give what is said of a column by its names; one that the catalogue does not know is refused.

        But for a partition, which it knows by the table that it is a part of.
        """
        now, before = self.known.of(relation, column.number, column.name)
        if now is not None:
            yield self._resolve(now, audience, relation.kind)
        elif is_own and not relation.parents:
            yield REFUSE, False
        for each in before:
            yield self._resolve(each, audience, relation.kind)

    def _resolve(self, column: Column, audience: Audience, kind: RelationKind) -> tuple[Mask, bool]:
        if not audience.scope.sees(column.dataset, column.attributes):
            return REFUSE, False
        if kind is RelationKind.MATERIALIZED and column.class_name != PUBLIC:
            return REFUSE, False
        roles = audience.holders.roles(column)
        key = (column, roles)
        if key not in self._resolved:
            found = resolve(self.policies.policies, column, roles)
            self._resolved[key] = found.mask, found.refuses_inference
        return self._resolved[key]

    def _condition(self, relation: SourceRelation, audience: Audience) -> str:
        """Give the conditions of all filters that hold for any relation of the family."""
        found = dict.fromkeys(
            each.where for member in self._family[relation.oid] for each in self._filters(member, audience)
        )
        values = dict(audience.attributes)
        return " AND ".join(f"({_bound(where, values)})" for where in found)

    def _filters(self, relation: SourceRelation, audience: Audience) -> Sequence[RowFilter]:
        dataset = self.known.dataset(relation.schema, relation.name)
        column = next(iter(self.known.columns.get(dataset, {}).values()), Column(dataset, ""))
        return row_filters(self.policies.row_filters, dataset, audience.holders.roles(column))

    def _views(self, tables: Mapping[int, PlannedRelation]) -> dict[int, PlannedRelation]:
        """Leave out views that read what is not shown, and read those by grants that read nothing that is masked."""
        shown = {oid: each for oid, each in tables.items() if each.relation.kind is not RelationKind.VIEW}
        waiting = {oid: each for oid, each in tables.items() if oid not in shown}
        while ready := [each for each in waiting.values() if all(read in shown for read in each.relation.reads)]:
            for each in ready:
                del waiting[each.relation.oid]
                shown[each.relation.oid] = _view(each, shown)
        for each in waiting.values():
            self._leave(each.relation, READS_HIDDEN)
        return shown


def attributes_asked(policies: PolicySet, parameters: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Give the attributes that row filters ask for, by what parameters each condition has."""
    return frozenset(name for each in policies.row_filters for name in parameters[each.where])


def _view(planned: PlannedRelation, shown: Mapping[int, PlannedRelation]) -> PlannedRelation:
    reads_clear = all(_reads_whole(shown[read]) for read in planned.relation.reads)
    is_base = planned.is_base and reads_clear
    return PlannedRelation(planned.relation, planned.columns, planned.condition, is_base)


def _reads_whole(planned: PlannedRelation) -> bool:
    return planned.is_base and planned.is_clear


def _is_base(relation: SourceRelation, columns: Sequence[PlannedColumn], condition: str) -> bool:
    return relation.may_grant and not condition and all(each.mask == CLEAR for each in columns)


def _worth_token(column: SourceColumn) -> bool:
    return can_hold_token(column.type) and column.width is not None and column.width >= TOKEN_WIDTH


def _bound(where: str, values: Mapping[str, str]) -> str:
    return bound(where, lambda name: text(values[name]) if name in values else "NULL")


def _told(planned: PlannedRelation) -> list[object]:
    relation = planned.relation
    columns = [
        [each.column.number, each.column.name, each.column.written_type, str(each.mask), each.refuses_inference]
        for each in planned.columns
    ]
    return [relation.schema, relation.name, relation.definition, planned.condition, planned.is_base, columns]


def _families(relations: Mapping[int, SourceRelation]) -> dict[int, list[SourceRelation]]:
    """Give, for each relation, all that it shares rows with: parents, children, and theirs."""
    root: dict[int, int] = {oid: oid for oid in relations}

    def find(oid: int) -> int:
        while root[oid] != oid:
            root[oid] = root[root[oid]]
            oid = root[oid]
        return oid

    for relation in relations.values():
        for parent in relation.parents:
            if parent in root:
                root[find(relation.oid)] = find(parent)
    members: dict[int, list[SourceRelation]] = defaultdict(list)
    for oid, relation in relations.items():
        members[find(oid)].append(relation)
    return {oid: members[find(oid)] for oid in relations}
