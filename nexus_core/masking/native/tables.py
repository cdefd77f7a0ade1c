"""Tables as policies see them: columns with rules and types, and the row filters that hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nexus_core.masking.native.engines import DIALECTS, NAME_PARTS, Engine, can_name, is_role
from nexus_core.masking.native.masks import Masked, expression
from nexus_core.masking.native.rules import Rule, rules_of
from nexus_core.masking.native.types import NativeType, read_type
from nexus_core.masking.types import Family
from nexus_core.model.names import DatasetName
from nexus_core.model.naming_tables import quoted_parts
from nexus_core.model.policy import CLEAR, Column, Mask, MaskKind, PolicySet
from nexus_core.sql.translating import Readable, Translated, Values, translated

_VALUES = {Family.TEXT: Values.TEXT, Family.INTEGER: Values.NUMBER, Family.NUMERIC: Values.NUMBER}


@dataclass(frozen=True, slots=True)
class Told:
    """A dataset of the catalogue: its kind (table, view …), its columns in order, and their types by name."""

    name: DatasetName
    kind: str
    columns: Sequence[Column]
    types: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class NativeColumn:
    """A column by the engine's name; `type` is None where the catalogue or we do not know it."""

    name: str
    type: NativeType | None
    rules: tuple[Rule, ...]

    def masked(self, kind: Engine, written: str, mask: Mask) -> str:
        """Give what stands for the column, of which `written` is the SQL, under a mask; NULL where nothing else can."""
        if mask == CLEAR:
            return written
        made = expression(mask, Masked(kind, written, self.type)) if self.type else None
        return made or "NULL"

    def closed(self, kind: Engine) -> bool:
        """Whether a mask becomes NULL though policies ask for another."""
        told = (rule.mask for rule in self.rules if rule.mask.kind not in (MaskKind.NULL, MaskKind.REFUSE))
        return any(self.masked(kind, "x", mask) == "NULL" for mask in told)


@dataclass(frozen=True, slots=True)
class NativeFilter:
    """A condition in the engine's SQL, None for one that it cannot express; who is exempt from it."""

    name: str
    condition: Translated | None
    exempt: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of the engine. `missing` are columns that cannot be named."""

    parts: tuple[str, ...]
    is_view: bool
    columns: tuple[NativeColumn, ...]
    filters: tuple[NativeFilter, ...]
    missing: tuple[str, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles to which anything of it is different."""
        of_rules = (rule.clear_for for column in self.columns for rule in column.rules)
        return frozenset().union(*of_rules, *(each.exempt for each in self.filters))

    @property
    def never_shown(self) -> str | None:
        """The row filter that the engine cannot express and nobody is exempt from."""
        return next((each.name for each in self.filters if each.condition is None and not each.exempt), None)


def argument(index: int) -> str:
    """Give what a policy of Snowflake calls a table's column, by its place."""
    return f"C{index}"


def table_of(kind: Engine, policies: PolicySet, told: Told) -> Table | str:
    """Give a dataset as a table of an engine, or the reason why it is left out."""
    parts = tuple(quoted_parts(told.name.name))
    if len(parts) != NAME_PARTS[kind] or "*" in told.name.name or told.name.name.startswith("@"):
        return "it is no table of this engine by its name"
    if not all(can_name(kind, part) for part in parts):
        return "its name cannot be written safely"
    if not told.columns:
        return "the catalogue knows none of its columns"
    columns = _columns(kind, policies, told)
    kept = tuple(each for each in columns if can_name(kind, each.name))
    if not kept:
        return "the names of its columns cannot be written safely"
    missing = tuple(each.name for each in columns if each not in kept)
    if kind is Engine.SNOWFLAKE and (missing or not any(each.type for each in kept)):
        return "no policy can be attached to some of its columns"
    return Table(parts, "view" in told.kind, kept, _filters(kind, policies, told, kept), missing)


def _columns(kind: Engine, policies: PolicySet, told: Told) -> list[NativeColumn]:
    """Give the columns; BigQuery's nested fields are one with what they lie in, under the rules of all together."""
    found: dict[str, NativeColumn] = {}
    for column in told.columns:
        rules = rules_of(policies.policies, column)
        outer = _outer(column.field, found) if kind is Engine.BIGQUERY else None
        if outer is None:
            found[column.field] = NativeColumn(column.field, read_type(kind, told.types.get(column.field)), rules)
        else:
            whole = tuple(dict.fromkeys((*found[outer].rules, *rules)))
            found[outer] = NativeColumn(outer, None, whole)
    return list(found.values())


def _outer(field: str, known: Mapping[str, NativeColumn]) -> str | None:
    top = field.partition(".")[0]
    return top if top != field and top in known else None


def _filters(
    kind: Engine, policies: PolicySet, told: Told, columns: Iterable[NativeColumn]
) -> tuple[NativeFilter, ...]:
    readable = {
        each.name: Readable(argument(index) if kind is Engine.SNOWFLAKE else each.name, _VALUES[each.type.family])
        for index, each in enumerate(columns)
        if each.type and each.type.family in _VALUES
    }
    return tuple(
        NativeFilter(
            each.name,
            translated(each.where, DIALECTS[kind], readable),
            frozenset(role for role in each.exempt if is_role(role)),
        )
        for each in policies.row_filters
        if each.holds(told.name)
    )
