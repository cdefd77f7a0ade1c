"""Temporary tables: read as tables, and replaced by what lies behind them when a statement's effects are recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.session import Defined, Session
from nexus_core.sql.resolving.shapes import part
from nexus_core.sql.resolving.values import ROWS, STAR, Leaf, Output, Value, carried, pooled
from nexus_core.sql.statements.outcome import Write


class Behind:
    """Puts what lies behind the session's temporary tables in their place."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, write: Write) -> Write:
        """Give a write whose sources are lasting tables alone."""
        outputs = tuple(self.output(output) for output in write.effect.outputs)
        effect = replace(write.effect, outputs=outputs, indirect=self.value(write.effect.indirect))
        complete = write.complete and all(own.complete for table in write.reads if (own := self.temporary(table)))
        return replace(write, effect=effect, reads=self._reads(write.reads), complete=complete)

    def derived(self, derived: Derived) -> Derived:
        """Give rows whose sources are lasting tables alone."""
        return Derived([self.output(output) for output in derived.outputs()], self.value(derived.indirect))

    def output(self, output: Output) -> Output:
        """Give a column whose sources are columns of lasting tables."""
        star = output.star and replace(output.star, tables=self._tables(output.star.tables))
        return replace(output, value=self.value(output.value), star=star)

    def _reads(self, tables: Iterable[str]) -> tuple[str, ...]:
        found = ((table, self.temporary(table)) for table in tables)
        return tuple(dict.fromkeys(each for table, own in found for each in (own.reads if own else (table,))))

    def value(self, value: Value) -> Value:
        """Give sources that are columns of lasting tables."""
        result: Value = {}
        for (leaf, kind), evidence in value.items():
            own = self.temporary(leaf.table)
            if own is not None:
                result.update(carried(_sources(own.rows, leaf), kind))
            elif leaf.candidates:
                result[leaf._replace(candidates=self._tables(leaf.candidates)), kind] = evidence
            else:
                result[leaf, kind] = evidence
        return result

    def _tables(self, tables: Iterable[str]) -> tuple[str, ...]:
        """Give the tables among which a column of one of some tables is."""
        found = ((table, self.temporary(table)) for table in tables)
        return tuple(dict.fromkeys(each for table, own in found for each in (own.rows.tables if own else (table,))))

    def temporary(self, name: str) -> Defined | None:
        """Give a temporary table of the session, None if the name means no such."""
        defined = self._session.tables.get(name)
        return defined if defined is not None and defined.temporary else None


def _sources(rows: Derived, leaf: Leaf) -> Value:
    """Give what lies behind a column, or behind a part of it."""
    if leaf.column == ROWS:
        return rows.indirect
    if leaf.column == STAR:
        return pooled(output.value for output in rows.outputs() if output.star)
    output = rows.output(leaf.column)
    for name in leaf.path:
        output = part(output, name)
    return output.value
