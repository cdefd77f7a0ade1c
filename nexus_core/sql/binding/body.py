"""The body of a routine, read word by word: its declarations, conditions, assignments and SQL statements.

A statement counts whether or not a branch leads to it, and whether or not a handler catches its error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from nexus_core.model.trial import Found
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.declarations import assign, converted, declare, identifier
from nexus_core.sql.binding.queries import Columns, query
from nexus_core.sql.binding.relations import UNTYPED, Column, Scope, Typed
from nexus_core.sql.programs.blocks.routine import Routine
from nexus_core.sql.programs.texts import folded
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.reading.places import Places
from nexus_core.sql.reading.words import Word, closing, find, name_of, parted, words_of

_END = frozenset({";"})
_THEN = frozenset({"THEN"})
_LOOP = frozenset({"LOOP", "DO"})
_DEFAULT = frozenset({":=", "=", "DEFAULT"})
_INTO = frozenset({"INTO"})
_RETURNING = frozenset({"RETURNING"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"})
_QUERIES = frozenset({"SELECT", "WITH", "VALUES", "("})
_BLOCKS = frozenset({"IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"})
_BOOLEAN = Typed("bool", "boolean")


class Body:
    """One body under way; `run` binds a statement."""

    def __init__(self, routine: Routine, binding: Binding, run: Callable[[Statement, Binding], None]) -> None:
        self._text, self._offset, self._number = routine.body, routine.offset, routine.number
        self._binding, self._run_statement = binding, run
        self._words = words_of(routine.body, binding.traits.name)
        self._cursors: dict[str, Columns] = {}
        self._handling = False
        self._at = 0

    def run(self) -> None:
        """Bind every statement."""
        while self._at < len(self._words):
            before = self._at
            _RULES.get(self._key(self._at), Body._statement)(self)
            self._at = max(self._at, before + 1)

    # --- words

    def _key(self, at: int) -> str:
        return self._words[at].key if at < len(self._words) else ""

    def _name(self, at: int) -> str:
        return name_of(self._words[at]).lower() if at < len(self._words) else ""

    def _until(self, keys: frozenset[str]) -> tuple[int, int]:
        """Pass over all before a key and the key itself; give the passed words' range."""
        start = self._at
        end = find(self._words, keys, start)
        self._at = end + 1
        return start, end

    def _slice(self, start: int, end: int) -> str:
        end = min(end, len(self._words))
        return self._text[self._words[start].start : self._words[end - 1].end] if start < end else ""

    def _place(self, start: int) -> int | None:
        known = self._offset is not None and start < len(self._words)
        return self._offset + self._words[start].start if known and self._offset is not None else None

    # --- what is bound

    def _bind(self, sql: str, place: int | None) -> None:
        for statement in statements(sql, self._binding.traits, place):
            self._run_statement(replace(statement, number=self._number), self._binding)

    def _query(self, sql: str, place: int | None) -> tuple[Columns, exp.Expr | None]:
        """Bind a query or a statement that returns rows, to its columns."""
        columns: Columns = None
        node = None
        for each in statements(sql, self._binding.traits, place):
            self._binding.begin(self._number, each.places)
            if each.node is None or (each.error or each.note) is not None:
                self._binding.unsure[Found("unread", "a part of the body is not read", self._number)] = None
                continue
            node = each.node
            columns = query(node, self._binding, Scope())
        return columns, node

    def _value(self, start: int, end: int, *targets: str, wanted: Typed = UNTYPED) -> None:
        """Bind an expression, and judge it as what variables take, or as a wanted type."""
        if start >= end:
            return
        place = self._place(start)
        head = "SELECT "
        columns, node = self._query(head + self._slice(start, end), None if place is None else place - len(head))
        if node is not None:
            self._assigned(targets, columns, node)
            if wanted is not UNTYPED and columns and self._binding.strict:
                converted(self._binding, columns[0].typed, wanted, node)

    def _assigned(self, targets: Sequence[str], columns: Columns, node: exp.Expr) -> None:
        """Give variables the columns of a row by position, or a record the whole row."""
        if len(targets) == 1 and targets[0] in self._binding.records:
            self._binding.records[targets[0]] = columns
            return
        for target, column in zip(targets, columns or (), strict=False):
            assign(self._binding, target, column.typed, node)

    # --- declarations

    def _declare(self) -> None:
        """`DECLARE a int; b cursor for …; BEGIN`, or MySQL's `DECLARE a, b int DEFAULT 0;`."""
        self._at += 1
        if not self._binding.strict:
            self._declare_statement()
            return
        while self._at < len(self._words) and self._key(self._at) not in ("BEGIN", "DECLARE"):
            start, end = self._until(_END | {"BEGIN"})
            self._at -= self._key(end) == "BEGIN"
            self._declared(start, end)

    def _declare_statement(self) -> None:
        if self._key(self._at + 1) == "HANDLER":
            at = self._at + 3
            while self._key(at) in ("SQLSTATE", "VALUE", "NOT"):
                at += 1
            self._at = at + 1
            return
        start, end = self._until(_END)
        if self._key(start + 1) != "CONDITION":
            self._declared(start, end)

    def _declared(self, start: int, end: int) -> None:
        if end - start < 2:
            return
        if "CURSOR" in [word.key for word in self._words[start + 1 : min(start + 4, end)]]:
            self._cursor(start, end)
            return
        names = [self._name(start)]
        while self._key(start + 1) == "," and start + 2 < end:
            start += 2
            names.append(self._name(start))
        default = find(self._words, _DEFAULT, start + 1, end)
        first = start + 1 + (self._key(start + 1) == "CONSTANT")
        last = find(self._words, frozenset({"NOT", "COLLATE"}), first, default)
        self._binding.begin(self._number, Places((), 0 if self._offset is not None else None))
        for name in names:
            declare(self._binding, name, self._slice(first, last), self._place(first))
        self._value(default + 1, end, *names[:1])

    def _cursor(self, start: int, end: int) -> None:
        """`c CURSOR (a int) FOR query`."""
        at = find(self._words, frozenset({"FOR", "IS"}), start, end) + 1
        opened = find(self._words, frozenset({"("}), start, at)
        if opened < at - 1:
            for first, last in parted(self._words, opened + 1, closing(self._words, opened, end)):
                declare(self._binding, self._name(first), self._slice(first + 1, last), self._place(first + 1))
        self._binding.variables[self._name(start)] = UNTYPED
        self._cursors[self._name(start)], _ = self._query(self._slice(at, end), self._place(at))

    # --- control

    def _step(self) -> None:
        self._at += 1

    def _skip(self) -> None:
        self._until(_END)

    def _end(self) -> None:
        self._at += 2 if self._key(self._at + 1) in _BLOCKS else 1
        self._until(_END)
        self._handling = False

    def _label(self) -> None:
        self._at += 3

    def _exception(self) -> None:
        self._at += 1
        self._handling = True

    def _condition(self) -> None:
        """`IF condition THEN`, `WHEN condition THEN`; behind EXCEPTION there is the name of an error."""
        handler = self._key(self._at) == "WHEN" and self._handling
        self._at += 1
        start, end = self._until(_THEN)
        if not handler:
            self._value(start, end, wanted=_BOOLEAN if self._key(start - 1) != "WHEN" else UNTYPED)

    def _case(self) -> None:
        self._at += 1
        start, end = self._until(frozenset({"WHEN"}))
        self._value(start, end)
        self._at = end

    def _while(self) -> None:
        self._at += 1
        start, end = self._until(_LOOP)
        self._value(start, end, wanted=_BOOLEAN)

    def _until_end(self) -> None:
        """`UNTIL condition END REPEAT`."""
        self._at += 1
        start, end = self._until(frozenset({"END"}))
        self._at = end
        self._value(start, end)

    def _leave(self) -> None:
        """`EXIT label WHEN condition;`."""
        start, end = self._until(_END)
        when = find(self._words, frozenset({"WHEN"}), start, end)
        self._value(when + 1, end, wanted=_BOOLEAN)

    def _for(self) -> None:
        """`FOR r IN query LOOP`, `FOR i IN a..b LOOP`, `FOR r IN cursor LOOP`."""
        self._at += 1
        start, end = self._until(frozenset({"IN"}))
        names = [self._name(start) for start, _ in parted(self._words, start, end)]
        start, end = self._until(_LOOP)
        if self._key(start) == "EXECUTE":
            self._dynamic(start + 1, end)
            columns: Columns = None
        elif self._key(start) in (*_QUERIES, *_CHANGES):
            columns, _ = self._query(self._slice(start, end), self._place(start))
        elif (dots := find(self._words, frozenset({".."}), start, end)) < end:
            self._value(start + (self._key(start) == "REVERSE"), dots)
            self._value(dots + 1, find(self._words, frozenset({"BY"}), dots, end))
            columns = (Column(names[0], Typed("int4", "integer")),)
            self._binding.variables[names[0]] = columns[0].typed
            return
        else:
            columns = self._cursors.get(self._name(start))
        self._loop_over(names, columns)

    def _loop_over(self, names: Sequence[str], columns: Columns) -> None:
        if len(names) == 1 and (names[0] in self._binding.records or names[0] not in self._binding.variables):
            self._binding.records[names[0]] = columns
            self._binding.variables.setdefault(names[0], UNTYPED)
            return
        for name, column in zip(names, columns or (), strict=False):
            assign(self._binding, name, column.typed, exp.Null())

    def _each(self) -> None:
        """`FOREACH x IN ARRAY a LOOP`."""
        self._until(frozenset({"ARRAY"}))
        self._value(*self._until(_LOOP))

    # --- statements

    def _returns(self) -> None:
        """`RETURN value;`, `RETURN NEXT value;`, `RETURN QUERY query;`."""
        self._at += 1
        start, end = self._until(_END)
        if self._key(start) == "QUERY":
            if self._key(start + 1) == "EXECUTE":
                self._dynamic(start + 2, end)
            else:
                self._query(self._slice(start + 1, end), self._place(start + 1))
            return
        self._value(start + (self._key(start) == "NEXT"), end)

    def _raise(self) -> None:
        """`RAISE NOTICE 'format', a, b USING …;`."""
        start, end = self._until(_END)
        last = find(self._words, frozenset({"USING"}), start, end)
        for first, behind in parted(self._words, start, last)[1:]:
            self._value(first, behind)

    def _call(self) -> None:
        start, end = self._until(_END)
        opened = find(self._words, frozenset({"("}), start, end)
        if opened < end:
            for first, last in parted(self._words, opened + 1, closing(self._words, opened, end)):
                self._value(first, last)

    def _perform(self) -> None:
        start, end = self._until(_END)
        self._value(start + 1, end)

    def _execute(self) -> None:
        """`EXECUTE text INTO a USING b;`."""
        self._at += 1
        start, end = self._until(_END)
        last = find(self._words, frozenset({"INTO", "USING"}), start, end)
        self._dynamic(start, last)

    def _prepare(self) -> None:
        """`PREPARE s FROM text;`."""
        start, end = self._until(_END)
        self._dynamic(find(self._words, frozenset({"FROM"}), start, end) + 1, end)

    def _dynamic(self, start: int, end: int) -> None:
        """Bind a constant text; any other is not known before it runs."""
        last = find(self._words, frozenset({"USING"}), start, end)
        text = folded(self._words[start:last], {}, self._binding.traits.name)
        if text is None:
            told = Found(
                "dynamic_sql", "it runs a text that is made when it runs", self._number, *self._span(start, last)
            )
            self._binding.unsure[told] = None
        elif "$" not in text and "?" not in text:
            self._bind(text, None)

    def _span(self, start: int, end: int) -> tuple[int, int]:
        place = self._place(start)
        return (-1, -1) if place is None else (place, place + len(self._slice(start, end)))

    def _open(self) -> None:
        """`OPEN c FOR query;`."""
        start, end = self._until(_END)
        at = find(self._words, frozenset({"FOR"}), start, end) + 1
        if at < end and self._key(at) == "EXECUTE":
            self._dynamic(at + 1, end)
        elif at < end:
            self._cursors[self._name(start + 1)], _ = self._query(self._slice(at, end), self._place(at))

    def _fetch(self) -> None:
        """`FETCH c INTO a, b;`."""
        start, end = self._until(_END)
        into = find(self._words, _INTO, start, end)
        names, _ = self._targets(into + 1, end)
        self._assigned(names, self._cursors.get(self._name(into - 1)), exp.Null())

    def _set(self) -> None:
        """`SET a = 1, @b = 2;`; PostgreSQL's SET is about settings."""
        self._at += 1
        start, end = self._until(_END)
        if self._binding.strict:
            return
        for first, last in parted(self._words, start, end):
            sign = find(self._words, frozenset({"=", ":="}), first, last)
            self._value(sign + 1, last, *([self._name(first)] if sign == first + 1 else []))
            self._row_field(first, sign)

    def _statement(self) -> None:
        """A label, an assignment or an SQL statement."""
        if self._key(self._at + 1) == ":" and self._key(self._at + 2) in (*_BLOCKS, "BEGIN"):
            self._at += 2
            return
        start, end = self._until(_END)
        sign = find(self._words, frozenset({":=", "="}), start, end)
        target = self._words[start:sign]
        if sign < end and self._binding.strict and _is_variable(target, self._binding):
            names = [self._name(start)] if sign == start + 1 else []
            self._value(sign + 1, end, *names, wanted=self._row_field(start, sign))
        else:
            self._sql(start, end)

    def _row_field(self, start: int, end: int) -> Typed:
        """Give the type of `NEW.field`, to which a value is assigned; refuses a field that is not there."""
        if end != start + 3 or self._name(start) not in self._binding.rows:
            return UNTYPED
        self._binding.begin(self._number, Places((), 0 if self._offset is not None else None))
        row, field = (identifier(self._words[at], self._offset) for at in (start, start + 2))
        return self._binding.column(exp.Column(this=field, table=row), Scope())

    def _sql(self, start: int, end: int) -> None:
        """An SQL statement; INTO of a query or behind RETURNING names variables."""
        into = self._into(start, end)
        if into >= end:
            self._bind(self._slice(start, end), self._place(start))
            return
        names, behind = self._targets(into + 1, end)
        base = self._words[start].start
        text = self._slice(start, end)
        cut, rest = self._words[into].start - base, self._words[behind - 1].end - base
        columns, node = self._query(f"{text[:cut]}{' ' * (rest - cut)}{text[rest:]}", self._place(start))
        if node is not None:
            self._assigned(names, columns, node)

    def _into(self, start: int, end: int) -> int:
        first = self._key(start)
        if first in _CHANGES:
            return find(self._words, _INTO, find(self._words, _RETURNING, start, end), end)
        return find(self._words, _INTO, start, end) if first in _QUERIES else end

    def _targets(self, at: int, end: int) -> tuple[list[str], int]:
        """Give the variables of a list, and the place behind it; a field of a record is ""."""
        at += self._key(at) == "STRICT"
        names: list[str] = []
        while at < end and self._words[at].kind == "name":
            name, at = self._name(at), at + 1
            while self._key(at) == "." and at + 1 < end:
                name, at = "", at + 2
            names.append(name)
            if self._key(at) != ",":
                break
            at += 1
        return names, at


def _is_variable(words: Sequence[Word], binding: Binding) -> bool:
    """Whether words before a sign are a variable, a field of one or an element of one."""
    if not words or words[0].kind != "name":
        return False
    name = name_of(words[0]).lower()
    return name in binding.variables or name in binding.records or (name in ("new", "old") and len(words) == 3)


_RULES: Mapping[str, Callable[[Body], None]] = {
    **dict.fromkeys(("BEGIN", "ELSE", "LOOP", "REPEAT", ";"), Body._step),
    **dict.fromkeys(("NULL", "LEAVE", "ITERATE", "SIGNAL", "RESIGNAL", "CLOSE", "MOVE", "GET"), Body._skip),
    **dict.fromkeys(("COMMIT", "ROLLBACK", "DEALLOCATE", "ASSERT"), Body._skip),
    **dict.fromkeys(("IF", "ELSIF", "ELSEIF", "WHEN"), Body._condition),
    **dict.fromkeys(("EXIT", "CONTINUE"), Body._leave),
    "END": Body._end,
    "<<": Body._label,
    "DECLARE": Body._declare,
    "EXCEPTION": Body._exception,
    "CASE": Body._case,
    "WHILE": Body._while,
    "UNTIL": Body._until_end,
    "FOR": Body._for,
    "FOREACH": Body._each,
    "RETURN": Body._returns,
    "RAISE": Body._raise,
    "CALL": Body._call,
    "PERFORM": Body._perform,
    "EXECUTE": Body._execute,
    "PREPARE": Body._prepare,
    "OPEN": Body._open,
    "FETCH": Body._fetch,
    "SET": Body._set,
}
