"""Wordings that the parser does not know and no rule of `rewrites` can tell, put into others that it does.

Tokens keep their places, so what is found still points to the text. Each rule names the product whose wording it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlglot import Token, TokenType

from nexus_core.sql.patterns import CLOSE, OPEN, Tokens, after_bracket, after_path

_QUERY_WORDS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE", "SEL"})


def key(tokens: Tokens, at: int) -> str:
    """Give a token as a keyword, "" behind the end and for quoted names and strings."""
    if not 0 <= at < len(tokens) or tokens[at].token_type in (TokenType.STRING, TokenType.IDENTIFIER):
        return ""
    return tokens[at].text.upper()


def keys(tokens: Tokens, at: int, count: int) -> tuple[str, ...]:
    """Give some tokens as keywords."""
    return tuple(key(tokens, each) for each in range(at, at + count))


def outside(tokens: Tokens, start: int = 0) -> Iterator[int]:
    """Give the places that are in no parenthesis."""
    depth = 0
    for at in range(start, len(tokens)):
        depth -= tokens[at].token_type in CLOSE
        if not depth:
            yield at
        depth += tokens[at].token_type in OPEN


def found(tokens: Tokens, words: frozenset[str] | set[str], start: int = 0) -> int:
    """Give the first place outside of parentheses that bears one of some words, -1 without one."""
    return next((at for at in outside(tokens, start) if key(tokens, at) in words), -1)


def like(token: Token, kind: TokenType, text: str) -> Token:
    """Give a token that is not in the text, at the place of one that is."""
    return Token(kind, text, line=token.line, col=token.col, start=token.start, end=token.end)


def reworded(tokens: Tokens) -> Tokens:
    """Give a statement in words that the parser knows."""
    for rule in _RULES.get(key(tokens, 0), ()):
        tokens = rule(tokens)
    return tokens


def _replace(tokens: Tokens) -> Tokens:
    """`REPLACE VIEW` (Teradata) and `REPLACE TABLE` (Spark) make one."""
    if key(tokens, 1) in ("VIEW", "TABLE"):
        return [like(tokens[0], TokenType.CREATE, "CREATE"), *tokens[1:]]
    return tokens


def _view(tokens: Tokens) -> Tokens:
    """`UPDATE (SELECT …) SET …` (Oracle): SET must not be read as an alias."""
    end = after_bracket(tokens, 1) if key(tokens, 1) == "(" else 0
    if key(tokens, end) != "SET":
        return tokens
    alias = like(tokens[end], TokenType.ALIAS, "AS")
    return [*tokens[:end], alias, like(tokens[end], TokenType.IDENTIFIER, "(view)"), *tokens[end:]]


def _directory(tokens: Tokens) -> Tokens:
    """`INSERT OVERWRITE DIRECTORY 'x' USING … OPTIONS (…) SELECT …` (Spark), the path perhaps among the options."""
    at = next((at for at in range(1, min(4, len(tokens))) if key(tokens, at) == "DIRECTORY"), -1)
    if at < 0:
        return tokens
    query = found(tokens, _QUERY_WORDS, at + 1)
    head = list(tokens[: at + 1])
    strings = [token for token in tokens[at + 1 : query] if token.token_type is TokenType.STRING]
    if query < 0 or not strings:
        return tokens
    paths = [tokens[place + 1] for place in range(at, query - 1) if tokens[place].text.lower() == "path"]
    direct = [tokens[at + 1]] if tokens[at + 1].token_type is TokenType.STRING else paths or strings
    return [*head, direct[0], *tokens[query:]]


def _through_view(tokens: Tokens) -> Tokens:
    """`INSERT INTO (SELECT a, b FROM t …) …` (Oracle) writes columns a and b of t."""
    at = 1 + (key(tokens, 1) == "INTO")
    if keys(tokens, at, 2) != ("(", "SELECT"):
        return tokens
    end = after_bracket(tokens, at)
    inner = tokens[at + 2 : end - 1]
    source = found(inner, {"FROM"})
    stop = found(inner, {"WHERE", "GROUP", "ORDER", "WITH"}, source + 1)
    if source < 0:
        return tokens
    table = inner[source + 1 : stop if stop > 0 else len(inner)]
    return [*tokens[:at], *table, tokens[at], *inner[:source], tokens[end - 1], *tokens[end:]]


def _one_condition(tokens: Tokens) -> Tokens:
    """Read `UPDATE SET … [WHERE a] DELETE WHERE b` as one condition: both decide over the rows."""
    at = next((at for at in outside(tokens) if keys(tokens, at, 2) == ("DELETE", "WHERE")), -1)
    if at < 0:
        return tokens
    when = max((place for place in outside(tokens) if place < at and key(tokens, place) == "WHEN"), default=0)
    filtered = 0 < found(tokens, {"WHERE"}, when) < at
    joint = [like(tokens[at], TokenType.AND, "AND")] if filtered else [tokens[at + 1]]
    return _one_condition([*tokens[:at], *joint, *tokens[at + 2 :]])


def _row_values(tokens: Tokens) -> Tokens:
    """Read BigQuery's `INSERT (a, b) ROW` as `INSERT (a, b) VALUES (a, b)`: those columns of the source."""
    for at in outside(tokens):
        if key(tokens, at) == "INSERT" and key(tokens, at + 1) == "(":
            end = after_bracket(tokens, at + 1)
            if key(tokens, end) == "ROW":
                values = like(tokens[end], TokenType.VALUES, "VALUES")
                return [*tokens[:end], values, *tokens[at + 1 : end], *_row_values(tokens[end + 1 :])]
    return tokens


def _use(tokens: Tokens) -> Tokens:
    """`USE NAMESPACE n` (Spark) is `USE SCHEMA n`."""
    if key(tokens, 1) == "NAMESPACE" and len(tokens) > 2:
        return [tokens[0], like(tokens[1], TokenType.SCHEMA, "SCHEMA"), *tokens[2:]]
    return tokens


def _infile(tokens: Tokens) -> Tokens:
    """`INSERT INTO t (a) FROM INFILE 'x' …` (ClickHouse) is COPY."""
    start = 1 + (key(tokens, 1) == "INTO")
    at = after_path(tokens, start)
    at = after_bracket(tokens, at) if key(tokens, at) == "(" else at
    if key(tokens, at) != "FROM" or key(tokens, at + 1) != "INFILE" or at + 2 >= len(tokens):
        return tokens
    return [like(tokens[0], TokenType.COPY, "COPY"), *tokens[start : at + 1], tokens[at + 2]]


_RULES: Mapping[str, Sequence[Callable[[Tokens], Tokens]]] = {
    "REPLACE": (_replace,),
    "INSERT": (_infile, _directory, _through_view),
    "UPDATE": (_view,),
    "MERGE": (_one_condition, _row_values),
    "USE": (_use,),
}
