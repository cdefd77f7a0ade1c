"""Repair: a statement that no parser reads, less the fragment at which the parser stops.

Tried are, from the smallest on: the word itself, a missing bracket, the rest of its condition or item, the item, the
clause, the bracket and what it holds, and so on outwards. An expression is replaced by NULL, a subquery by all columns
of the tables that its words name; nothing else that holds a query or names a source is ever left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError

from nexus_core.sql.limits import Allowance
from nexus_core.sql.reading.scan import key_of
from nexus_core.sql.reading.tokens import like, word_set

Parse = Callable[[Sequence[Token]], exp.Expr]
Sources = Callable[[Sequence[Token], str], Sequence[Token]]
"""Gives the tables that a query's words name, less the query itself by its name, as the tokens of a FROM list."""

_ROUNDS = 3
"""Fragments that one statement may lose."""

_ITEM_ENDS = word_set(
    """
    SELECT FROM WHERE GROUP HAVING ORDER LIMIT QUALIFY WINDOW UNION EXCEPT INTERSECT MINUS ON SET WHEN VALUES THEN
    RETURNING JOIN USING DISTINCT BY
    """
)
_SIDES = word_set("INNER LEFT RIGHT FULL CROSS NATURAL")
_DROPPED = word_set("WHERE GROUP HAVING ORDER LIMIT QUALIFY WINDOW RETURNING OPTION OPTIONS WITH SETTINGS")
"""Clauses without which a statement still writes the same columns from the same ones."""

_SOURCES = word_set("SELECT FROM JOIN INTO USING UPDATE MERGE INSERT DELETE")
_QUERY = frozenset({"SELECT", "WITH"})
_STARTS = frozenset({"SELECT", "WITH", "("})
_TEMPORARY = frozenset({"TEMPORARY", "TEMP"})
_BEFORE_TABLE = word_set("FROM JOIN AS USING UNION ALL EXCEPT INTERSECT MATERIALIZED")

_Cut = tuple[int, int, tuple[Token, ...]]
"""Tokens [start, end) and what takes their place."""


def repaired(
    tokens: Sequence[Token], error: ParseError, parse: Parse, sources: Sources, allowance: Allowance
) -> tuple[exp.Expr, str] | None:
    """Give the tree of a statement without what the parser stops at, and what that is; None if there is no such."""
    left_out: list[str] = []
    for _ in range(_ROUNDS):
        at = _place(tokens, error)
        if at < 0:
            return None
        furthest: tuple[int, Sequence[Token], ParseError, str] | None = None
        for cut in _cuts(tokens, at, sources):
            shorter = [*tokens[: cut[0]], *cut[2], *tokens[cut[1] :]]
            if not shorter:
                continue
            if not allowance.take(len(shorter)):
                return None
            said = _said(tokens, cut)
            try:
                return parse(shorter), "; ".join((*left_out, said))
            except ParseError as another:
                left = len(shorter) - _place(shorter, another)
                if left < len(tokens) - at and (furthest is None or left < furthest[0]):
                    furthest = left, shorter, another, said
        if furthest is None:
            return None
        _, tokens, error, said = furthest
        left_out.append(said)
    return None


def definition_parts(tokens: Sequence[Token]) -> tuple[list[Token], Sequence[Token]] | None:
    """Give `CREATE … name AS` without options, and the query, of a definition by a query; None if it is none."""
    keys = [key_of(token) for token in tokens]
    kind = next((at for at, key in enumerate(keys[:8]) if key in ("TABLE", "VIEW")), -1)
    name = kind + (4 if keys[kind + 1 : kind + 4] == ["IF", "NOT", "EXISTS"] else 1)
    end = name + 1
    while end + 1 < len(keys) and keys[end] == ".":
        end += 2
    at = next((at for at in range(end, len(keys) - 1) if keys[at] == "AS" and keys[at + 1] in _STARTS), -1)
    if kind < 0 or at < 0:
        return None
    temporary = [token for token, key in zip(tokens[1:kind], keys[1:kind], strict=True) if key in _TEMPORARY]
    return [tokens[0], *temporary[:1], tokens[kind], *tokens[name:end], tokens[at]], tokens[at + 1 :]


def _place(tokens: Sequence[Token], error: ParseError) -> int:
    """Give the token at which a parser stopped, -1 where it does not say."""
    if not error.errors:
        return -1
    line, column = error.errors[0].get("line"), error.errors[0].get("col")
    return next((at for at, token in enumerate(tokens) if (token.line, token.col) == (line, column)), -1)


def _said(tokens: Sequence[Token], cut: _Cut) -> str:
    start, end, _ = cut
    at = tokens[min(start, len(tokens) - 1)]
    return f"{end - start} tokens left out at line {at.line}, column {at.col}" if end > start else "a bracket closed"


def _cuts(tokens: Sequence[Token], at: int, sources: Sources) -> Iterator[_Cut]:
    keys = [key_of(token) for token in tokens]
    yield from (
        cut for cut in _around(tokens, keys, at, sources) if cut[2] or _SOURCES.isdisjoint(keys[cut[0] : cut[1]])
    )


def _around(tokens: Sequence[Token], keys: Sequence[str], at: int, sources: Sources) -> Iterator[_Cut]:
    if keys[at + 1 : at + 3] != ["AS", "("]:
        yield at, at + 1, ()
    if at and not keys[at - 1][:1].isalpha() and keys[at - 1] not in ("(", ")", "", '"'):
        yield at - 1, at + 1, ()
    while at >= 0:
        opening, closing = _group(keys, at)
        yield from _closed(tokens, keys, opening, closing)
        for start, end in _fragments(keys, at, opening, closing):
            yield at, end, ()
            if _SOURCES.isdisjoint(keys[start:end]) and _section(keys, start) not in _SOURCES - {"SELECT"}:
                yield start, end, _instead(tokens, keys, start, end)
        clause = _clause(keys, at, opening)
        if clause >= 0:
            yield clause, _end(keys, at, closing, _ITEM_ENDS - {"BY", "ON"}), ()
        yield at, closing, ()
        if opening >= 0 and closing < len(tokens):
            yield from _bracket(tokens, keys, opening, closing, sources)
        at = opening


def _bracket(
    tokens: Sequence[Token], keys: Sequence[str], opening: int, closing: int, sources: Sources
) -> Iterator[_Cut]:
    """Leave out what a bracket holds, then the bracket, then the word before it too."""
    inside = tokens[opening + 1 : closing]
    if inside and keys[opening + 1] in _QUERY:
        own = tokens[opening - 2].text if keys[opening - 1] == "AS" else ""
        named = sources(inside, own)
        star = like(inside[0], TokenType.STAR, "*") if keys[opening - 1] in _BEFORE_TABLE else _null(inside[0])
        select = like(inside[0], TokenType.SELECT, "SELECT")
        come = (like(inside[0], TokenType.FROM, "FROM"), *named) if named else ()
        yield opening + 1, closing, (select, star, *come)
    elif inside and _SOURCES.isdisjoint(keys[opening:closing]):
        yield opening + 1, closing, (_null(inside[0]),)
    yield opening, closing + 1, ()
    if opening > 0:
        yield opening - 1, closing + 1, ()


def _closed(tokens: Sequence[Token], keys: Sequence[str], opening: int, closing: int) -> Iterator[_Cut]:
    """Close a bracket that has no end: before the next clause, or at the end of all."""
    if opening >= 0 and closing == len(tokens) and keys[opening] == "(":
        end = _end(keys, opening + 1, closing, _ITEM_ENDS)
        for place in dict.fromkeys((end, closing)):
            yield place, place, (like(tokens[place - 1], TokenType.R_PAREN, ")"),)


def _group(keys: Sequence[str], at: int) -> tuple[int, int]:
    """Give the bracket around a token: where it opens, -1 if there is none, and where it closes, or the end."""
    depth, opening = 0, at - 1
    while opening >= 0 and (depth or keys[opening] != "("):
        depth += (keys[opening] == ")") - (keys[opening] == "(")
        opening -= 1
    depth, closing = 0, at + (keys[at] == "(")
    depth = int(keys[at] == "(")
    while closing < len(keys) and (depth or keys[closing] != ")"):
        depth += (keys[closing] == "(") - (keys[closing] == ")")
        closing += 1
    return opening, closing


def _fragments(keys: Sequence[str], at: int, opening: int, closing: int) -> Iterator[tuple[int, int]]:
    """Give the condition and the item of a list that a token stands in."""
    bounds = [_ITEM_ENDS | {"AND", "OR", ","}, _ITEM_ENDS | {","}]
    found = [(_start(keys, at, opening, ends), _end(keys, at, closing, ends)) for ends in bounds]
    yield from dict.fromkeys(found)


def _start(keys: Sequence[str], at: int, opening: int, ends: frozenset[str]) -> int:
    depth, start = 0, at
    while start - 1 > opening and (depth or not _ends(keys, start - 1, ends)):
        start -= 1
        depth += (keys[start] == ")") - (keys[start] == "(")
    return start


def _end(keys: Sequence[str], at: int, closing: int, ends: frozenset[str]) -> int:
    """Give where what a token stands in ends, as seen outside of brackets that open behind it."""
    depth = 0
    for end in range(at, closing):
        if not depth and end > at and _ends(keys, end, ends):
            return end
        depth += (keys[end] == "(") - (keys[end] == ")")
    return closing


def _ends(keys: Sequence[str], at: int, ends: frozenset[str]) -> bool:
    return keys[at] in ends or (keys[at] in _SIDES and at + 1 < len(keys) and keys[at + 1] in ("JOIN", "OUTER"))


def _section(keys: Sequence[str], at: int) -> str:
    """Give the word that starts the clause around an item, "" if a bracket opens before there is one."""
    depth = 0
    for place in range(at - 1, -1, -1):
        depth += (keys[place] == ")") - (keys[place] == "(")
        if depth < 0:
            return ""
        if not depth and keys[place] in _ITEM_ENDS | _SOURCES:
            return keys[place]
    return ""


def _clause(keys: Sequence[str], at: int, opening: int) -> int:
    """Give where the clause starts that a token stands in, -1 if a statement means another thing without it."""
    depth = 0
    for start in range(at, opening, -1):
        depth += (keys[start] == ")") - (keys[start] == "(") if start < at else 0
        if not depth and keys[start] in _DROPPED:
            return start
        if not depth and keys[start] in _SOURCES | {"ON", "SET"}:
            return -1
    return -1


def _instead(tokens: Sequence[Token], keys: Sequence[str], start: int, end: int) -> tuple[Token, ...]:
    """Give what stands for an item: NULL, under the item's alias or assigned to its column."""
    null = _null(tokens[start])
    if end - start > 2 and keys[end - 2] == "AS":
        return (null, *tokens[end - 2 : end])
    signs = [at for at in range(start + 1, min(end, start + 6)) if keys[at] == "="]
    in_set = "SET" in keys[max(0, start - 1) : start] or (keys[start - 1] == "," and "SET" in keys[:start])
    return (*tokens[start : signs[0] + 1], null) if signs and in_set else (null,)


def _null(near: Token) -> Token:
    return like(near, TokenType.NULL, "NULL")
