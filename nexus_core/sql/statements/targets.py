"""The target of a write: its name, its columns, and how a query's columns fall into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from nexus_core.sql.dialect import Traits, name_parts
from nexus_core.sql.resolving.catalog import Columns
from nexus_core.sql.resolving.files import path_of
from nexus_core.sql.resolving.identifiers import identified
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.select import projection
from nexus_core.sql.resolving.values import CONDITION, STAR, Output, carried


@dataclass(frozen=True, slots=True)
class Target:
    """A table that is written: its name as parts, the columns that the statement lists, those that are known."""

    table: exp.Table
    name: tuple[str, ...]
    listed: tuple[str, ...]
    known: tuple[str, ...] | None

    def alias(self, traits: Traits) -> str:
        """Give the name by which the statement calls it."""
        return traits.fold_text(self.table.alias_or_name)

    @property
    def temporary(self) -> bool:
        """Whether its name alone makes it temporary: `#t`, `##t`, or the variable `@t`."""
        return self.name[-1][:1] in ("#", "@")

    def spelled(self, column: str) -> str:
        """Give a column as the table's schema spells it."""
        at = Columns(self.known).index(column) if self.known else None
        return self.known[at] if self.known and at is not None else column

    @property
    def filled(self) -> tuple[str, ...] | None:
        """The columns that a query's columns fall into: those that PARTITION gives no constant, its others last."""
        partition = self.table.args.get("partition")
        if partition is None or self.known is None:
            return self.known
        keys = [each for each in partition.expressions if not isinstance(each, exp.Literal)]
        constant = [each.this.name for each in keys if isinstance(each, exp.EQ)]
        names = {name.lower(): name for name in self.known}
        dynamic = [names[each.name.lower()] for each in keys if each.name.lower() in names]
        less = {name.lower() for name in (*constant, *dynamic)}
        return (*(name for name in self.known if name.lower() not in less), *dynamic)


def target_of(node: exp.Expr, resolution: Resolution) -> Target | None:
    """Give the target that a statement names, None if it names no table (a directory, a function)."""
    table = node.this if isinstance(node, exp.Schema) else node
    if isinstance(table, exp.Table) and not isinstance(table.this, exp.Identifier):
        table = identified(table, resolution) or table
    if not isinstance(table, exp.Table) or not name_parts(table):
        return None
    listed = node.expressions if isinstance(node, exp.Schema) else ()
    columns = tuple(resolution.traits.column_names(listed))
    path = path_of(table, resolution)
    name = (path,) if path else resolution.session.name(table)
    known = resolution.session.columns(name)
    return Target(table, name, columns or _all_but(listed, known, resolution.traits), known)


def _all_but(listed: Sequence[exp.Expr], known: tuple[str, ...] | None, traits: Traits) -> tuple[str, ...]:
    """Give the columns that ClickHouse's list `(* EXCEPT (a))` means."""
    if known is None or len(listed) != 1 or not isinstance(listed[0], exp.Star):
        return ()
    less = {traits.fold_text(each.name) for each in listed[0].args.get("except_") or ()}
    return tuple(column for column in known if column not in less)


def inserted(target: Target, outputs: Sequence[Output]) -> tuple[tuple[Output, ...], bool]:
    """Give a query's columns under the names that they have in the target, and whether those are a guess."""
    if target.listed:
        return by_position(outputs, [target.spelled(column) for column in target.listed]), False
    filled = target.filled
    if filled is not None and len(outputs) <= len(filled):
        return by_position(outputs, filled), False
    return numbered(outputs), bool(outputs)


def created(target: Target, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Give a query's columns under the names that a new table gives them: of its list, else their own.

    A column without a name has the one that the table's schema, if given, shows at its place.
    """
    if target.listed:
        return by_position(outputs, target.listed)
    if target.known is not None and len(target.known) == len(outputs) and not any(output.star for output in outputs):
        return tuple(
            replace(output, name=output.name or name) for output, name in zip(outputs, target.known, strict=True)
        )
    return numbered(outputs)


def by_position(outputs: Sequence[Output], names: Sequence[str]) -> tuple[Output, ...]:
    """Give columns under new names, by position; from a star on nothing is known of the position."""
    named: list[Output] = []
    for at, output in enumerate(outputs):
        if output.star:
            return (*named, *(replace(each, name=STAR, star=None) for each in outputs[at:] if each.star))
        if at < len(names):
            named.append(replace(output, name=names[at]))
    return tuple(named)


def numbered(outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Give columns with `_col_N` for those without a name."""
    return tuple(output if output.name else replace(output, name=f"_col_{at}") for at, output in enumerate(outputs))


Assigned = tuple[exp.Expr, Output]
"""The left side of an assignment with what it gets."""


def assignments(items: Iterable[exp.Expr], scope: Scope) -> Iterator[Assigned]:
    """Give what `SET a = …, (b, c) = (…)` writes."""
    for item in items:
        if not isinstance(item, exp.EQ):
            continue
        left, right = item.this, item.expression
        if not isinstance(left, exp.Tuple):
            yield left, given(right, scope)
            continue
        if isinstance(right, exp.Query):
            values = _row(scope.resolution.query(right, scope.ctes, scope))
        else:
            values = [given(each, scope) for each in right.expressions]
        yield from zip(left.expressions, values, strict=False)


def given(value: exp.Expr, scope: Scope) -> Output:
    """Give what a column gets: DEFAULT has no source."""
    if isinstance(value, exp.Column) and not value.table and value.name.upper() == "DEFAULT":
        return Output("", {})
    return projection(value, scope)


def _row(derived: Derived) -> list[Output]:
    """Give the columns of a row subquery, each with what decides over the row as a condition."""
    conditions = carried(derived.indirect, CONDITION)
    return [replace(output, value={**output.value, **conditions}) for output in derived.outputs()]


def assigned(items: Iterable[exp.Expr], scope: Scope, target: Target) -> Iterator[Output]:
    """Give the columns of a table that an assignment list writes; of a nested field the whole column."""
    traits = scope.resolution.traits
    own = {target.alias(traits), target.name[-1]}
    for column, output in assignments(items, scope):
        found = column if isinstance(column, exp.Column) else column.find(exp.Column)
        parts = [traits.fold(each) for each in found.parts if isinstance(each, exp.Identifier)] if found else []
        qualifiers = next((at + 1 for at, part in enumerate(parts[:-1]) if part in own), 0)
        name = parts[qualifiers] if parts else traits.fold_text(column.name)
        if name:  # `SET :: a = 1` is read as an assignment to an expression
            yield replace(output, name=target.spelled(name))
