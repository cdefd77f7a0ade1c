"""What the statements of one script share: defaults, tables made on the way, routines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from nexus_core.model.statement import SqlRequest
from nexus_core.sql.catalog import Catalog
from nexus_core.sql.datatypes import field_names
from nexus_core.sql.dialect import Traits
from nexus_core.sql.values import Leaf, Output, Value


@dataclass(frozen=True, slots=True)
class Defined:
    """A table that the script has made or filled.

    A temporary one keeps the sources of its columns, of what affects all its rows, and the tables behind them, so
    that a reader of it is a reader of those; of a lasting one only the columns' names count.
    """

    name: str
    temporary: bool
    outputs: tuple[Output, ...]
    indirect: Value = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    complete: bool = True

    def filled(self, outputs: Sequence[Output], indirect: Value, reads: Sequence[str], complete: bool) -> Defined:
        """Give it with more rows: columns of the same name get further sources."""
        merged = {output.name: output for output in self.outputs}
        for output in outputs:
            before = merged.get(output.name)
            merged[output.name] = replace(output, value={**before.value, **output.value}) if before else output
        return replace(
            self,
            outputs=tuple(merged.values()),
            indirect={**self.indirect, **indirect},
            reads=tuple(dict.fromkeys((*self.reads, *reads))),
            complete=self.complete and complete,
        )


class Session:
    """The state of a script between its statements."""

    def __init__(self, request: SqlRequest, traits: Traits) -> None:
        self.traits = traits
        self.catalog = Catalog(request.schema)
        self.database = request.default_database
        self.search_path: tuple[str, ...] = (request.default_schema,) if request.default_schema else ()
        self.tables: dict[str, Defined] = {}
        self.read_temporaries: set[str] = set()

    def name(self, table: exp.Table) -> tuple[str, ...]:
        """Give a table's name as parts, qualified by the defaults where the SQL does not."""
        identifiers = (table.args.get("catalog"), table.args.get("db"), table.this)
        parts = [self.traits.fold_table(part) for part in identifiers if isinstance(part, exp.Identifier) and part.name]
        return self.qualified(tuple(parts))

    def qualified(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Give name parts with the defaults before them, in the spelling of the schema where it knows the table."""
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
            named = tuple(output.name for output in defined.outputs)
            return named if named and not any(output.star for output in defined.outputs) else None
        known = self.catalog.find(parts)
        return known.columns if known else None

    def field_names(self, leaf: Leaf) -> tuple[str, ...] | None:
        """Give the fields of a struct column, or of a part of one, as the schema's type has them."""
        known = self.catalog.peek(tuple(leaf.table.split(".")))
        if known is None or leaf.column not in known.columns:
            return None
        return field_names(known.types[known.columns.index(leaf.column)], self.traits.name, leaf.path)
