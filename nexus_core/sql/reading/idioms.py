"""Statements that only some products have, told as one or more of those that the parser knows.

They are tried when it knows the statement as a whole not, or passes it on as mere text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import Token, TokenType
from sqlglot.tokens import Tokenizer

from nexus_core.sql.reading.tokens import (
    QUERY_WORDS,
    Tokens,
    after_existence,
    after_path,
    first_of,
    first_phrase,
    like,
    outside,
    put,
    word_at,
    words_at,
)

_WRAPPERS = frozenset({"TASK", "PIPE", "FLOW", "EVENT"})
_KINDS = frozenset({"TABLE", "VIEW"})


def retold(tokens: Tokens) -> list[Tokens]:
    """Give the statements that one of its own kind amounts to, none if it is of no known kind."""
    for rule in _RULES.get(word_at(tokens, 0), ()):
        told = rule(tokens)
        if told:
            return told
    return []


def is_synonym(tokens: Tokens) -> bool:
    """Whether it is CREATE SYNONYM, which is told as a clone."""
    return "SYNONYM" in words_at(tokens, 1, 5)


def _made(at: Token, *parts: str | Tokens) -> list[Token]:
    """Give tokens made of keywords and of tokens of the text."""
    made: list[Token] = []
    for part in parts:
        if isinstance(part, str):
            made += [put(word, at, Tokenizer.KEYWORDS) for word in part.split()]
        else:
            made += part
    return made


def _name(tokens: Tokens, at: int) -> int:
    """Give the place behind the dotted name that starts at a place, or behind the word there."""
    return max(after_path(tokens, at), at + 1)


def _renames(tokens: Tokens) -> list[Tokens]:
    """`RENAME TABLE a TO b, c TO d` (MySQL, ClickHouse), `RENAME a TO b` (Oracle)."""
    at = 1 + (word_at(tokens, 1) in ("TABLE", "TABLES"))
    told: list[Tokens] = []
    while at < len(tokens):
        to = _name(tokens, at)
        end = _name(tokens, to + 1)
        if word_at(tokens, to) not in ("TO", "AS"):
            return []
        told.append(_renamed(tokens[at:to], tokens[to + 1 : end]))
        at = end + 1
    return told


def _renamed(old: Tokens, new: Tokens) -> Tokens:
    return _made(old[0], "ALTER TABLE", old, "RENAME TO", new)


def _exchange(tokens: Tokens) -> list[Tokens]:
    """`EXCHANGE TABLES a AND b` (ClickHouse)."""
    end = _name(tokens, 2)
    if word_at(tokens, 1) != "TABLES" or word_at(tokens, end) != "AND":
        return []
    return _swapped(tokens[2:end], tokens[end + 1 : _name(tokens, end + 1)])


def _swapped(first: Tokens, second: Tokens) -> list[Tokens]:
    between = [*first[:-1], like(first[-1], TokenType.IDENTIFIER, first[-1].text + " (exchanged)")]
    return [_renamed(first, between), _renamed(second, first), _renamed(between, second)]


def _alter(tokens: Tokens) -> list[Tokens]:
    """Moves of rows and names that the parser leaves as text: partitions, APPEND, SET SCHEMA."""
    at = 2 + 2 * (words_at(tokens, 2, 2) == ("IF", "EXISTS")) + (word_at(tokens, 2) == "ONLY")
    end = _name(tokens, at)
    table = tokens[at:end]
    end += 3 * (words_at(tokens, end, 2) == ("ON", "CLUSTER"))
    action = words_at(tokens, end, 2)
    if action == ("SET", "SCHEMA") and word_at(tokens, 1) in ("TABLE", "VIEW", "MATERIALIZED"):
        dot = like(table[0], TokenType.DOT, ".")
        return [_renamed(table, [tokens[end + 2], dot, table[-1]])]
    if action == ("UPDATE", word_at(tokens, end + 1)) and word_at(tokens, 1) == "TABLE":
        return [_made(tokens[0], "UPDATE", table, "SET", tokens[end + 1 :])]
    if word_at(tokens, 1) != "TABLE":
        return _view_altered(tokens)
    return _moved(tokens, table, end)


def _moved(tokens: Tokens, table: Tokens, end: int) -> list[Tokens]:
    words = [word_at(tokens, at) for at in range(end, len(tokens))]
    first = words[0] if words else ""
    behind = first_phrase(tokens, ("FROM",), end) if first in ("ATTACH", "APPEND", "REPLACE") else -1
    if first == "EXCHANGE" and (at := first_phrase(tokens, ("WITH", "TABLE"), end)) > 0:
        both = word_at(tokens, end + 2) != "("  # Hive's partition (…) moves one way, Oracle's and MySQL's both
        other = tokens[at + 2 : _name(tokens, at + 2)]
        return [_copied(other, table), *([_copied(table, other)] if both else [])]
    if first == "MOVE" and (at := first_phrase(tokens, ("TO",), end)) > 0:
        at += word_at(tokens, at + 1) == "TABLE"
        return [_copied(table, tokens[at + 1 : _name(tokens, at + 1)])]
    return [_copied(tokens[behind + 1 : _name(tokens, behind + 1)], table)] if behind > 0 else []


def _copied(source: Tokens, target: Tokens) -> Tokens:
    return _made(target[0], "INSERT INTO", target, "SELECT * FROM", source)


def _view_altered(tokens: Tokens) -> list[Tokens]:
    """`ALTER … VIEW v AS SELECT` behind options (MySQL), MODIFY QUERY (ClickHouse)."""
    view = first_of(tokens, {"VIEW"})
    at = first_of(tokens, {"AS", "QUERY"}, view + 1) if view > 0 else -1
    if at < 0 or word_at(tokens, at + 1) not in (*QUERY_WORDS, "("):
        return []
    name = tokens[view + 1 : _name(tokens, view + 1)]
    return [_made(tokens[0], "CREATE VIEW", name, "AS", tokens[at + 1 :])]


def _wrapped(tokens: Tokens) -> list[Tokens]:
    """`CREATE TASK|PIPE|FLOW … AS statement`, `CREATE EVENT … DO statement`: what it runs."""
    if _WRAPPERS.isdisjoint(words_at(tokens, 1, 4)):
        return []
    at = first_of(tokens, {"AS", "DO"}, 2)
    return [tokens[at + 1 :]] if at > 0 else []


def _alert(tokens: Tokens) -> list[Tokens]:
    """`CREATE ALERT … IF (EXISTS (query)) THEN statement` (Snowflake): both, as a task runs them."""
    at, then = first_of(tokens, {"IF"}, 7), first_of(tokens, {"THEN"})
    if "ALERT" not in words_at(tokens, 1, 3) or then < 0 or words_at(tokens, at, 4) != ("IF", "(", "EXISTS", "("):
        return []
    return [tokens[at + 4 : then - 2], tokens[then + 1 :]]


def _stream(tokens: Tokens) -> list[Tokens]:
    """`CREATE STREAM s ON TABLE t` (Snowflake) has the rows of t that have changed."""
    at, on = first_of(tokens, {"STREAM"}), first_of(tokens, {"ON"})
    if not 0 < at < 5 or on < 0 or word_at(tokens, on + 1) not in ("TABLE", "VIEW"):
        return []
    at = after_existence(tokens, at + 1)
    source = tokens[on + 2 : _name(tokens, on + 2)]
    return [_made(tokens[0], "CREATE VIEW", tokens[at : _name(tokens, at)], "AS SELECT * FROM", source)]


def _synonym(tokens: Tokens) -> list[Tokens]:
    at = first_of(tokens, {"SYNONYM"})
    end = _name(tokens, at + 1)
    if not 0 < at < 6 or word_at(tokens, end) != "FOR":
        return []
    of = tokens[end + 1 : _name(tokens, end + 1)]
    return [_made(tokens[0], "CREATE TABLE", tokens[at + 1 : end], "CLONE", of)]


def _like(tokens: Tokens) -> list[Tokens]:
    """`CREATE … CLONE|LIKE|COPY|AS other` with options that the parser does not know: the two names alone."""
    at = first_of(tokens[:12], {"TABLE", "VIEW"})
    start = after_existence(tokens, at + 1)
    end = _name(tokens, start)
    verb = first_of(tokens, {"CLONE", "LIKE", "COPY", "AS"}, end)
    if at < 0 or verb < 0 or not {"FUNCTION", "PROCEDURE", "INDEX", "TRIGGER"}.isdisjoint(words_at(tokens, 1, at)):
        return []
    lasting = {"TEMP", "TEMPORARY", "VOLATILE"}.isdisjoint(words_at(tokens, 1, at))
    head = _made(tokens[0], "CREATE", "" if lasting else "TEMPORARY", tokens[at : at + 1], tokens[start:end])
    source = verb + 1 + (word_at(tokens, verb + 1) == "AS")
    if word_at(tokens, source) in (*QUERY_WORDS, "(") or _names_query(tokens, end):
        return []
    return [[*head, tokens[verb], *tokens[source : _name(tokens, source)]]]


def _names_query(tokens: Tokens, start: int) -> bool:
    """Whether a definition's query stands behind a place."""
    return any(
        word_at(tokens, at) == "AS" and word_at(tokens, at + 1) in (*QUERY_WORDS, "(") for at in outside(tokens, start)
    )


def _recursive(tokens: Tokens) -> list[Tokens]:
    """`CREATE RECURSIVE VIEW s.v (a) AS query` is `CREATE VIEW s.v (a) AS WITH RECURSIVE v (a) AS (query) …`."""
    at = next((at for at in range(1, 5) if words_at(tokens, at, 2) == ("RECURSIVE", "VIEW")), -1)
    query = first_of(tokens, {"AS"}, at)
    if at < 0 or query < 0:
        return []
    end = _name(tokens, at + 2)
    own = [tokens[end - 1], *tokens[end:query]]
    body = _made(
        tokens[0], "AS WITH RECURSIVE", own, "AS (", tokens[query + 1 :], ") SELECT * FROM", tokens[end - 1 : end]
    )
    return [[*_made(tokens[0], "CREATE VIEW"), *tokens[at + 2 : query], *body]]


def _outfile(tokens: Tokens) -> list[Tokens]:
    """`SELECT … INTO OUTFILE 'x' …` (MySQL, ClickHouse), before FROM or at the end."""
    at = first_phrase(tokens, ("INTO", "OUTFILE"))
    at = at if at > 0 else first_phrase(tokens, ("INTO", "DUMPFILE"))
    if at < 0:
        return []
    behind = first_of(tokens, {"FROM"}, at)
    query = [*tokens[:at], *(tokens[behind:] if behind > 0 else ())]
    return [_made(tokens[0], "COPY (", query, ") TO", tokens[at + 2 : at + 3])]


def _upsert(tokens: Tokens) -> list[Tokens]:
    """`UPDATE … ELSE INSERT …` (Teradata)."""
    at = first_phrase(tokens, ("ELSE", "INSERT"))
    return [tokens[:at], tokens[at + 1 :]] if at > 0 else []


_RULES: Mapping[str, Sequence[Callable[[Tokens], list[Tokens]]]] = {
    "RENAME": (_renames,),
    "EXCHANGE": (_exchange,),
    "ALTER": (_alter,),
    "CREATE": (_recursive, _wrapped, _alert, _stream, _synonym, _like),
    "SELECT": (_outfile,),
    "WITH": (_outfile,),
    "UPDATE": (_upsert,),
}
