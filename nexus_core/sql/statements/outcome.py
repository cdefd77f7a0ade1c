"""The outcome of a script: its writes, merged by output, with what its own temporary tables only pass through."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from nexus_core.model.statement import ColumnLineage, Proof, SourceColumn, SqlLineage, SqlProblem, Step
from nexus_core.sql.limits import MAX_EXPRESSION_NODES
from nexus_core.sql.reading.places import NOWHERE, Places
from nexus_core.sql.resolving.resolution import Effect, Makes
from nexus_core.sql.resolving.session import Session
from nexus_core.sql.resolving.values import ROWS, Output, Value, guessed, is_known, pooled, sources
from nexus_core.sql.statements.proofs import proof_of


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """Rows that a statement writes, and the tables that it reads; `complete`: all of it was understood."""

    effect: Effect
    reads: tuple[str, ...]
    complete: bool
    number: int
    places: Places

    @property
    def table(self) -> str:
        """The written table, "" for what a query returns."""
        return ".".join(self.effect.target)

    @property
    def resolved(self) -> bool:
        """Whether each of its columns and their sources is known."""
        effect = self.effect
        values = [*(output.value for output in effect.outputs), effect.indirect]
        return self.complete and not effect.guessed and is_known(values)

    def without_columns(self) -> Write:
        """Give it as one of whose rows nothing is left."""
        return replace(self, effect=replace(self.effect, outputs=(), indirect={}))

    def guessed(self) -> Write:
        """Give it with sources that are all but guesses."""
        outputs = tuple(each.sourced(guessed(each.value)) for each in self.effect.outputs)
        return replace(self, effect=replace(self.effect, outputs=outputs, indirect=guessed(self.effect.indirect)))

    def renamed(self, names: Mapping[str, str], made: Container[str]) -> Write:
        """Give it with new names for written tables, and for read ones that the script has made."""
        read = {old: new for old, new in names.items() if old in made}
        outputs = tuple(replace(each, value=_renamed(each.value, read)) for each in self.effect.outputs)
        indirect = _renamed(self.effect.indirect, read)
        target = (names[self.table],) if self.table in names else self.effect.target
        effect = replace(self.effect, target=target, outputs=outputs, indirect=indirect)
        return replace(self, effect=effect, reads=tuple(read.get(each, each) for each in self.reads))


def _renamed(value: Value, names: Mapping[str, str]) -> Value:
    return {
        (leaf._replace(table=names.get(leaf.table, leaf.table)), kind): evidence
        for (leaf, kind), evidence in value.items()
    }


class Outcome:
    """Gathers what the statements of a script do."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._said: list[Write] = []
        self._writes: list[Write] = []
        self._problems: dict[SqlProblem, None] = {}
        self._all_understood = True
        self._doubted: set[int] = set()
        self._passed: set[int] = set()
        """Places of the writes to temporary tables that are dropped."""
        self._gone: set[str] = set()
        self._read: set[str] = set()
        self._unread: dict[str, list[int]] = {}
        """Places of the writes to a table since it was last made anew."""

    @property
    def write_count(self) -> int:
        """Writes so far."""
        return len(self._said)

    def write(self, said: Write, write: Write) -> None:
        """Record rows written by a statement: as it says, and with what lies behind temporary tables in their place."""
        if said.number in self._doubted:
            said, write = said.guessed(), write.guessed()
        if write.table in self._gone and write.effect.makes is not Makes.NOTHING:
            self._replace(write.table, write.reads)
        self._unread.setdefault(write.table, []).append(len(self._writes))
        self._read.update(write.reads)
        self._said.append(said)
        self._writes.append(write)

    def rename(self, names: Mapping[str, str]) -> None:
        """Give tables other names, all at once; what was read before of one that the script did not make keeps its."""
        session = self._session
        moved = {new: session.reshaped(old) for old, new in names.items()}
        made = {old for old, new in names.items() if moved[new].made}
        self._writes = [
            write.renamed(names, made) if write.table in names or not made.isdisjoint(write.reads) else write
            for write in self._writes
        ]
        self._read |= {new for old, new in names.items() if old in self._read}
        self._unread = {names.get(table, table): places for table, places in self._unread.items()}
        session.read_temporaries = {names.get(each, each) for each in session.read_temporaries}
        for old in names:
            session.tables.pop(old, None)
        session.tables.update(moved)

    def forget(self, table: str) -> None:
        """Let a name mean another table from here on.

        One that was only passed through is left out of the result, one that nobody read loses its columns.
        """
        session = self._session
        defined = session.tables.pop(table, None)
        if defined is not None and defined.temporary and table in session.read_temporaries:
            session.read_temporaries.discard(table)
            self._passed.update(at for at, write in enumerate(self._writes) if write.table == table)
        self._gone.add(table)

    def _replace(self, table: str, reads: Sequence[str]) -> None:
        """Take the columns of a table that is made anew from what was written before, if nothing has read them."""
        self._gone.discard(table)
        if table in reads or table in self._read:
            return
        for at in self._unread.pop(table, ()):
            if self._writes[at].table == table:
                self._writes[at] = self._writes[at].without_columns()

    def problem(self, problem: SqlProblem) -> None:
        """Record a fragment that was not understood, once."""
        self._problems[problem] = None

    def doubt(self, problem: SqlProblem) -> None:
        """Record a statement that another parser than its dialect's read, or that was mended: all of it is a guess."""
        self._doubted.add(problem.statement)
        self.failure(problem)

    def failure(self, problem: SqlProblem) -> None:
        """Record a statement of which nothing was understood: it may have written any table."""
        self._all_understood = False
        self.problem(problem)

    def lineage(self) -> SqlLineage:
        """Give it all; a temporary table that the script itself reads is no output, one left unread is."""
        hidden = self._session.read_temporaries
        kept = [
            write
            for at, write in enumerate(self._writes)
            if at not in self._passed
            and write.table not in hidden
            and not self._session.is_variable(write.effect.target)
        ]
        by_table: dict[str, list[Write]] = {}
        for write in kept:
            by_table.setdefault(write.table, []).append(write)
        merged = {table: _Merged(writes, self._session.traits.sqlglot) for table, writes in by_table.items()}
        named = {table: writes for table, writes in by_table.items() if table}
        return SqlLineage(
            inputs=_distinct(kept),
            outputs=tuple(named),
            columns=(
                *(column for each in merged.values() for column in each.columns),
                *(column for each in merged.values() for column in each.rows),
            ),
            problems=tuple(self._problems),
            reads={table: _distinct(writes) for table, writes in named.items()},
            resolved=frozenset(
                table for table, writes in named.items() if self._all_understood and all(w.resolved for w in writes)
            ),
            looked_up=tuple(self._session.catalog.looked_up),
            steps=tuple(self._steps(merged)) if len(self._said) > 1 else (),
            proofs=tuple(self._proofs(merged.values())),
        )

    def _proofs(self, merged: Iterable[_Merged]) -> Iterable[Proof]:
        """Give what is proven of columns; nothing where a statement that was not understood may write them too."""
        if self._all_understood and not self._problems:
            yield from (proof for each in merged for proof in each.proofs)

    def _steps(self, merged: Mapping[str, _Merged]) -> Iterable[Step]:
        for said in self._said:
            same = merged.get(said.table)
            own = same if same is not None and same.is_of(said) else _Merged([said], self._session.traits.sqlglot)
            yield Step(said.number, said.table, said.reads, (*own.columns, *own.rows))


def _distinct(writes: Iterable[Write]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read for write in writes for read in write.reads))


class _Merged:
    """The columns of one table from all its writes, and what affects all its rows."""

    def __init__(self, writes: Sequence[Write], dialect: Dialect) -> None:
        self._writes = writes
        by_name = _by_name(writes)
        self.columns = [_column(made, dialect) for made in by_name.values()]
        self.proofs = [proof for made in by_name.values() if len(made) == 1 and (proof := _proof(*made[0]))]
        indirect = pooled(write.effect.indirect for write in writes)
        affecting = _sources(indirect) if indirect else ()
        self.rows = [ColumnLineage(writes[0].table, "", affecting)] if affecting else []

    def is_of(self, write: Write) -> bool:
        """Whether it is of this write alone."""
        return len(self._writes) == 1 and self._writes[0] is write


def _by_name(writes: Sequence[Write]) -> dict[str, list[tuple[Write, Output]]]:
    columns: dict[str, list[tuple[Write, Output]]] = {}
    for write in writes:
        for output in write.effect.outputs:
            columns.setdefault(output.name, []).append((write, output))
    return columns


def _column(made: Sequence[tuple[Write, Output]], dialect: Dialect) -> ColumnLineage:
    write, first = made[0]
    outputs = [output for _, output in made]
    value = pooled(output.value for output in outputs)
    return ColumnLineage(write.table, first.name, _sources(value), _text(outputs, dialect), *_place(write, first))


def _proof(write: Write, output: Output) -> Proof | None:
    return proof_of(write.table, output.name, output.expression)


def _sources(value: Value) -> tuple[SourceColumn, ...]:
    """Give a value as source columns, without what affects all rows of a temporary table."""
    return tuple(source for source in sources(value) if source.column != ROWS)


def _place(write: Write, output: Output) -> tuple[int, int, int]:
    """Give the statement that writes a column, and where."""
    start, end = write.places.item(output.item) if output.item is not None else NOWHERE
    return write.number, start, end


def _text(outputs: list[Output], dialect: Dialect) -> str:
    """Give the SQL of the first expression that computes a column, of one with sources if there is one."""
    for output in sorted(outputs, key=lambda output: not output.value):
        if output.expression is None:
            continue
        if any(at >= MAX_EXPRESSION_NODES for at, _ in enumerate(output.expression.walk())):
            return ""
        try:
            return dialect.generate(output.expression, copy=False, comments=False)
        except (SqlglotError, ValueError, AttributeError):  # a part that a generator wants may be absent
            return ""
    return ""
