"""What the statements of one script share: defaults, tables made on the way, routines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlglot import exp

from nexus_core.model.statement import SqlRequest
from nexus_core.sql.dialect import T_SQL, Traits, name_parts
from nexus_core.sql.limits import Steps
from nexus_core.sql.resolving.catalog import Catalog
from nexus_core.sql.resolving.datatypes import field_names
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.values import STAR, Leaf, Output, Value, pooled


@dataclass(frozen=True, slots=True)
class Defined:
    """A table that the script has made, filled or reshaped.

    Of a temporary one `rows` are the sources of its columns and of what affects all its rows, and `reads` the tables
    behind them, so that a reader of it is a reader of those; of a lasting one only the columns' names count. `made`
    is false for one that was there before and is only renamed or reshaped.
    """

    temporary: bool
    rows: Derived
    reads: tuple[str, ...] = ()
    complete: bool = True
    made: bool = True

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Its columns, None if they are not all known."""
        outputs = self.rows.outputs()
        known = bool(outputs) and not any(output.star for output in outputs)
        return tuple(output.name for output in outputs) if known else None

    def filled(self, outputs: Sequence[Output], indirect: Value, reads: Sequence[str], complete: bool) -> Defined:
        """Give it with more rows: columns of the same name get further sources."""
        merged = {output.name: output for output in self.rows.outputs()}
        anywhere = pooled(output.value for output in outputs if output.name == STAR)
        if anywhere and self.columns is not None:
            outputs = [*(output for output in outputs if output.name != STAR), *self._reached(anywhere, outputs)]
        star = merged[STAR].star if STAR in merged else None
        for output in outputs:
            before = merged.get(output.name) or (star.output(output.name) if star else None)
            merged[output.name] = _together(before, output) if before else output
        return replace(
            self,
            rows=Derived(tuple(merged.values()), {**self.rows.indirect, **indirect}),
            reads=tuple(dict.fromkeys((*self.reads, *reads))),
            complete=self.complete and complete,
        )

    def _reached(self, value: Value, outputs: Sequence[Output]) -> list[Output]:
        """Give the columns that a star's columns fall into: those that are not filled by name, in an unknown order."""
        named = {output.name for output in outputs}
        return [Output(output.name, value) for output in self.rows.outputs() if output.name not in named]


def _together(before: Output, output: Output) -> Output:
    """Give a column with the sources of both; of stars also what any column of theirs may come from."""
    star = output.star
    if star is not None and before.star is not None and not (star.within or before.star.within):
        tables = dict.fromkeys((*before.star.tables, *star.tables))
        star = replace(star, tables=tuple(tables), hidden=before.star.hidden & star.hidden)
    return replace(output, value={**before.value, **output.value}, star=star)


class Columned(Protocol):
    """What knows columns that no schema has; given from above, since it resolves queries."""

    def columns(self, name: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give the columns of a name, None if they are not known."""


class Session:
    """The state of a script between its statements."""

    def __init__(self, request: SqlRequest, traits: Traits) -> None:
        self.traits = traits
        self.catalog = Catalog(request.schema)
        self.database = request.default_database
        self.search_path: tuple[str, ...] = (request.default_schema,) if request.default_schema else ()
        self.tables: dict[str, Defined] = {}
        self.has_temporaries = False
        self.synonyms: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.steps = Steps()
        self.read_temporaries: set[str] = set()
        self.prepared: set[str] = set()
        """Names of prepared statements, each told where it is prepared."""
        self.views: Columned | None = None

    def name(self, table: exp.Table) -> tuple[str, ...]:
        """Give a table's name as parts, qualified by the defaults where the SQL does not."""
        parts = tuple(self.traits.fold_table(part) for part in name_parts(table))
        if len(parts) == 2 and self.traits.unnamed_schema and table.args.get("catalog") is not None:
            parts = (parts[0], self.traits.unnamed_schema, parts[1])
        if len(parts) == 2 and parts[0] == self.traits.own_schema:
            parts = parts[1:]
        name = self.qualified(parts)
        return self.synonyms.get(name, name) if self.synonyms else name

    def is_variable(self, name: Sequence[str]) -> bool:
        """Whether a name is that of a table variable, nobody's input or output; Snowflake's `@t` is a stage."""
        return bool(name) and name[-1][:1] == "@" and self.traits.name in T_SQL

    def qualified(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Give name parts with the defaults before them, in the spelling of the schema where it knows the table."""
        if parts and parts[-1][:1] in ("#", "@"):
            return parts[-1:]
        full = self._with_defaults(parts)
        known = self.catalog.peek(full)
        return (*full[: -len(known.parts)], *known.parts[-len(full) :]) if known else full

    def _with_defaults(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        if self.traits.two_part_names and not (self.database and self.search_path):
            default = self.search_path[:1] or ((self.database,) if self.database else ())
            return (*default, *parts) if len(parts) == 1 else parts
        database = (self.database,) if self.database else ()
        if len(parts) == 2:
            return (*database, *parts)
        if len(parts) != 1 or not self.search_path:
            return parts
        paths = [(*database, schema, *parts) for schema in self.search_path]
        return next((path for path in paths if self.catalog.peek(path)), paths[0])

    def find(self, parts: tuple[str, ...]) -> Defined | None:
        """Give a table that the script has made."""
        return self.tables.get(".".join(parts))

    def columns(self, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """Give a table's columns as the script or the schema has them, None if they are not known."""
        defined = self.find(parts)
        if defined is not None:
            return defined.columns
        known = self.catalog.find(parts)
        return known.columns if known else self.views.columns(parts) if self.views else None

    def field_names(self, leaf: Leaf) -> tuple[str, ...] | None:
        """Give the fields of a struct column, or of a part of one, as the schema's type has them."""
        known = self.catalog.peek(tuple(leaf.table.split(".")))
        named = known.fields_of(leaf.column, leaf.path) if known and known.fields else ()
        return named or field_names(self.type_of(leaf), self.traits.name, leaf.path)

    def type_of(self, leaf: Leaf) -> str:
        """Give a column's type as the schema writes it, "" if that is not known."""
        known = self.catalog.peek(tuple(leaf.table.split(".")))
        if known is None or leaf.column not in known.columns:
            return ""
        return known.types[known.columns.index(leaf.column)]

    def reshaped(self, name: str) -> Defined:
        """Give a table by its dotted name, to be renamed or to get other columns."""
        defined = self.tables.get(name)
        if defined is not None:
            return defined
        columns = self.columns(tuple(name.split("."))) or ()
        return Defined(False, Derived([Output(column, {}) for column in columns]), made=False)
