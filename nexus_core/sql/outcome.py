"""The outcome of a script: its writes, merged by output, with what its own temporary tables only pass through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot.errors import SqlglotError

from nexus_core.model.statement import ColumnLineage, SqlLineage, SqlProblem
from nexus_core.sql.limits import MAX_EXPRESSION_NODES
from nexus_core.sql.places import Places
from nexus_core.sql.resolution import Effect, Resolution
from nexus_core.sql.session import Session
from nexus_core.sql.values import NOWHERE, Output, Value, pooled, sources


@dataclass(frozen=True, slots=True)
class _Write:
    effect: Effect
    reads: tuple[str, ...]
    complete: bool
    number: int
    places: Places

    @property
    def table(self) -> str:
        return ".".join(self.effect.target)


class Outcome:
    """Gathers what the statements of a script do."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._writes: list[_Write] = []
        self._problems: list[SqlProblem] = []
        self._all_understood = True

    def write(self, effect: Effect, reads: tuple[str, ...], complete: bool, by: Resolution) -> None:
        """Record rows written by a statement that reads these tables."""
        self._writes.append(_Write(effect, reads, complete, by.number, by.places))

    def problem(self, problem: SqlProblem) -> None:
        """Record a fragment that was not understood, once."""
        if problem not in self._problems:
            self._problems.append(problem)

    def failure(self, problem: SqlProblem) -> None:
        """Record a statement of which nothing was understood: it may have written any table."""
        self._all_understood = False
        self.problem(problem)

    def lineage(self) -> SqlLineage:
        """Give it all; a temporary table that the script itself reads is no output, one left unread is."""
        kept = [write for write in self._writes if write.table not in self._session.read_temporaries]
        outputs = dict.fromkeys(write.table for write in kept if write.table)
        incomplete = {write.table for write in kept if not write.complete}
        reads = {
            table: tuple(dict.fromkeys(read for write in kept if write.table == table for read in write.reads))
            for table in outputs
        }
        return SqlLineage(
            inputs=tuple(dict.fromkeys(read for write in kept for read in write.reads)),
            outputs=tuple(outputs),
            columns=tuple(_merged(kept, self._session.traits.name)),
            problems=tuple(self._problems),
            reads=reads,
            resolved=frozenset(outputs) - incomplete if self._all_understood else frozenset(),
            looked_up=tuple(self._session.catalog.looked_up),
        )


def _merged(writes: list[_Write], dialect: str) -> Iterator[ColumnLineage]:
    """Give one entry an output column, and one that carries what affects all rows of a table."""
    columns: dict[tuple[str, str], list[tuple[_Write, Output]]] = {}
    indirect: dict[str, Value] = {}
    for write in writes:
        for output in write.effect.outputs:
            columns.setdefault((write.table, output.name), []).append((write, output))
        if write.effect.indirect:
            indirect.setdefault(write.table, {}).update(write.effect.indirect)
    for (table, column), made in columns.items():
        outputs = [output for _, output in made]
        value = pooled(output.value for output in outputs)
        yield ColumnLineage(table, column, sources(value), _text(outputs, dialect), *_place(*made[0]))
    for table, value in indirect.items():
        yield ColumnLineage(table, "", sources(value))


def _place(write: _Write, output: Output) -> tuple[int, int, int]:
    """Give the statement that writes a column, and where."""
    start, end = write.places.item(output.item) if output.item is not None else NOWHERE
    return write.number, start, end


def _text(outputs: list[Output], dialect: str) -> str:
    """Give the SQL of the first expression that computes a column, of one with sources if there is one."""
    for output in sorted(outputs, key=lambda output: not output.value):
        if output.expression is None:
            continue
        if any(at >= MAX_EXPRESSION_NODES for at, _ in enumerate(output.expression.walk())):
            return ""
        try:
            return output.expression.sql(dialect or None, copy=False)
        except (SqlglotError, ValueError):
            return ""
    return ""
