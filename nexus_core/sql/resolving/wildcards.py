"""LIKE patterns and plain regular expressions over column names, in time that no pattern can make long."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w^$|()\[\]?.+*: -]*")
_MAX_REPEATS = 2
_MAX_NAME = 128
_MAX_PATTERN = 200


def is_like(name: str, pattern: str) -> bool:
    """Tell whether a name is like a pattern of `%` and `_`."""
    at = matched = 0
    star, retry = -1, 0
    while at < len(name):
        if matched < len(pattern) and pattern[matched] == "%":
            star, retry = matched, at
            matched += 1
        elif matched < len(pattern) and pattern[matched] in ("_", name[at]):
            at, matched = at + 1, matched + 1
        elif star >= 0:
            retry += 1
            at, matched = retry, star + 1
        else:
            return False
    return all(character == "%" for character in pattern[matched:])


def is_match(name: str, pattern: str) -> bool | None:
    """Tell whether a regular expression occurs in a name; None where it is not plain enough to be tried."""
    repeats = sum(pattern.count(character) for character in "*+?")
    repeated_group = any(end in pattern for end in (")*", ")+"))
    if len(pattern) > _MAX_PATTERN or repeats > _MAX_REPEATS or repeated_group or not _PLAIN.fullmatch(pattern):
        return None
    try:
        return re.search(pattern, name[:_MAX_NAME]) is not None
    except re.error:
        return None
