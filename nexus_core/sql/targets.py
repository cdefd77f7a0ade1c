"""The target of a write: its name, its columns, and how a query's columns fall into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from nexus_core.sql.catalog import Columns
from nexus_core.sql.resolution import Resolution
from nexus_core.sql.values import STAR, Output


@dataclass(frozen=True, slots=True)
class Target:
    """A table that is written: its name as parts, the columns that the statement lists, those that are known."""

    table: exp.Table
    name: tuple[str, ...]
    listed: tuple[str, ...]
    known: tuple[str, ...] | None

    def spelled(self, column: str) -> str:
        """Give a column as the table's schema spells it."""
        at = Columns(self.known).index(column) if self.known else None
        return self.known[at] if self.known and at is not None else column


def target_of(node: exp.Expr, resolution: Resolution) -> Target | None:
    """Give the target that a statement names, None if it names no table (a directory, a function)."""
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        return None
    listed = node.expressions if isinstance(node, exp.Schema) else ()
    names = [each.this if isinstance(each, (exp.ColumnDef, exp.Column)) else each for each in listed]
    columns = tuple(resolution.traits.fold(each) for each in names if isinstance(each, exp.Identifier))
    name = resolution.session.name(table)
    return Target(table, name, columns, resolution.session.columns(name))


def inserted(target: Target, outputs: Sequence[Output]) -> tuple[tuple[Output, ...], bool]:
    """Give a query's columns under the names that they have in the target, and whether those are a guess."""
    if target.listed:
        return by_position(outputs, [target.spelled(column) for column in target.listed]), False
    if target.known is not None and len(outputs) <= len(target.known):
        return by_position(outputs, target.known), False
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
