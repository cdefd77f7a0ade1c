"""Words of a procedure's text, with their places: enough to find its statements, whatever SQL they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nexus_core.sql.dialect import MYSQL

_COMMENT = r"--[^\n]*|/\*.*?(?:\*/|\Z)"
_HASH_COMMENT = rf"{_COMMENT}|\#[^\n]*"
_SLASH_COMMENT = rf"{_COMMENT}|//[^\n]*"

_PLAIN = r"'(?:[^']|'')*(?:'|\Z)"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*(?:'|\Z)"
_DOUBLE_ESCAPED = r'"(?:[^"\\]|\\.|"")*(?:"|\Z)'
_DOLLAR = r"(?P<tag>\$\w*\$).*?(?:(?P=tag)|\Z)"
_POSTGRES_STRING = rf"[eE]{_ESCAPED}|[bBxXnN]?{_PLAIN}|{_DOLLAR}"
_SNOWFLAKE_STRING = rf"{_ESCAPED}|{_DOLLAR}"
_MYSQL_STRING = rf"(?:[bBxXnN]|_\w+\s*)?(?:{_ESCAPED}|{_DOUBLE_ESCAPED})"
_LONG = r'"{3}(?:[^\\]|\\.)*?(?:"{3}|\Z)' + r"|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)"
_BIGQUERY_STRING = rf"[rRbB]{{0,2}}(?:{_LONG}|{_ESCAPED}|{_DOUBLE_ESCAPED})"
_SPARK_STRING = rf"[rR]?(?:{_ESCAPED}|{_DOUBLE_ESCAPED}|{_DOLLAR})"
_ORACLE_STRING = (
    r"[nN]?[qQ]'(?:\[.*?\]|\{.*?\}|\(.*?\)|<.*?>|(?P<quote>[^\s\[{(<]).*?(?P=quote))(?:'|\Z)" + rf"|[nN]?{_PLAIN}"
)

_DOUBLE_QUOTED = r'"(?:[^"]|"")*(?:"|\Z)'
_BACKQUOTED = r"`(?:[^`]|``)*(?:`|\Z)"
_BARE = r"[^\W\d][\w$]*|[$@]+\w+"
_SIGNS = r":=|::|<<|>>|\.\.|\|\||[<>!]=|<>|=>|\+=|."


def _pattern(comment: str, string: str, name: str) -> re.Pattern[str]:
    return re.compile(
        rf"""(?P<space>\s+|{comment})
    | (?P<string>{string})
    | (?P<name>{name})
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<sign>{_SIGNS})""",
        re.VERBOSE | re.DOTALL,
    )


_POSTGRES = _pattern(_COMMENT, _POSTGRES_STRING, f"{_DOUBLE_QUOTED}|{_BARE}")
_MYSQL = _pattern(_HASH_COMMENT, _MYSQL_STRING, f"{_BACKQUOTED}|@?{_BACKQUOTED}|{_BARE}")
_SPARK = _pattern(_COMMENT, _SPARK_STRING, f"{_BACKQUOTED}|{_BARE}")
_PATTERNS = {
    **dict.fromkeys(MYSQL, _MYSQL),
    "bigquery": _pattern(_HASH_COMMENT, _BIGQUERY_STRING, f"{_BACKQUOTED}|{_BARE}"),
    "snowflake": _pattern(_SLASH_COMMENT, _SNOWFLAKE_STRING, f"{_DOUBLE_QUOTED}|{_BARE}"),
    "oracle": _pattern(_COMMENT, _ORACLE_STRING, rf"{_DOUBLE_QUOTED}|[^\W\d][\w$\#]*"),
    "spark": _SPARK,
    "spark2": _SPARK,
    "databricks": _SPARK,
    "hive": _SPARK,
}
"""How a dialect writes comments, strings and names; one that is not here does as PostgreSQL."""

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


class Word(NamedTuple):
    """A word at [start, end) of the text; `key` is in upper case, "" for strings."""

    kind: str
    key: str
    text: str
    start: int
    end: int


def words_of(text: str, dialect: str = "") -> list[Word]:
    """Cut a text into words, without blanks and comments; what has no end goes to the end of the text."""
    found = []
    for match in _PATTERNS.get(dialect, _POSTGRES).finditer(text):
        kind = "string" if match.lastgroup in ("tag", "quote") else match.lastgroup or "sign"
        if kind != "space":
            key = "" if kind == "string" else match.group().upper()
            found.append(Word(kind, key, match.group(), match.start(), match.end()))
    return found


def find(words: Sequence[Word], keys: frozenset[str], start: int, end: int | None = None) -> int:
    """Give the place of the first word of some keys outside of brackets and CASE, or the end."""
    last = len(words) if end is None else min(end, len(words))
    depth = 0
    for at in range(start, last):
        key = words[at].key
        if not depth and key in keys:
            return at
        if key in _OPEN or key == "CASE":
            depth += 1
        elif depth and (key in _CLOSE or key == "END"):
            depth -= 1
    return last


def closing(words: Sequence[Word], opened: int, end: int | None = None) -> int:
    """Give the place of the bracket that closes the one at a place, or the end."""
    last = len(words) if end is None else min(end, len(words))
    depth = 0
    for at in range(opened, last):
        depth += (words[at].key in _OPEN) - (words[at].key in _CLOSE)
        if depth <= 0:
            return at
    return last


def parted(
    words: Sequence[Word], start: int, end: int, keys: frozenset[str] = frozenset({","})
) -> list[tuple[int, int]]:
    """Give the ranges of words between separators outside of brackets and CASE, none for no words."""
    ranges = []
    while start < end:
        at = find(words, keys, start, end)
        ranges.append((start, at))
        start = at + 1
    return ranges


def name_of(word: Word) -> str:
    """Give a word as a name: a quoted one as it stands, any other in lower case."""
    return word.text[1:-1] if word.text[:1] in ('"', "`", "[") else word.text.lower()
