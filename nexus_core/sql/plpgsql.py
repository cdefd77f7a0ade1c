"""PL/pgSQL bodies as programs (PostgreSQL manual, chapter PL/pgSQL): each statement once, in order.

Both sides of an IF may run, so a variable that is set inside a branch or loop keeps its earlier sources too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nexus_core.errors import SqlError
from nexus_core.model.statement import SqlProblem
from nexus_core.sql.dynamic import folded
from nexus_core.sql.parse import Statement, statements
from nexus_core.sql.relations import Derived
from nexus_core.sql.script import Script
from nexus_core.sql.values import CONDITION, Output, Value, carried, pooled
from nexus_core.sql.words import find, words_of

_END = frozenset({";"})
_LOOP = frozenset({"LOOP"})
_THEN = frozenset({"THEN"})
_BEGIN = frozenset({"BEGIN"})
_INTO = frozenset({"INTO"})
_ASSIGN = frozenset({":=", "=", "DEFAULT"})
_USING = frozenset({"USING", "INTO"})
_CURSOR = frozenset({"FOR", "IS"})
_FOR_END = frozenset({"LOOP", ".."})
_WITHOUT_DATA = frozenset({"RAISE", "NULL", "EXIT", "CONTINUE", "GET", "ASSERT", "COMMIT", "ROLLBACK", "CLOSE", "MOVE"})


class Body:
    """Runs a body's statements on the script that it belongs to; `number` is the statement that holds it."""

    def __init__(self, text: str, script: Script, number: int) -> None:
        self._text, self._script, self._number = text, script, number
        self._words = words_of(text)
        self._at = 0
        self._branches = 0
        self._constants: dict[str, str] = {}
        self._cursors: dict[str, str] = {}
        self._rules: dict[str, Callable[[], None]] = {
            "DECLARE": self._declare,
            "BEGIN": self._step,
            "ELSE": self._step,
            "LOOP": self._loop,
            "EXCEPTION": self._step,
            "WHEN": self._condition,
            "IF": self._if,
            "ELSIF": self._condition,
            "ELSEIF": self._condition,
            "CASE": self._case,
            "WHILE": self._while,
            "FOR": self._for,
            "FOREACH": self._foreach,
            "END": self._end,
            "RETURN": self._return,
            "PERFORM": self._perform,
            "EXECUTE": self._execute,
            "OPEN": self._open,
            "FETCH": self._fetch,
            "<<": self._label,
        }

    def run(self) -> None:
        """Run every statement; what is not understood becomes a problem of the statement that holds the body."""
        while self._at < len(self._words):
            word = self._words[self._at]
            rule = self._rules.get(word.key)
            if word.key in _END:
                self._step()
            elif word.key in _WITHOUT_DATA:
                self._until(_END)
            elif rule is not None:
                rule()
            else:
                self._assignment_or_sql()

    def _step(self) -> None:
        self._at += 1

    def _until(self, keys: frozenset[str]) -> tuple[int, int]:
        """Pass over all before a key and the key itself; give the passed words' range."""
        start = self._at
        end = find(self._words, keys, start)
        self._at = end + 1
        return start, end

    def _slice(self, start: int, end: int) -> str:
        """Give the text of a range of words."""
        return self._text[self._words[start].start : self._words[end - 1].end] if start < end else ""

    def _label(self) -> None:
        self._at += 3

    def _loop(self) -> None:
        self._branches += 1
        self._step()

    def _if(self) -> None:
        self._branches += 1
        self._condition()

    def _case(self) -> None:
        self._branches += 1
        self._step()
        self._condition()

    def _while(self) -> None:
        self._branches += 1
        self._step()
        self._ask(*self._until(_LOOP))

    def _condition(self) -> None:
        self._step()
        self._ask(*self._until(_THEN))

    def _ask(self, start: int, end: int) -> None:
        """Read the tables of a condition's subqueries."""
        if any(word.key == "SELECT" for word in self._words[start:end]):
            self._query("SELECT " + self._slice(start, end))

    def _end(self) -> None:
        start, end = self._until(_END)
        if any(word.key in ("IF", "LOOP", "CASE") for word in self._words[start + 1 : min(end, start + 2)]):
            self._branches = max(0, self._branches - 1)

    def _declare(self) -> None:
        self._step()
        last = find(self._words, _BEGIN, self._at)
        while self._at < last:
            start, end = self._until(_END)
            self._declared(start, min(end, last))
        self._at = last

    def _declared(self, start: int, end: int) -> None:
        if end - start < 2:
            return
        name = self._name(start)
        self._script.variables.values[name] = {}
        keys = [word.key for word in self._words[start:end]]
        if "CURSOR" in keys:
            self._cursors[name] = self._slice(find(self._words, _CURSOR, start, end) + 1, end)
            return
        default = find(self._words, _ASSIGN, start, end)
        if default + 1 < end:
            self._set(name, default + 1, end)

    def _name(self, at: int) -> str:
        """Give a word as a name, "" behind the end of a body that is cut off."""
        if at >= len(self._words):
            return ""
        word = self._words[at]
        return word.text.strip('"') if word.text.startswith('"') else word.text.lower()

    def _set(self, name: str, start: int, end: int) -> None:
        """Assign an expression: its sources, and its text where that is constant."""
        constant = folded(self._words[start:end], self._constants)
        if constant is not None and not self._branches:
            self._constants[name] = constant
        else:
            self._constants.pop(name, None)
        single = end - start == 1 and self._words[start].kind in ("string", "number")
        self._assign([name], None if single else self._query("SELECT " + self._slice(start, end)))

    def _assign(self, names: Sequence[str], derived: Derived | None) -> None:
        """Give variables the columns of a row by position, or one record the whole row."""
        outputs = derived.outputs() if derived else ()
        around = carried(derived.indirect, CONDITION) if derived else Value()
        variables = self._script.variables
        if len(names) == 1 and derived is not None:
            variables.records[names[0]] = Derived([_decided(output, around) for output in outputs])
            whole = pooled(output.value for output in outputs)
            self._bind(names[0], {**whole, **around})
            return
        for at, name in enumerate(names):
            self._bind(name, {**(outputs[at].value if at < len(outputs) else {}), **around})

    def _bind(self, name: str, value: Value) -> None:
        before = self._script.variables.values.get(name, {}) if self._branches else {}
        self._script.variables.values[name] = {**before, **value}

    def _query(self, sql: str) -> Derived | None:
        """Resolve a query whose rows go to variables."""
        derived = None
        for statement in statements(sql, self._script.session.traits):
            derived = self._kept(statement)
        return derived

    def _kept(self, statement: Statement) -> Derived | None:
        if statement.error is None and statement.node is not None:
            try:
                return self._script.lineage(statement.node, self._number, kept=True)
            except SqlError as error:
                self._fail(error.code, error.message)
        elif statement.error is not None:
            self._fail(statement.error.code, statement.error.message)
        return None

    def _fail(self, code: str, message: str) -> None:
        self._script.outcome.failure(SqlProblem(code, message, self._number))

    def _for(self) -> None:
        """`FOR r IN query LOOP`: the rows are read by the statements inside; `FOR i IN a..b` only counts."""
        self._branches += 1
        self._step()
        start, end = self._until(frozenset({"IN"}))
        names = [self._name(at) for at in range(start, end) if self._words[at].kind == "name"]
        start, end = self._until(_LOOP)
        counted = find(self._words, _FOR_END, start, end) < end
        first = self._words[start].key if start < end else ""
        if counted or first == "REVERSE":
            self._assign(names, None)
        elif first == "EXECUTE":
            self._rows(names, self._dynamic(start + 1, end))
        else:
            cursor = self._cursors.get(self._name(start)) if start < end else None
            self._rows(names, self._query(cursor or self._slice(start, end)))

    def _rows(self, names: list[str], derived: Derived | None) -> None:
        """Bind a loop's record: what affects its rows affects what the loop does."""
        if len(names) == 1 and derived is not None:
            self._script.variables.records[names[0]] = derived
            self._bind(names[0], pooled(output.value for output in derived.outputs()))
        else:
            self._assign(names, derived)

    def _foreach(self) -> None:
        self._branches += 1
        self._step()
        name = self._name(self._at)
        self._until(frozenset({"ARRAY"}))
        start, end = self._until(_LOOP)
        self._assign([name], self._query("SELECT " + self._slice(start, end)))

    def _return(self) -> None:
        """`RETURN QUERY` yields the rows of a query; any other RETURN ends here."""
        self._step()
        start, end = self._until(_END)
        if start < end and self._words[start].key == "QUERY":
            if start + 1 < end and self._words[start + 1].key == "EXECUTE":
                self._dynamic(start + 2, end, kept=False)
            else:
                self._sql(start + 1, end)
        else:
            self._ask(start, end)

    def _perform(self) -> None:
        self._step()
        start, end = self._until(_END)
        self._query("SELECT " + self._slice(start, end))

    def _execute(self) -> None:
        self._step()
        start, end = self._until(_END)
        into = find(self._words, _INTO, start, end)
        if into < end:
            names, _ = self._targets(into, end)
            self._assign(names, self._dynamic(start, end))
        else:
            self._dynamic(start, end, kept=False)

    def _dynamic(self, start: int, end: int, *, kept: bool = True) -> Derived | None:
        """Run dynamic SQL if its text can be known."""
        text = folded(self._words[start : find(self._words, _USING, start, end)], self._constants)
        if text is None:
            self._fail("dynamic_sql", "EXECUTE of a text that depends on values known only when it runs")
            return None
        if kept:
            return self._query(text)
        self._each(text)
        return None

    def _open(self) -> None:
        self._step()
        start, end = self._until(_END)
        query = find(self._words, frozenset({"FOR"}), start, end)
        if query < end and self._words[query + 1].key != "EXECUTE":
            self._cursors[self._name(start)] = self._slice(query + 1, end)
        elif query < end:
            text = folded(self._words[query + 2 : find(self._words, _USING, query, end)], self._constants)
            if text is None:
                self._fail("dynamic_sql", "OPEN of a text that depends on values known only when it runs")
            self._cursors[self._name(start)] = text or ""

    def _fetch(self) -> None:
        self._step()
        start, end = self._until(_END)
        into = find(self._words, _INTO, start, end)
        names, _ = self._targets(into, end)
        cursor = self._cursors.get(self._name(into - 1)) if into > start else None
        if cursor and names:
            self._assign(names, self._query(cursor))

    def _targets(self, into: int, end: int) -> tuple[list[str], int]:
        """Give the variables behind INTO, and the place behind them."""
        at = into + 1
        if at < end and self._words[at].key == "STRICT":
            at += 1
        names: list[str] = []
        while at < end and self._words[at].kind == "name":
            names.append(self._name(at))
            at += 1
            while at + 1 < end and self._words[at].key == ".":
                names[-1] += "." + self._name(at + 1)
                at += 2
            if at >= end or self._words[at].key != ",":
                break
            at += 1
        return names, at

    def _assignment_or_sql(self) -> None:
        start, end = self._until(_END)
        at = start + 1
        while at + 1 < end and self._words[at].key == ".":
            at += 2
        if at < end and self._words[at].key == "[":
            at = find(self._words, frozenset({"]"}), at + 1, end) + 1
        if at < end and self._words[at].key in (":=", "="):
            self._set(self._name(start) if at == start + 1 else self._slice(start, at).lower(), at + 1, end)
        else:
            self._sql(start, end)

    def _sql(self, start: int, end: int) -> None:
        """Run an SQL statement; a top-level INTO of a query or of RETURNING names variables, never a table."""
        into = find(self._words, _INTO, start, end)
        while start < into < end and self._words[into - 1].key in ("INSERT", "MERGE"):
            into = find(self._words, _INTO, into + 1, end)
        if into >= end:
            self._each(self._slice(start, end))
            return
        names, behind = self._targets(into, end)
        self._assign(names, self._query(self._slice(start, into) + " " + self._slice(behind, end)))

    def _each(self, sql: str) -> None:
        for statement in statements(sql, self._script.session.traits):
            self._script.run(
                Statement(self._number, statement.tokens, statement.node, statement.error, statement.tolerant)
            )


def _decided(output: Output, around: Value) -> Output:
    return replace(output, value={**output.value, **around})
