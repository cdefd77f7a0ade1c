"""Words of a procedure's text, with their places: enough to find its statements, whatever SQL they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_WORD = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)|(?P<tag>\$\w*\$).*?(?:(?P=tag)|\Z))
    | (?P<name>"(?:[^"]|"")*(?:"|\Z)|[^\W\d]\w*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<sign>:=|::|<<|>>|\.\.|\|\||[<>!]=|<>|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


class Word(NamedTuple):
    """A word at [start, end) of the text; `key` is in upper case, "" for strings."""

    kind: str
    key: str
    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Cut a text into words, without blanks and comments; what has no end goes to the end of the text."""
    found = []
    for match in _WORD.finditer(text):
        kind = "string" if match.lastgroup == "tag" else match.lastgroup or "sign"
        if kind != "space":
            key = "" if kind == "string" else match.group().upper()
            found.append(Word(kind, key, match.group(), match.start(), match.end()))
    return found


def find(words: Sequence[Word], keys: frozenset[str], start: int, end: int | None = None) -> int:
    """Give the place of the first word of some keys outside of brackets and CASE, or the end."""
    last = len(words) if end is None else end
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
