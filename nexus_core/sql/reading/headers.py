"""CREATE … AS without the options of storage between its name and its query, over which the parser loses both."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import Token

from nexus_core.sql.reading.tokens import (
    QUERY_WORDS,
    Tokens,
    after_bracket,
    after_existence,
    after_path,
    until,
    word,
    word_at,
)

_KINDS = frozenset({"TABLE", "VIEW"})
_KEPT = frozenset(
    {"OR", "REPLACE", "ALTER", "TEMP", "TEMPORARY", "VOLATILE", "GLOBAL", "EXTERNAL", "MATERIALIZED", "REFRESH"}
)
"""Words before TABLE or VIEW that bear on what becomes of the rows."""
_AS, _TO, _SELECT = frozenset({"AS"}), frozenset({"TO"}), frozenset({"SELECT", "WITH"})
_NO_COLUMNS = frozenset(
    ["PRIMARY", "CONSTRAINT", "KEY", "INDEX", "UNIQUE", "FOREIGN", "CHECK", "PERIOD", "LIKE", "FULLTEXT", "SPATIAL"]
)
"""Words that start a constraint in a column list."""
_MOST_WORDS = 12
"""Words that may stand between CREATE and the name."""


def plain_headers(tokens: Tokens) -> Iterator[Tokens]:
    """Give a CREATE TABLE or VIEW with ever less of its header; nothing if it is none."""
    at = next((at for at, token in enumerate(tokens[:_MOST_WORDS]) if word(token) in _KINDS), 0)
    name = after_existence(tokens, at + 1)
    named = after_path(tokens, name)
    if not at or word(tokens[0]) != "CREATE" or named < 0:
        return
    head = [tokens[0], *(token for token in tokens[1:at] if word(token) in _KEPT), *tokens[at:named]]
    has_list = named < len(tokens) and word(tokens[named]) == "("
    listed = after_bracket(tokens, named) if has_list else named
    rest = [*_fed(tokens, listed), *_body(tokens, listed)]
    yield [*head, *tokens[named:listed], *rest]
    if has_list:
        yield [*head, *_names(tokens[named:listed]), *rest]


def _fed(tokens: Tokens, at: int) -> Tokens:
    """Give `TO table` of a ClickHouse view that writes to another table."""
    to = until(tokens, at, _TO | _AS)
    if to < len(tokens) and word(tokens[to]) == "TO":
        return tokens[to : max(after_path(tokens, to + 1), to)]
    return ()


def _body(tokens: Tokens, at: int) -> Tokens:
    """Give AS with the query behind it; MySQL needs no AS."""
    place = at
    while (place := until(tokens, place, _AS)) < len(tokens) - 1:
        if _opens_query(tokens, place + 1):
            return tokens[place:]
        place += 1
    place = until(tokens, at, _SELECT)
    return tokens[place:] if word_at(tokens, place) == "SELECT" else ()


def _opens_query(tokens: Tokens, at: int) -> bool:
    """Whether a query starts at a place, in parentheses or not."""
    while word_at(tokens, at) == "(":
        at += 1
    return word_at(tokens, at) in QUERY_WORDS


def _names(listed: Tokens) -> Iterator[Token]:
    """Give a column list with nothing but the columns' names."""
    yield listed[0]
    at = 1
    first = True
    while at < len(listed) - 1:
        end = until(listed, at, frozenset({","}))
        if word(listed[at]) not in _NO_COLUMNS:
            if not first:
                yield listed[at - 1]
            yield listed[at]
            first = False
        at = end + 1
    yield listed[-1]
