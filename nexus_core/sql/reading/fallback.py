"""What is tried where a dialect's parser gives up: the tolerant parser, other dialects', and repair, in this order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, SqlglotError

from nexus_core.errors import SqlError
from nexus_core.sql.dialect import Traits
from nexus_core.sql.limits import Allowance
from nexus_core.sql.reading.repair import definition_parts, repaired
from nexus_core.sql.reading.rewrites import reopened
from nexus_core.sql.reading.scan import is_prose, key_of, may_have_lineage, scan
from nexus_core.sql.reading.tokens import like

Parse = Callable[[str, Sequence[Token], Dialect], exp.Expr]
"""Parses the tokens of a text as one statement; raises ParseError."""

_LIKELY = ("snowflake", "tsql", "bigquery", "spark", "postgres", "mysql", "oracle", "clickhouse")
"""Dialects tried for what neither the given nor the tolerant one reads: a text often bears the wrong name."""

_OF_FILES = frozenset({"LOAD", "UNLOAD", "EXPORT"})
"""First words of statements between tables and files, of which each product has its own."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement as something other than its dialect's parser reads it, and a note that says so.

    `tokens` and `start` are its own tokens and the place in the text that theirs count from.
    """

    node: exp.Expr
    tokens: tuple[Token, ...]
    start: int
    note: SqlError


class Fallback:
    """Reads again what a dialect's parser does not understand, as far as one text's allowance goes."""

    def __init__(self, traits: Traits, parse: Parse) -> None:
        self._traits, self._parse = traits, parse
        self._allowance = Allowance()

    @property
    def dialect_name(self) -> str:
        """The name of the dialect that is tried first."""
        return self._traits.name

    @property
    def dialect(self) -> Dialect:
        """The dialect that is tried first."""
        return self._traits.sqlglot

    def reading(self, sql: str, tokens: tuple[Token, ...], error: ParseError) -> Reading | None:
        """Give another reading of a statement of a text at whose error its parser stopped, None if there is none."""
        allowance = self._allowance.next_statement()
        if key_of(tokens[0]) in _OF_FILES:
            return self._tolerant(sql, tokens, (*self._others(), "redshift"))
        if not may_have_lineage(tokens):
            return self._tolerant(sql, tokens, ("",) if self._traits.name else ())
        reading = self._tolerant(sql, tokens, self._others())
        if reading is not None or is_prose(tokens):
            return reading
        mended = repaired(tokens, error, lambda shorter: self._whole(sql, shorter), self._sources, allowance)
        return Reading(mended[0], tokens, 0, SqlError("repaired", mended[1])) if mended else None

    def definition(self, sql: str, tokens: tuple[Token, ...]) -> Reading | None:
        """Give a reading of CREATE TABLE or VIEW … AS without the options over which its parser leaves it unread."""
        allowance = self._allowance.next_statement()
        reading = self._tolerant(sql, tokens, self._others())
        parts = definition_parts(tokens) if reading is None else None
        if parts is None:
            return reading
        head, query = parts
        try:
            if allowance.take(2 * len(query)):
                self._whole(sql, query)
                return Reading(self._whole(sql, [*head, *query]), tokens, 0, SqlError("repaired", "options left out"))
        except ParseError as error:
            mended = repaired(query, error, lambda less: self._whole(sql, [*head, *less]), self._sources, allowance)
            if mended is not None:
                return Reading(mended[0], tokens, 0, SqlError("repaired", mended[1]))
        return None

    def _others(self) -> tuple[str, ...]:
        return tuple(name for name in ("", *_LIKELY) if name != self._traits.name)

    def _tolerant(self, sql: str, tokens: Sequence[Token], dialects: Sequence[str]) -> Reading | None:
        start, end = tokens[0].start, tokens[-1].end + 1
        text = sql[start:end]
        for name in dialects:
            dialect = Dialect.get_or_raise(name)
            if not self._allowance.take(len(tokens)):
                return None
            try:
                own = tuple(reopened(text, dialect.tokenize(text), dialect))
                node = self._parse(text, own, dialect) if own else exp.Command()
            except SqlglotError:
                continue
            if not isinstance(node, exp.Command):
                known = self._traits.name or "the standard"
                message = f"not {known}: understood by the {name or 'tolerant'} parser only"
                return Reading(node, own, start, SqlError("tolerant_parser", message))
        return None

    def _whole(self, sql: str, tokens: Sequence[Token]) -> exp.Expr:
        node = self._parse(sql, tokens, self._traits.sqlglot)
        if isinstance(node, exp.Command):
            raise ParseError("The parser leaves it as it is")
        return node

    def _sources(self, tokens: Sequence[Token], own: str) -> list[Token]:
        """Give the tables that a query's words name, less the query's own name, as the tokens of a FROM list."""
        own_name = (self._traits.fold_text(own),)
        names = [name for name in scan(tokens, self._traits).inputs if name != own_name]
        return list(_listed(names, tokens[0]))


def _listed(names: Sequence[tuple[str, ...]], near: Token) -> Iterator[Token]:
    for at, name in enumerate(names):
        if at:
            yield like(near, TokenType.COMMA, ",")
        for depth, part in enumerate(name):
            if depth:
                yield like(near, TokenType.DOT, ".")
            yield like(near, TokenType.IDENTIFIER, part)
