"""Java's regular expressions from the settings of connectors, as far as trying them takes bounded time.

Whoever writes such a setting would otherwise decide how long a harvest, or the API that runs it, does nothing else.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import comb

_NAME_MAX = 249  # of a topic
_WAYS_MAX = 10**7  # a second or less
_BEFORE_ITS_END = re.compile(r"\[\^\\?(.)\][*+]\)?\\?\1", re.DOTALL)
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?|\(\?[:=!]|\(\?<?[=!]|\(\?P?<\w+>|[*+?{(|)]|.", re.DOTALL)
_BACK = re.compile(r"\\[1-9k]")


def pattern_of(regex: str) -> re.Pattern[str] | None:
    """Compile an expression; None for one that Python cannot read, or whose trying has no useful limit."""
    if not _is_bounded(regex):
        return None
    try:
        return re.compile(regex.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"))
    except (re.error, RecursionError):
        return None


def _is_bounded(regex: str) -> bool:
    """Whether a name can be matched in few ways, all told: neither groups that repeat nor many free repetitions.

    What ends where its own next sign is (`[^.]+\\.`) repeats in one way only.
    """
    parts = [part[0] for part in _PART.finditer(_BEFORE_ITS_END.sub("", regex))]
    repeats = sum(part in ("*", "+", "{") for part in parts)
    groups_repeat = any(one == ")" and two in ("*", "+", "{") for one, two in pairwise(parts))
    ways = comb(_NAME_MAX, min(repeats, _NAME_MAX // 2)) * _choices(parts)
    return not groups_repeat and not _BACK.search(regex) and ways <= _WAYS_MAX


def _choices(parts: list[str]) -> int:
    """Give in how many ways alternatives and what may be left out can be taken, at most."""
    found, waiting = 1, [1]
    for before, part in zip(["", *parts], parts, strict=False):
        if part.startswith("("):
            waiting.append(1)
        elif part == "|":
            waiting[-1] += 1
        elif part == ")" and len(waiting) > 1:
            found *= waiting.pop()
        elif part == "?" and before not in ("*", "+", "?", "}"):
            found *= 2
        if found > _WAYS_MAX:
            break
    return found * waiting[0]
