"""Hides what a SQL text may say of persons: literals and comments, each replaced at equal length.

A scanner, not a parser: linear in the text's length, for any dialect, and for texts that no parser reads. Where
dialects disagree on where a literal or comment ends, it rather hides the rest of the text than shows a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Double quotes hold text, not a name, and a backslash escapes.
_TEXT_IN_DOUBLE_QUOTES = frozenset(
    {"mysql", "mariadb", "doris", "starrocks", "bigquery", "spark", "spark2", "databricks", "hive", "clickhouse"}
)
# A backslash escapes in a plain literal.
_ESCAPING = _TEXT_IN_DOUBLE_QUOTES | {"snowflake"}
# A backslash stands for itself in a plain literal, and `#` starts no comment.
_PLAIN = frozenset(
    {"postgres", "postgresql", "redshift", "trino", "presto", "athena", "duckdb", "sqlite", "oracle", "teradata"}
    | {"tsql", "mssql", "sqlserver"}
)
_TOKEN = re.compile(
    r"""
      (?P<line>--|\#)                     # a comment; `#` in some dialects only
    | (?P<block>/\*)
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<triple>'{3}|"{3})
    | (?P<quote>['"])
    | (?P<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?)
    | (?P<word>[^\W\d][\w$]*)
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"[^\W\d][\w$]*\Z")
_DIGIT = re.compile(r"\w")
_HIDDEN = re.compile(r"[^\r\n]")
_BODY_FOLLOWS = frozenset({"as", "do"})
_NESTED = re.compile(r"/\*|\*/")


def hide_literals(sql: str, dialect: str | None = None) -> str:
    """Give the text at equal length with the inside of literals and comments as `x`, and digits as `0`.

    A dollar-quoted body after AS or DO is code and is treated alike; a double-quoted text that is no plain name is
    hidden too where the dialect is unknown.
    """
    return "".join(_Scan(sql, dialect.lower() if dialect else None).pieces())


def hide(text: str) -> str:
    """Give a text of equal length and lines that says nothing."""
    return _HIDDEN.sub("x", text)


class _Scan:
    """One pass over a text."""

    def __init__(self, sql: str, dialect: str | None) -> None:
        self._sql, self._dialect = sql, dialect
        self._at = 0
        self._word = ""

    def pieces(self) -> Iterator[str]:
        """Give the shown text piece by piece."""
        while (found := _TOKEN.search(self._sql, self._at)) is not None:
            yield self._sql[self._at : found.start()]
            self._at = found.end()
            kind = found.lastgroup or ""
            yield getattr(self, f"_{kind}_token")(found[0])
            if kind != "word":
                self._word = ""
        yield self._sql[self._at :]

    def _word_token(self, token: str) -> str:
        self._word = token.lower()
        return token

    def _number_token(self, token: str) -> str:
        return _DIGIT.sub("0", token)

    def _line_token(self, token: str) -> str:
        if token.startswith("#") and self._dialect in _PLAIN:
            return token
        end = self._sql.find("\n", self._at)
        return token + hide(self._take(len(self._sql) if end < 0 else end))

    def _block_token(self, token: str) -> str:
        depth, end = 1, self._at
        while depth and (found := _NESTED.search(self._sql, end)) is not None:
            depth += 1 if found[0] == "/*" else -1
            end = found.end()
        if depth:
            return token + hide(self._take(len(self._sql)))
        return token + hide(self._take(end - 2)) + self._take(end)

    def _dollar_token(self, token: str) -> str:
        end = self._sql.find(token, self._at)
        inner = self._take(len(self._sql) if end < 0 else end)
        closing = self._take(self._at + len(token)) if end >= 0 else ""
        shown = hide_literals(inner, self._dialect) if self._word in _BODY_FOLLOWS else hide(inner)
        return token + shown + closing

    def _triple_token(self, token: str) -> str:
        if self._dialect not in _TEXT_IN_DOUBLE_QUOTES:
            self._at -= 2
            return self._quote_token(token[0])
        end = self._sql.find(token, self._at)
        if end < 0:
            return token + hide(self._take(len(self._sql)))
        return token + hide(self._take(end)) + self._take(end + 3)

    def _quote_token(self, token: str) -> str:
        inner = self._take(self._closing(token))
        closing = self._take(self._at + 1)
        named = token.startswith('"') and self._dialect not in _TEXT_IN_DOUBLE_QUOTES
        if named and _NAME.match(inner):
            return token + inner + closing
        return token + hide(inner) + closing

    def _closing(self, quote: str) -> int:
        """Find where a literal's closing quote stands, or the text's end where that is unsure."""
        escapes = self._escapes(quote)
        at = self._at
        while (end := self._sql.find(quote, at)) >= 0:
            slashes = _backslashes(self._sql, self._at, end) if escapes is not False else 0
            if slashes % 2 and escapes is None:
                return len(self._sql)
            if slashes % 2:
                at = end + 1
            elif self._sql.startswith(quote, end + 1):
                at = end + 2
            else:
                return end
        return len(self._sql)

    def _escapes(self, quote: str) -> bool | None:
        """Tell whether a backslash escapes in this literal; None where the dialect that decides is unknown."""
        if self._word == "e" and quote == "'" and self._sql[self._at - 2 : self._at - 1] in {"e", "E"}:
            return True
        if self._dialect in _PLAIN:
            return False
        return True if self._dialect in _ESCAPING else None

    def _take(self, end: int) -> str:
        taken = self._sql[self._at : end]
        self._at = min(end, len(self._sql))
        return taken


def _backslashes(sql: str, start: int, end: int) -> int:
    at = end
    while at > start and sql[at - 1] == "\\":
        at -= 1
    return end - at
