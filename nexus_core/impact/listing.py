"""Lists of columns mended in a text: a `*` written out, a column taken out of an INSERT with its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nexus_core.impact.quoting import Edit, quoted
from nexus_core.model.trial import Trial
from nexus_core.sql.reading.words import Word, closing, find, name_of, parted, words_of

_BEHIND_ONE_TABLE = frozenset(
    {"", ")", ";", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "UNION", "EXCEPT", "INTERSECT", "WINDOW"}
)
_END_OF_ITEMS = frozenset({"FROM", ";", ")"})


def stars_written_out(
    sql: str, dialect: str | None, trial: Trial, table: str, columns: Mapping[str, str]
) -> Iterator[Edit]:
    """Give `t.*`, and the `*` of a query that reads nothing else, with the columns of a table one by one."""
    words = words_of(sql, dialect or "")
    places = {start for start, _, name in trial.named if name == table}
    for at, word in enumerate(words):
        if word.start not in places:
            continue
        behind = _behind_name(words, at)
        alias, last = _alias(words, behind)
        called = alias or name_of(words[behind - 1])
        yield from _qualified(words, called, dialect, columns)
        if _key(words, last) in _BEHIND_ONE_TABLE and (star := _only_star(words, at)) is not None:
            yield star.start, star.end, ", ".join(quoted(column, dialect) for column in columns)


def _key(words: Sequence[Word], at: int) -> str:
    return words[at].key if 0 <= at < len(words) else ""


def _behind_name(words: Sequence[Word], at: int) -> int:
    """Give the place behind a dotted name, of which any part stands at a place."""
    at += 1
    while _key(words, at) == "." and at + 1 < len(words):
        at += 2
    return at


def _alias(words: Sequence[Word], at: int) -> tuple[str, int]:
    """Give a table's alias, "" without one, and the place behind it."""
    at += _key(words, at) == "AS"
    is_name = at < len(words) and words[at].kind == "name" and words[at].key not in _BEHIND_ONE_TABLE | _JOINS
    return (name_of(words[at]), at + 1) if is_name else ("", at)


_JOINS = frozenset({"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "ON", "USING", "SET", "WHEN"})


def _qualified(words: Sequence[Word], called: str, dialect: str | None, columns: Mapping[str, str]) -> Iterator[Edit]:
    for at, word in enumerate(words):
        if word.key == "*" and _key(words, at - 1) == "." and name_of(words[at - 2]).lower() == called.lower():
            owner = words[at - 2]
            listed = ", ".join(f"{owner.text}.{quoted(column, dialect)}" for column in columns)
            yield owner.start, word.end, listed


def _only_star(words: Sequence[Word], at: int) -> Word | None:
    """Give the `*` of `SELECT * FROM` a table whose name stands at a place."""
    while _key(words, at - 1) == ".":
        at -= 2
    if _key(words, at - 1) == "FROM" and _key(words, at - 2) == "*" and _key(words, at - 3) in ("SELECT", "DISTINCT"):
        return words[at - 2]
    return None


def taken_out(sql: str, dialect: str | None, trial: Trial, table: str, column: str) -> Iterator[Edit]:
    """Give an INSERT's list without a column of its table, and its VALUES or SELECT without what that column takes."""
    words = words_of(sql, dialect or "")
    places = {start for start, _, name in trial.named if name == table}
    for at, word in enumerate(words):
        if word.key != "INTO":
            continue
        opened = _behind_name(words, at + 1)
        named = {each.start for each in words[at + 1 : opened]}
        if not named & places or _key(words, opened) != "(":
            continue
        closed = closing(words, opened)
        listed = parted(words, opened + 1, closed)
        found = [number for number, (start, _) in enumerate(listed) if name_of(words[start]).lower() == column.lower()]
        if len(found) == 1:
            yield _cut(words, listed, found[0])
            yield from _values_without(words, closed + 1, found[0], len(listed))


def _values_without(words: Sequence[Word], at: int, number: int, count: int) -> Iterator[Edit]:
    if _key(words, at) == "VALUES":
        at += 1
        while _key(words, at) == "(":
            closed = closing(words, at)
            ranges = parted(words, at + 1, closed)
            if len(ranges) == count:
                yield _cut(words, ranges, number)
            at = closed + 1 + (_key(words, closed + 1) == ",")
    elif _key(words, at) == "SELECT":
        ranges = parted(words, at + 1, find(words, _END_OF_ITEMS, at + 1))
        if len(ranges) == count:
            yield _cut(words, ranges, number)


def _cut(words: Sequence[Word], ranges: Sequence[tuple[int, int]], number: int) -> Edit:
    """Give the text of one part of a list, with the comma that goes with it, as nothing."""
    start, end = ranges[number]
    if number:
        return words[ranges[number - 1][1] - 1].end, words[end - 1].end, ""
    behind = words[ranges[1][0]].start if len(ranges) > 1 else words[end - 1].end
    return words[start].start, behind, ""
