"""Runs a body's words: each statement once, in order, with its variables' sources.

Both sides of an IF may run, so what a branch sets is joined with what was before it when the branch ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from nexus_core.model.statement import SqlProblem
from nexus_core.sql.programs.script import Script
from nexus_core.sql.programs.texts import folded
from nexus_core.sql.reading.parse import statements
from nexus_core.sql.reading.words import Word, closing, find, name_of, words_of
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Effect, Variables
from nexus_core.sql.resolving.values import CONDITION, STAR, OpenStar, Output, Value, carried, pooled
from nexus_core.sql.resolving.variables import scalar

END = frozenset({";"})
MAX_TEXTS = 8
"""Texts that a variable may have behind branches."""

_QUERIES = frozenset({"SELECT", "WITH"})


@dataclass(slots=True)
class Frame:
    """An open BEGIN, IF, CASE or loop.

    Of what it has set it keeps what was before, and what earlier branches have left; `indirect` is what affects the
    rows that a loop runs over. `complete`: one of its branches is taken for sure.
    """

    kind: str
    indirect: Value = field(default_factory=dict)
    before: dict[str, Value] = field(default_factory=dict)
    left: dict[str, Value] = field(default_factory=dict)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    texts_left: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor as declared: its query (`""` while it has none), the query's place, and its parameters."""

    query: str
    offset: int | None = None
    parameters: tuple[str, ...] = ()


class Machine:
    """A body on the script that it belongs to; `number` is the statement that holds it, `offset` its place.

    `rules` say what to do at a word; a word without one begins an SQL statement or an assignment (the rule `""`).
    With `consumed` the rows that it returns go to a caller instead of the outcome. `trigger` is the table whose row
    the body may change.
    """

    def __init__(
        self,
        text: str,
        script: Script,
        number: int,
        rules: Mapping[str, Rule],
        offset: int | None = None,
        *,
        columns: Sequence[str] = (),
        consumed: bool = False,
        trigger: tuple[str, ...] = (),
    ) -> None:
        self.text, self.script, self.number, self._rules, self._offset = text, script, number, rules, offset
        self.words = words_of(text, script.session.traits.name)
        self.at = 0
        self.frames: list[Frame] = []
        self.columns, self.consumed, self.trigger = tuple(columns), consumed, trigger
        self.cursors: dict[str, Cursor] = {}
        self.opened: dict[str, Derived | None] = {}
        self.returned: Derived | None = None
        self.value: Value = {}

    @property
    def variables(self) -> Variables:
        """The variables in force."""
        return self.script.variables

    @property
    def dialect(self) -> str:
        """The dialect's name."""
        return self.script.session.traits.name

    def run(self) -> None:
        """Run every statement; what is not understood becomes a problem of the statement that holds the body."""
        other = self._rules[""]
        while self.at < len(self.words):
            before = self.at
            self._rules.get(self.words[self.at].key, other)(self)
            self.at = max(self.at, before + 1)
        if self.returned is not None and not self.consumed:
            self.script.rows_returned(self.returned, self.number)

    def declare(self) -> None:
        """Read declarations that stand first in the body, without the word DECLARE."""
        self._rules["DECLARE"](self)

    def key(self, at: int) -> str:
        """Give the key of a word, "" behind the last."""
        return self.words[at].key if at < len(self.words) else ""

    def until(self, keys: frozenset[str]) -> tuple[int, int]:
        """Pass over all before a key and the key itself; give the passed words' range."""
        start = self.at
        end = find(self.words, keys, start)
        self.at = end + 1
        return start, end

    def slice(self, start: int, end: int) -> str:
        """Give the text of a range of words."""
        end = min(end, len(self.words))
        return self.text[self.words[start].start : self.words[end - 1].end] if start < end else ""

    def place(self, start: int) -> int | None:
        """Give a word's place in the whole text, None where it has none."""
        return None if self._offset is None or start >= len(self.words) else self._offset + self.words[start].start

    def name(self, at: int) -> str:
        """Give a word as a variable's name, "" behind the end of a body that is cut off."""
        if at >= len(self.words):
            return ""
        name = name_of(self.words[at]).lower()
        return f"@{name[1:]}" if name[:1] == "$" else name

    def fail(self, code: str, message: str) -> None:
        """Report what is not understood."""
        self.script.outcome.failure(SqlProblem(code, message, self.number))

    # --- values

    def query(self, sql: str, offset: int | None = None) -> Derived | None:
        """Resolve a query, or a statement with what it returns, whose rows go to variables."""
        derived = None
        for statement in statements(sql, self.script.session.traits, offset):
            derived = self.script.kept(replace(statement, number=self.number))
        return derived

    def expression(self, start: int, end: int) -> Derived | None:
        """Resolve an expression as one row; a query in parentheses gives its own rows."""
        if start >= end:
            return None
        first, last = start, end
        while self.key(first) == "(" and closing(self.words, first, last) == last - 1:
            first, last = first + 1, last - 1
        if self.key(first) in _QUERIES:
            return self.query(self.slice(first, last), self.place(first))
        place = self.place(start)
        return self.query(f"SELECT {self.slice(start, end)}", None if place is None else place - len("SELECT "))

    def ask(self, start: int, end: int) -> None:
        """Read the tables of a condition's subqueries."""
        if any(word.key == "SELECT" for word in self.words[start:end]):
            self.expression(start, end)

    def scalar(self, derived: Derived | None) -> Value:
        """Give the value of rows that stand for one: what affects them decides over it."""
        return scalar(derived) if derived is not None else {}

    def set(self, name: str, start: int, end: int) -> None:
        """Assign an expression: its sources, and the texts that it may make where they are constant."""
        words = self.words[start:end]
        texts = () if self._grows(name, words) else self.texts(words)
        single = end - start == 1 and words[0].kind in ("string", "number")
        derived = None if single else self.expression(start, end)
        self.assign([name], derived)
        if derived is not None:
            self.opened[name] = derived
        self.fix(name, texts)

    def _grows(self, name: str, words: Sequence[Word]) -> bool:
        """Whether each round of a loop makes another text of what a variable has."""
        looped = any(frame.kind == "LOOP" for frame in self.frames)
        return looped and any(word.kind == "name" and word.text.lower() == name for word in words)

    def texts(self, words: Sequence[Word]) -> tuple[str, ...]:
        """Give the texts that an expression may make, one for each way through the branches before; () if unknown."""
        variables = self.variables
        named = dict.fromkeys(word.text.lower() for word in words if word.text.lower() in variables.choices)
        ways = list(product(*(variables.choices[name] for name in named)))
        if len(ways) > MAX_TEXTS:
            return ()
        made = [
            folded(words, {**variables.constants, **dict(zip(named, way, strict=True))}, self.dialect, variables.plain)
            for way in ways
        ]
        known = tuple(dict.fromkeys(text for text in made if text is not None))
        return known if None not in made else ()

    def fix(self, name: str, texts: Sequence[str]) -> None:
        """Keep the constant texts that a variable may have, none for one that cannot be known."""
        if self.frames:
            self.frames[-1].texts.setdefault(name, self.texts_of(name))
        self._keep(name, texts)

    def texts_of(self, name: str) -> tuple[str, ...]:
        """Give the constant texts that a variable may have, () if they cannot be known."""
        variables = self.variables
        return (variables.constants[name],) if name in variables.constants else variables.choices.get(name, ())

    def _keep(self, name: str, texts: Sequence[str]) -> None:
        self.variables.constants.pop(name, None)
        self.variables.choices.pop(name, None)
        if len(texts) == 1:
            self.variables.constants[name] = texts[0]
        elif 0 < len(texts) <= MAX_TEXTS:
            self.variables.choices[name] = tuple(texts)

    def assign(self, names: Sequence[str], derived: Derived | None) -> None:
        """Give variables the columns of a row by position, or one record the whole row."""
        outputs = derived.outputs() if derived else ()
        around = carried(derived.indirect, CONDITION) if derived else Value()
        if len(names) == 1 and derived is not None:
            self._bind_row(names[0], [replace(each, value={**each.value, **around}) for each in outputs], around)
            return
        for at, name in enumerate(names):
            self.bind(name, {**(outputs[at].value if at < len(outputs) else {}), **around})

    def _bind_row(self, name: str, outputs: Sequence[Output], around: Value) -> None:
        if "." not in name:
            self.variables.records[name] = Derived(outputs)
        self.bind(name, {**pooled(output.value for output in outputs), **around})

    def rows(self, names: Sequence[str], derived: Derived | None) -> None:
        """Bind a loop's record: what affects its rows affects what the loop does."""
        if derived is not None and self.frames:
            self.frames[-1].indirect = derived.indirect
        if len(names) == 1 and derived is not None:
            self.variables.records[names[0]] = derived
            self.bind(names[0], pooled(output.value for output in derived.outputs()))
        else:
            self.assign(names, derived)

    def bind(self, name: str, value: Value) -> None:
        """Set a variable's sources; a field of a record changes the record."""
        record, _, column = name.partition(".")
        if column:
            self._bind_field(record, column, value)
            return
        before = self.variables.values.get(name, {})
        if self.frames:
            self.frames[-1].before.setdefault(name, before)
        self.variables.values[name] = value
        self.fix(name, ())

    def widen(self, name: str, value: Value) -> None:
        """Give a variable further sources: an element of a collection is set."""
        self.bind(name, {**self.variables.values.get(name, {}), **value})

    def _bind_field(self, name: str, column: str, value: Value) -> None:
        column = self.script.session.traits.fold_text(column)
        record = self.variables.records.get(name) or Derived([_REST])
        fields = {output.name: output for output in (*record.outputs(), Output(column, value))}
        self.variables.records[name] = Derived(list(fields.values()), record.indirect)
        self.widen(name, value)

    # --- branches

    def open_frame(self, kind: str) -> None:
        """Enter a block, branch or loop."""
        self.frames.append(Frame(kind))

    def next_branch(self, *, last: bool = False) -> None:
        """Leave a branch for the next one of the same IF, CASE or EXCEPTION; after the `last` there is no other."""
        if not self.frames:
            return
        frame = self.frames[-1]
        frame.complete = frame.complete or last
        values = self.variables.values
        for name, before in frame.before.items():
            frame.left[name] = {**frame.left.get(name, {}), **values.get(name, {})}
            values[name] = before
        for name, texts in frame.texts.items():
            frame.texts_left.setdefault(name, []).append(self.texts_of(name))
            self._keep(name, texts)

    def close_frame(self) -> None:
        """Leave a block, branch or loop: what it has set may or may not be so."""
        if not self.frames:
            return
        frame = self.frames.pop()
        values = self.variables.values
        if frame.kind != "BEGIN":
            for name, before in frame.before.items():
                first = {} if frame.complete else before
                values[name] = {**first, **frame.left.get(name, {}), **values.get(name, {})}
            for name, texts in frame.texts.items():
                ends = [*([] if frame.complete else [texts]), *frame.texts_left.get(name, []), self.texts_of(name)]
                self._keep(name, tuple(dict.fromkeys(text for end in ends for text in end)) if all(ends) else ())
        if self.frames:
            for name, before in frame.before.items():
                self.frames[-1].before.setdefault(name, before)
            for name, texts in frame.texts.items():
                self.frames[-1].texts.setdefault(name, texts)

    # --- statements

    def run_sql(self, sql: str, offset: int | None = None) -> None:
        """Run the SQL statements of a text."""
        for statement in statements(sql, self.script.session.traits, offset):
            self.script.run(replace(statement, number=self.number))

    def write_row(self, column: str, value: Value) -> None:
        """Write a column of the row that a trigger stands on."""
        name = self.script.session.traits.fold_text(column)
        self.script.record(Effect(self.trigger, (Output(name, value),)), self.number)

    def hand_on(self, derived: Derived | None) -> None:
        """Add rows to what the routine returns."""
        if derived is None:
            return
        rows = derived.renamed(self.columns) if self.columns else derived
        rows = Derived(rows.outputs(), pooled([rows.indirect, *(frame.indirect for frame in self.frames)]))
        self.returned = joined([*filter(None, [self.returned]), rows])


def joined(parts: Iterable[Derived]) -> Derived | None:
    """Give rows that come from any of some: columns by position; None for no rows at all."""
    first: Derived | None = None
    for part in parts:
        first = part if first is None else _pair(first, part)
    return first


def _pair(first: Derived, second: Derived) -> Derived:
    outputs = list(first.outputs())
    for at, output in enumerate(second.outputs()):
        if at < len(outputs):
            outputs[at] = replace(outputs[at], value={**outputs[at].value, **output.value})
        else:
            outputs.append(output)
    return Derived(outputs, {**first.indirect, **second.indirect})


_REST = Output(STAR, {}, star=OpenStar(()))
"""The fields of a record that nothing is known of."""

Rule = Callable[[Machine], None]
"""What to do at a word: runs it with all that belongs to it, and leaves `at` behind it."""
