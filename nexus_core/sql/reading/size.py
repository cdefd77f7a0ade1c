"""How long and how deeply nested a statement may be before it is parsed."""

from __future__ import annotations

from sqlglot import TokenType

from nexus_core.errors import SqlError
from nexus_core.sql.limits import MAX_NESTING, MAX_TOKENS
from nexus_core.sql.reading.tokens import NESTING, UNNESTING, Tokens


def check_size(tokens: Tokens, statement: int) -> None:
    """Refuse a statement whose parse would run away; raises SqlError with `too_many_tokens` or `too_deep`."""
    if len(tokens) > MAX_TOKENS:
        raise SqlError("too_many_tokens", f"{len(tokens)} tokens, the limit is {MAX_TOKENS}", statement)
    if _deepest(tokens) > MAX_NESTING:
        raise SqlError("too_deep", f"nested or chained deeper than {MAX_NESTING}", statement)


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
