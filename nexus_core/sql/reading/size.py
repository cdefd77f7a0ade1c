"""How long and how deeply nested a statement may be before it is parsed."""

from __future__ import annotations

from sqlglot import TokenType
from sqlglot.parser import Parser

from nexus_core.errors import SqlError
from nexus_core.sql.limits import MAX_NESTED_TYPES, MAX_NESTING, MAX_TOKENS
from nexus_core.sql.reading.tokens import NESTING, UNNESTING, Tokens

_TYPES = Parser.NESTED_TYPE_TOKENS - {TokenType.UNION}


def check_size(tokens: Tokens, statement: int) -> None:
    """Refuse a statement whose parse would run away; raises SqlError with `too_many_tokens` or `too_deep`."""
    if len(tokens) > MAX_TOKENS:
        raise SqlError("too_many_tokens", f"{len(tokens)} tokens, the limit is {MAX_TOKENS}", statement)
    if _deepest(tokens) > MAX_NESTING:
        raise SqlError("too_deep", f"nested or chained deeper than {MAX_NESTING}", statement)
    if _deepest_type(tokens) > MAX_NESTED_TYPES:
        raise SqlError("too_deep", f"structs nested deeper than {MAX_NESTED_TYPES}", statement)


def _deepest(tokens: Tokens) -> int:
    """Give the deepest nesting; runs of one token (`NOT NOT …`) and of subscripts (`a[1][2]…`) count as such."""
    depth = deepest = run = subscripts = 0
    previous: TokenType | None = None
    for token in tokens:
        kind = token.token_type
        if kind in NESTING:
            depth += 1
        elif kind in UNNESTING and depth:
            depth -= 1
        run = run + 1 if kind is previous else 0
        if kind is TokenType.L_BRACKET:
            subscripts = subscripts + 1 if previous is TokenType.R_BRACKET else 0
        if depth > deepest or run > deepest or subscripts > deepest:
            deepest = max(depth, run, subscripts)
        previous = kind
    return deepest


def _deepest_type(tokens: Tokens) -> int:
    """Give the deepest nesting of parentheses that open behind the name of a type of other types."""
    if not any(token.token_type in _TYPES for token in tokens):
        return 0
    opened: list[bool] = []
    deepest = 0
    for at, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            opened.append(at > 0 and tokens[at - 1].token_type in _TYPES)
            deepest = max(deepest, sum(opened)) if opened[-1] else deepest
        elif token.token_type is TokenType.R_PAREN and opened:
            opened.pop()
    return deepest
