"""T-SQL as a program ("Control-of-flow", "DECLARE", "EXECUTE" in the SQL Server documentation): each statement once.

Both sides of an IF may run: behind it a variable may have come from either. A loop runs twice where its first round
has changed a variable, so that what one round sets reaches the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.sql.programs.tsql.calls import define, execute
from nexus_core.sql.programs.tsql.changes import change
from nexus_core.sql.programs.tsql.source import Source, key_of, routine_at
from nexus_core.sql.programs.tsql.splitting import condition_end, statement_end
from nexus_core.sql.programs.tsql.state import Frame, Nesting, State
from nexus_core.sql.programs.tsql.texts import ANY_VALUE, MARK, Texts, appended, either, folded
from nexus_core.sql.programs.tsql.words import dotted_name, name_of
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.reading.tokens import word_set
from nexus_core.sql.reading.tsql_trees import masked
from nexus_core.sql.reading.words import closing, parted
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.values import CONDITION, TRANSFORMATION, Value, carried
from nexus_core.sql.resolving.variables import scalar
from nexus_core.sql.statements.writes import into_of

_TRANSACTIONS = frozenset({"TRAN", "TRANSACTION", "DISTRIBUTED", "DIALOG", "CONVERSATION"})
_ROWS = "@\0rows"
"""The table variable that holds what INSERT … EXEC inserts."""

_MAX_LOOPS = 2
"""Nested loops that run twice: each doubles what is inside."""


Snapshot = tuple[dict[str, Value], dict[str, Texts]]


class Program:
    """Runs a range of a source's words with the variables of a frame."""

    def __init__(self, source: Source, state: State, frame: Frame) -> None:
        self.source, self.state, self.frame = source, state, frame
        self.script, self.words = state.script, source.words

    def run(self, start: int, end: int) -> None:
        """Run every statement; what is not understood of one becomes a problem of it."""
        at = start
        try:
            if at < end and self._is_bare_call(at):
                at = statement_end(self.words, at, end)
                execute(self, start, at)
            while at < end:
                at = self.statement(at, end)
        except SqlError as error:
            self.state.fail(error.code, error.message, self.source.statement(start))
        except RecursionError:
            self.state.fail("too_deep", "nested deeper than it can be followed", self.source.statement(start))

    def _is_bare_call(self, at: int) -> bool:
        """Whether a batch begins with the name of a procedure, which needs no EXEC there."""
        word, following = self.words[at], self.source.key(at + 1)
        named = word.kind == "name" and word.key[:1] not in ("@", "#") and word.key not in _WORDS
        return named and following != ":" and (following in ("", ".", ";") or following[:1] == "@")

    def statement(self, at: int, last: int) -> int:
        """Run the statement at a place; give the place behind it."""
        if at >= last or not self.state.may_repeat(self.source.statement(at)):
            return last
        control = _CONTROL.get(self.words[at].key)
        if control is not None:
            return control(self, at, last)
        if self.source.key(at + 1, last) == ":" and self.words[at].kind == "name":
            return at + 2
        routine = routine_at(self.source, at, last)
        if routine is not None:
            define(self, routine, self.source.statement(at))
            return max(routine.end, at + 1)
        end = max(statement_end(self.words, at, last), at + 1)
        rule = _PLAIN.get(self.words[at].key)
        if rule is not None:
            rule(self, at, end)
        elif self.words[at].key not in _WITHOUT_DATA:
            self._sql(at, end)
        return end

    # control of flow

    def _skip(self, at: int, _: int) -> int:
        return at + 1

    def _end(self, at: int, last: int) -> int:
        return at + 2 if self.source.key(at + 1, last) in ("TRY", "CATCH") else at + 1

    def _begin(self, at: int, last: int) -> int:
        following = self.source.key(at + 1, last)
        if following in _TRANSACTIONS:
            return statement_end(self.words, at, last)
        if following == "CATCH":
            before = self._snapshot()
            at = self._block(at + 2, last)
            self._merge(before)
            return at
        if following == "ATOMIC":
            return self._block(closing(self.words, at + 3, last) + 1, last)
        return self._block(at + (2 if following == "TRY" else 1), last)

    def _block(self, at: int, last: int) -> int:
        with self._nested(at):
            while at < last and self.words[at].key != "END":
                at = self.statement(at, last)
        return min(self._end(at, last), last)

    def _nested(self, at: int) -> Nesting:
        return Nesting(self.state, self.source.statement(at))

    def _if(self, at: int, last: int) -> int:
        end = condition_end(self.words, at + 1, last)
        self.ask(at + 1, end)
        before = self._snapshot()
        with self._nested(at):
            at = self.statement(end, last)
            if self.source.key(at, last) == ";" and self.source.key(at + 1, last) == "ELSE":
                at += 1
            if self.source.key(at, last) == "ELSE":
                then = self._snapshot()
                self._restore(before)
                at = self.statement(at + 1, last)
                before = then
        self._merge(before)
        return at

    def _while(self, at: int, last: int) -> int:
        end = condition_end(self.words, at + 1, last)
        self.ask(at + 1, end)
        before = self._snapshot()
        self.frame.loops += 1
        with self._nested(at):
            behind = self.statement(end, last)
        if self.frame.loops <= _MAX_LOOPS and before[0] != self.script.variables.values:
            self._merge(before)
            with Nesting(self.state, self.source.statement(at), repeats=True):
                self.statement(end, last)
        self.frame.loops -= 1
        self._merge(before)
        return behind

    def _snapshot(self) -> Snapshot:
        return dict(self.script.variables.values), dict(self.frame.texts)

    def _restore(self, snapshot: Snapshot) -> None:
        self.script.variables.values, self.frame.texts = dict(snapshot[0]), dict(snapshot[1])

    def _merge(self, other: Snapshot) -> None:
        """Let variables also have what they have after another branch."""
        values, texts = self.script.variables.values, self.frame.texts
        for name, value in other[0].items():
            values[name] = {**value, **values.get(name, {})}
        for name, text in other[1].items():
            texts[name] = either(text, texts.get(name, ()))

    # statements about variables

    def ask(self, start: int, end: int) -> None:
        """Read the tables of a condition's or an argument's subqueries."""
        if any(word.key == "SELECT" for word in self.words[start:end]):
            self.rows("SELECT CASE WHEN ", start, end, " THEN 1 END")

    def _declare(self, at: int, end: int) -> None:
        if self.source.key(at + 1)[:1] != "@":
            self._cursor(name_of(self.words[at + 1]) if at + 1 < end else "", at + 2, end)
            return
        for start, stop in parted(self.words, at + 1, end):
            self._declared(name_of(self.words[start]), start + 1, stop)

    def _declared(self, name: str, start: int, end: int) -> None:
        kind = start + 1 if self.source.key(start, end) == "AS" else start
        typed, behind = dotted_name(self.words, kind, end)
        columns = self.source.slice(kind + 1, end) if typed == ("table",) else self.state.types.get(key_of(typed))
        if columns is not None:
            self.define_table(name, columns)
            return
        self.frame.types[name] = ".".join(typed).upper()
        self.frame.texts[name] = ()
        self.script.variables.values[name] = {}
        default = next((at for at in range(behind, end) if self.words[at].key == "="), end)
        if default + 1 < end:
            self.set(name, default + 1, end)

    def define_table(self, name: str, columns: str) -> None:
        """Let a variable be an empty table with these columns, as `(a int, …)`."""
        for statement in statements(f"CREATE TABLE {name} {columns}", self.script.session.traits):
            self.script.run(replace(statement, number=0))

    def _cursor(self, name: str, start: int, end: int) -> None:
        query = next((at for at in range(start, end) if self.words[at].key == "FOR"), end)
        stop = next((at for at in range(end - 1, query, -1) if self._ends_cursor(at)), end)
        self.frame.cursors[name] = self.rows("", query + 1, stop)

    def _ends_cursor(self, at: int) -> bool:
        """Whether it is `FOR UPDATE` or `FOR READ ONLY` behind the cursor's query."""
        return self.words[at].key == "FOR" and self.source.key(at + 1) in ("UPDATE", "READ")

    def _set(self, at: int, end: int) -> None:
        """`SET @v = expression`, also compound; of other settings none bears on lineage."""
        if self.source.key(at + 1, end)[:1] != "@":
            return
        name, operator = name_of(self.words[at + 1]), self.source.key(at + 2, end)
        if operator == "=" and self.source.key(at + 3, end) == "CURSOR":
            self._cursor(name, at + 4, end)
        elif operator == "=":
            self.set(name, at + 3, end)
        elif operator.endswith("="):
            self._add(name, at + 3, end, operator)
        else:
            self.ask(at + 2, end)

    def _add(self, name: str, start: int, end: int, operator: str) -> None:
        before, texts = self.script.variables.values.get(name, {}), self.frame.texts.get(name, ())
        self.set(name, start, end)
        value = self.script.variables.values.get(name, {})
        self.script.variables.values[name] = {**before, **carried(value, TRANSFORMATION)}
        added = self.frame.texts.get(name, ())
        self.frame.texts[name] = appended(texts, added) if operator == "+=" else (MARK,)

    def set(self, name: str, start: int, end: int) -> None:
        """Assign an expression: its sources, and the texts that it may be."""
        self.frame.texts[name] = folded(self.words[start:end], self.frame.known)
        simple = end - start == 1 and self.words[start].kind in ("string", "number")
        rows = None if simple else self.rows("SELECT ", start, end)
        self._assign([name], rows)

    def _assign(self, names: list[str], rows: Derived | None) -> None:
        """Give variables the columns of a row by position; what decides over the row decides over them."""
        outputs = rows.outputs() if rows else ()
        around = carried(rows.indirect, CONDITION) if rows else Value()
        for at, name in enumerate(names):
            self.script.variables.values[name] = {**(outputs[at].value if at < len(outputs) else {}), **around}

    def _fetch(self, at: int, end: int) -> None:
        into = next((place for place in range(at, end) if self.words[place].key == "INTO"), end)
        names = [name_of(word) for word in self.words[into + 1 : end] if word.key[:1] == "@"]
        if names:
            self._assign(names, self.frame.cursors.get(name_of(self.words[into - 1])))
            self.frame.texts.update(dict.fromkeys(names, (MARK,)))

    def _return(self, at: int, end: int) -> None:
        """RETURN of an inline function has a query, that of others a value."""
        running = self.state.calls[-1] if self.state.calls else None
        if running is not None and running.kind == "FUNCTION" and running.start == at:
            text = self.source.slice(at + 1, end)
            self.run_text(text, self.source.place(at + 1), self.source.statement(at))
        else:
            value = self.rows("SELECT ", at + 1, end)
            self.frame.returned.update(scalar(value) if value is not None else {})

    # statements that read and write tables

    def rows(self, before: str, start: int, end: int, behind: str = "") -> Derived | None:
        """Resolve a query whose rows go to variables, from a range of words with some text around it."""
        if start >= end:
            return None
        text = f"{before}{self.source.slice(start, end)}{behind}"
        derived = None
        for statement in statements(text, self.script.session.traits, self.source.place(start, len(before))):
            derived = self.script.kept(replace(statement, number=self.source.statement(start)))
        return derived

    def _sql(self, at: int, end: int) -> None:
        self.run_text(self.source.slice(at, end), self.source.place(at), self.source.statement(at))

    def run_text(self, text: str, offset: int | None, number: int) -> None:
        """Run an SQL statement."""
        for statement in statements(text, self.script.session.traits, offset):
            if (MARK in text or ANY_VALUE in text) and statement.node is not None:
                statement = replace(statement, node=masked(statement.node, (MARK, ANY_VALUE)))
            self._run(replace(statement, number=number))

    def _run(self, statement: Statement) -> None:
        node = statement.node
        if isinstance(node, exp.Select) and (names := _assigned(node)):
            node.set("expressions", [item.expression for item in node.expressions])
            self._assign(names, self.script.kept(statement))
            self.frame.texts.update(dict.fromkeys(names, (MARK,)))
        elif isinstance(node, exp.Query) and into_of(node) is None and self.state.collected is not None:
            self.script.run(replace(statement, node=self._collecting(node)))
        else:
            self.script.run(statement)

    def _collecting(self, query: exp.Query) -> exp.Expr:
        """Put a result set into the table variable that INSERT … EXEC reads."""
        first = not self.state.collected
        self.state.collected = (self.state.collected or 0) + 1
        table = exp.Table(this=exp.to_identifier(_ROWS))
        if not first:
            return exp.Insert(this=table, expression=query)
        query.set("into", exp.Into(this=table))
        return query

    def _insert(self, at: int, end: int) -> None:
        """`INSERT … EXEC` inserts what the procedure or text returns, by position."""
        call = next((place for place in range(at, end) if self.words[place].key in ("EXEC", "EXECUTE")), end)
        if call >= end or any(word.key == "SELECT" for word in self.words[at:call]):
            self._sql(at, end)
            return
        outer, self.state.collected = self.state.collected, 0
        execute(self, call + 1, end)
        found, self.state.collected = self.state.collected, outer
        rows = f" SELECT * FROM [{_ROWS}]" if found else " DEFAULT VALUES"
        self.run_text(self.source.slice(at, call) + rows, None, self.source.statement(at))

    def _update(self, at: int, end: int) -> None:
        if self.source.key(at + 1, end) != "STATISTICS":
            self._sql(at, end)

    def _exec(self, at: int, end: int) -> None:
        if self.source.key(at + 1, end) != "AS":
            execute(self, at + 1, end)

    def _change(self, at: int, end: int) -> None:
        if not change(self, at, end):
            self._sql(at, end)

    def child(self, source: Source, frame: Frame) -> Program:
        """Give the program of a body or of a dynamic text."""
        return Program(source, self.state, frame)


def _assigned(query: exp.Select) -> list[str]:
    """Give the variables of `SELECT @a = x, @b = y`, none for a query that returns rows."""
    lefts = [item.this for item in query.expressions if isinstance(item, exp.EQ)]
    named = [left.name for left in lefts if isinstance(left, exp.Parameter)]
    return [f"@{name.lower()}" for name in named] if len(named) == len(query.expressions) else []


_CONTROL: Mapping[str, Callable[[Program, int, int], int]] = {
    ";": Program._skip,
    "ELSE": Program._skip,
    "END": Program._end,
    "BEGIN": Program._begin,
    "IF": Program._if,
    "WHILE": Program._while,
}
_PLAIN: Mapping[str, Callable[[Program, int, int], None]] = {
    "DECLARE": Program._declare,
    "SET": Program._set,
    "FETCH": Program._fetch,
    "RETURN": Program._return,
    "INSERT": Program._insert,
    "UPDATE": Program._update,
    "EXEC": Program._exec,
    "EXECUTE": Program._exec,
    **dict.fromkeys(("CREATE", "ALTER", "BULK"), Program._change),
}
_WITHOUT_DATA = word_set(
    "PRINT RAISERROR THROW WAITFOR GOTO BREAK CONTINUE OPEN CLOSE DEALLOCATE COMMIT ROLLBACK SAVE GRANT DENY REVOKE "
    "DBCC KILL CHECKPOINT RECONFIGURE SHUTDOWN BACKUP RESTORE ENABLE DISABLE REVERT ADD"
)
_WORDS = word_set(
    "SELECT DELETE MERGE WITH DROP TRUNCATE USE COPY RENAME EXPLAIN VALUES ANALYZE REFRESH DESCRIBE SHOW REPLACE CALL"
).union(_CONTROL, _PLAIN, _WITHOUT_DATA)
"""First words that are no name of a procedure."""
