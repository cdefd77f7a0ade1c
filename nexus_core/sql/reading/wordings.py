"""Wordings that the parser does not know and no rule of `rewrites` can tell, put into others that it does.

Tokens keep their places, so what is found still points to the text. Each rule names the product whose wording it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import TokenType

from nexus_core.sql.reading.tokens import (
    QUERY_WORDS,
    Tokens,
    after_bracket,
    first_of,
    first_phrase,
    like,
    outside,
    word_at,
    words_at,
)


def reworded(tokens: Tokens) -> Tokens:
    """Give a statement in words that the parser knows."""
    for rule in _RULES.get(word_at(tokens, 0), ()):
        tokens = rule(tokens)
    return tokens


def _directory(tokens: Tokens) -> Tokens:
    """`INSERT OVERWRITE DIRECTORY 'x' USING … OPTIONS (…) SELECT …` (Spark), the path perhaps among the options."""
    at = next((at for at in range(1, min(4, len(tokens))) if word_at(tokens, at) == "DIRECTORY"), -1)
    if at < 0:
        return tokens
    query = first_of(tokens, QUERY_WORDS, at + 1)
    head = list(tokens[: at + 1])
    strings = [token for token in tokens[at + 1 : query] if token.token_type is TokenType.STRING]
    if query < 0 or not strings:
        return tokens
    paths = [tokens[place + 1] for place in range(at, query - 1) if tokens[place].text.lower() == "path"]
    direct = [tokens[at + 1]] if tokens[at + 1].token_type is TokenType.STRING else paths or strings
    return [*head, direct[0], *tokens[query:]]


def _through_view(tokens: Tokens) -> Tokens:
    """`INSERT INTO (SELECT a, b FROM t …) …` (Oracle) writes columns a and b of t."""
    at = 1 + (word_at(tokens, 1) == "INTO")
    if words_at(tokens, at, 2) != ("(", "SELECT"):
        return tokens
    end = after_bracket(tokens, at)
    inner = tokens[at + 2 : end - 1]
    source = first_of(inner, {"FROM"})
    stop = first_of(inner, {"WHERE", "GROUP_BY", "ORDER_BY", "WITH"}, source + 1)
    if source < 0:
        return tokens
    table = inner[source + 1 : stop if stop > 0 else len(inner)]
    return [*tokens[:at], *table, tokens[at], *inner[:source], tokens[end - 1], *tokens[end:]]


def _one_condition(tokens: Tokens) -> Tokens:
    """Read `UPDATE SET … [WHERE a] DELETE WHERE b` as one condition: both decide over the rows."""
    at = first_phrase(tokens, ("DELETE", "WHERE"))
    if at < 0:
        return tokens
    when = max((place for place in outside(tokens) if place < at and word_at(tokens, place) == "WHEN"), default=0)
    filtered = 0 < first_of(tokens, {"WHERE"}, when) < at
    joint = [like(tokens[at], TokenType.AND, "AND")] if filtered else [tokens[at + 1]]
    return _one_condition([*tokens[:at], *joint, *tokens[at + 2 :]])


_RULES: Mapping[str, Sequence[Callable[[Tokens], Tokens]]] = {
    "INSERT": (_directory, _through_view),
    "MERGE": (_one_condition,),
}
