"""A T-SQL text as words, and the headers of the routines that it defines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nexus_core.sql.programs.tsql.splitting import statement_end
from nexus_core.sql.programs.tsql.words import dotted_name, name_of, words_of
from nexus_core.sql.reading.words import Word, closing, parted

_KINDS = {"PROC": "PROCEDURE", "PROCEDURE": "PROCEDURE", "FUNCTION": "FUNCTION", "TRIGGER": "TRIGGER"}
_NOT_BLOCKS = frozenset({"TRAN", "TRANSACTION", "TRY", "CATCH", "DISTRIBUTED", "DIALOG", "CONVERSATION"})


@dataclass(frozen=True, slots=True)
class Source:
    """A text, its words, its place in the whole text if that is known, and the statement that all of it belongs to."""

    text: str
    words: Sequence[Word]
    offset: int | None
    number: int | None = None
    numbers: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, offset: int | None = None, number: int | None = None) -> Source:
        """Give a text cut into words."""
        return cls(text, words_of(text), offset, number)

    def key(self, at: int, last: int | None = None) -> str:
        """Give a word in upper case, "" for strings and beyond the end."""
        return self.words[at].key if 0 <= at < (len(self.words) if last is None else last) else ""

    def slice(self, start: int, end: int) -> str:
        """Give the text of a range of words."""
        end = min(end, len(self.words))
        return self.text[self.words[start].start : self.words[end - 1].end] if start < end else ""

    def place(self, at: int, before: int = 0) -> int | None:
        """Give the place of a word in the whole text, less the characters that are put before it."""
        if self.offset is None or at >= len(self.words):
            return None
        return self.offset + self.words[at].start - before

    def statement(self, at: int) -> int:
        """Give the number of the statement that begins at a word."""
        return self.number if self.number is not None else self.numbers.setdefault(at, len(self.numbers))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name with the `@`, its type in upper case, whether it hands a value back."""

    name: str
    type: str
    output: bool


@dataclass(frozen=True, slots=True)
class Routine:
    """A procedure, function or trigger; its body is a range of words.

    `rows` is the table variable that a function returns, with its columns; `table` the one that a trigger is on.
    """

    kind: str
    name: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    source: Source
    start: int
    end: int
    rows: tuple[str, str] | None = None
    table: tuple[str, ...] = ()


def key_of(name: tuple[str, ...]) -> str:
    """Give the name by which a routine is found: schemas rarely tell two of one text apart."""
    return name[-1] if name else ""


def routine_at(source: Source, at: int, last: int) -> Routine | None:
    """Read a CREATE or ALTER of a routine, up to the END of its block, or of the batch where it has none."""
    kind_at = at + 3 if source.key(at + 1) == "OR" else at + 1
    kind = _KINDS.get(source.key(kind_at, last))
    if kind is None or source.key(at) not in ("CREATE", "ALTER"):
        return None
    name, behind = dotted_name(source.words, kind_at + 1, last)
    if kind == "TRIGGER":
        return _trigger(source, name, behind, last)
    if kind == "FUNCTION":
        return _function(source, name, behind, last)
    opened = _as(source, behind, last)
    start, end = (behind, opened) if source.key(behind) != "(" else (behind + 1, closing(source.words, behind, last))
    return Routine(
        kind, name, tuple(_parameters(source, start, end)), source, opened + 1, _end(source, opened + 1, last)
    )


def _trigger(source: Source, name: tuple[str, ...], at: int, last: int) -> Routine | None:
    on = next((place for place in range(at, last) if source.key(place) == "ON"), last)
    table, behind = dotted_name(source.words, on + 1, last)
    opened = _as(source, behind, last)
    named = () if table in (("database",), ("all",)) else table
    return Routine("TRIGGER", name, (), source, opened + 1, _end(source, opened + 1, last), table=named)


def _function(source: Source, name: tuple[str, ...], at: int, last: int) -> Routine | None:
    closed = closing(source.words, at, last)
    parameters = tuple(_parameters(source, at + 1, closed))
    returns = closed + 2
    rows = None
    if source.key(returns, last)[:1] == "@":
        opened = returns + 2
        rows = (name_of(source.words[returns]), source.slice(opened, closing(source.words, opened, last) + 1))
        returns = closing(source.words, opened, last)
    start = next((at for at in range(returns, last) if source.key(at) in ("BEGIN", "RETURN")), last)
    end = _end(source, start, last) if source.key(start) == "BEGIN" else statement_end_of_return(source, start, last)
    return Routine("FUNCTION", name, parameters, source, start, end, rows)


def statement_end_of_return(source: Source, at: int, last: int) -> int:
    """Give the end of the query that an inline function returns."""
    return statement_end(source.words, at + 1, last) if at + 1 < last else last


def _as(source: Source, at: int, last: int) -> int:
    """Give the place of the AS before a body: not one of `@p AS int` or `EXECUTE AS OWNER`."""
    while at < last:
        key = source.key(at)
        if key == "(":
            at = closing(source.words, at, last)
        elif key == "AS" and source.key(at - 1)[:1] != "@" and source.key(at - 1) not in ("EXECUTE", "EXEC"):
            return at
        at += 1
    return last


def _parameters(source: Source, start: int, end: int) -> Iterator[Parameter]:
    for first, last in parted(source.words, start, end):
        if source.key(first)[:1] != "@":
            continue
        keys = {word.key for word in source.words[first:last]}
        kind = first + 2 if source.key(first + 1, last) == "AS" else first + 1
        typed, _ = dotted_name(source.words, kind, last)
        output = bool(keys & {"OUT", "OUTPUT"})
        yield Parameter(name_of(source.words[first]), ".".join(typed).upper(), output)


def _end(source: Source, start: int, last: int) -> int:
    """Give the end of a body: of its block, so that what follows without a GO is no part of it, else of the batch."""
    if source.key(start, last) != "BEGIN" or source.key(start + 1, last) in _NOT_BLOCKS:
        return last
    depth = 0
    for at in range(start, last):
        key = source.words[at].key
        depth += key == "CASE" or (key == "BEGIN" and source.key(at + 1, last) not in _NOT_BLOCKS - {"TRY", "CATCH"})
        depth -= key == "END" and source.key(at + 1, last) != "CONVERSATION"
        if not depth:
            return at + 1
    return last
