"""Operators of pipe syntax that the parser does not know or loses, as others: `|> SET a = x` and `|> AS q`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import Token, TokenType

from nexus_core.sql.reading.tokens import CLOSE, OPEN, Tokens, put, until, word

_ENDS = frozenset({",", "|>"})


def piped(tokens: Tokens, keywords: Mapping[str, TokenType]) -> Tokens:
    """Give tokens with every SET and AS operator replaced; other operators are rules of `rewrites`."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        operator = word(tokens[at + 1]) if at + 2 < len(tokens) and word(tokens[at]) == "|>" else ""
        if operator == "SET":
            out.append(tokens[at])
            at = _replace(tokens, at + 2, out, keywords)
        elif operator == "AS":
            _wrap(out, tokens[at], keywords)
            out.extend(tokens[at + 1 : at + 3])
            at += 3
        else:
            out.append(tokens[at])
            at += 1
    return out


def _replace(tokens: Tokens, at: int, out: list[Token], keywords: Mapping[str, TokenType]) -> int:
    """Write `SELECT * REPLACE (x AS a, …)` for the assignments from a place on, and give the place behind them."""
    like = tokens[at - 1]
    out.extend(put(text, like, keywords) for text in ("SELECT", "*", "REPLACE", "("))
    while at < len(tokens):
        end = until(tokens, at, _ENDS)
        out.extend((*tokens[at + 2 : end], put("AS", like, keywords), *tokens[at : at + 1]))
        if end >= len(tokens) or word(tokens[end]) != ",":
            at = end
            break
        out.append(tokens[end])
        at = end + 1
    out.append(put(")", like, keywords))
    return at


def _wrap(out: list[Token], like: Token, keywords: Mapping[str, TokenType]) -> None:
    """Put what was piped so far into `FROM (…)`, to be followed by its alias."""
    start = _start(out)
    out[start:start] = [put("FROM", like, keywords), put("(", like, keywords)]
    out.append(put(")", like, keywords))


def _start(out: Tokens) -> int:
    """Give where the query starts that the next operator takes: its SELECT, or its FROM if that comes first."""
    depth = start = 0
    for at in range(len(out) - 1, -1, -1):
        kind = out[at].token_type
        if depth == 0 and kind in OPEN:
            break
        depth += (kind in CLOSE) - (kind in OPEN)
        if depth == 0 and word(out[at]) in ("FROM", "SELECT") and (at == 0 or word(out[at - 1]) != "|>"):
            start = at
    return start
