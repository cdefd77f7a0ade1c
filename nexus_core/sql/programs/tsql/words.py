"""Words of a T-SQL text: `[names]`, `N'…'`, `@variables`, `#temporary` tables, nested comments; and its batches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nexus_core.sql.reading.words import Word

_WORD = re.compile(
    r"""\s*+(?:(?P<line>--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>[nN]?'[^']*(?:''[^']*)*(?:'|\Z))
    | (?P<name>\[(?:[^\]]|\]\])*(?:\]|\Z)|"(?:[^"]|"")*(?:"|\Z)|[^\W\d][\w@$\#]*|[@\#]+[\w@$\#]+|\$\w+)
    | (?P<number>0[xX][0-9a-fA-F]*|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)
    | (?P<sign>::|[-+*/%&|^]=|[<>!]=|<>|.))""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")


def words_of(text: str) -> list[Word]:
    """Cut a text into words, without blanks and comments; what has no end goes to the end of the text."""
    last = len(text.rstrip())
    if "/*" not in text:
        return [_word(match) for match in _WORD.finditer(text, 0, last) if match.lastgroup != "line"]
    found: list[Word] = []
    at, match = 0, _WORD.match
    while (here := match(text, at, last)) is not None:
        kind = here.lastgroup or "sign"
        at = here.end()
        if kind == "comment":
            at = _comment_end(text, at)
        elif kind != "line":
            found.append(_word(here))
    return found


def _word(match: re.Match[str]) -> Word:
    kind = match.lastgroup or "sign"
    text, (start, end) = match[kind], match.span(kind)
    return Word._make((kind, "" if kind == "string" else text.upper(), text, start, end))


def _comment_end(text: str, at: int) -> int:
    depth = 1
    while depth and (mark := _COMMENT.search(text, at)) is not None:
        depth += 1 if mark.group() == "/*" else -1
        at = mark.end()
    return at if not depth else len(text)


def batches(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Give the ranges of words between the lines `GO`, which is no word of the language (sqlcmd, utilities)."""
    start = 0
    for at, word in enumerate(words):
        if word.key == "GO" and _is_alone(text, words, at):
            yield start, at
            counted = at + 1 < len(words) and words[at + 1].kind == "number" and not _breaks(text, words, at)
            start = at + 1 + counted
    yield start, len(words)


def _is_alone(text: str, words: Sequence[Word], at: int) -> bool:
    if at and not _breaks(text, words, at - 1):
        return False
    last = at + 1 == len(words) or _breaks(text, words, at) or words[at + 1].key == ";"
    return last or (words[at + 1].kind == "number" and (at + 2 == len(words) or _breaks(text, words, at + 1)))


def _breaks(text: str, words: Sequence[Word], at: int) -> bool:
    """Whether a line ends behind a word."""
    return "\n" in text[words[at].end : words[at + 1].start]


def name_of(word: Word) -> str:
    """Give a word as a name, in lower case as T-SQL compares names by default."""
    text = word.text
    if text[:1] == "[":
        return text[1:].removesuffix("]").replace("]]", "]").lower()
    return (text.strip('"') if text[:1] == '"' else text).lower()


def dotted_name(words: Sequence[Word], at: int, last: int) -> tuple[tuple[str, ...], int]:
    """Read `a.b.c` or `a..c` from a place on: its parts, without empty ones, and the place behind it."""
    parts: list[str] = []
    while at < last and words[at].kind in ("name", "string"):
        parts.append(name_of(words[at]))
        at += 1
        if at >= last or words[at].key != ".":
            break
        while at < last and words[at].key == ".":
            at += 1
    return tuple(parts), at
