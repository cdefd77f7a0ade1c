"""Patterns of scopes (Python's fnmatch) in the words of each database; what these read otherwise matches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PART = re.compile(r"\*|\?|\[!?+\]?+[^]]*+(?:\]|(?P<open>\Z))|.", re.DOTALL)
_DOWN = re.compile(r"(.)-(.)", re.DOTALL)


def glob(pattern: str) -> str | None:
    """Give SQLite's GLOB of a pattern; None for a set that it cannot say."""
    parts = []
    for part in _parts(pattern):
        if len(part) > 1 and not _sayable(part):
            return None
        parts.append("[^" + part[2:] if part.startswith("[!") else "[[]" if part == "[" else part)
    return "".join(parts)


def regex(pattern: str) -> str | None:
    """Give PostgreSQL's regular expression of a pattern; None for a set that it cannot say."""
    parts = []
    for part in _parts(pattern):
        if len(part) > 1 and not _sayable(part):
            return None
        parts.append(_bracket(part) if len(part) > 1 else _sign(part))
    return f"^({''.join(parts)})$"


def _parts(pattern: str) -> Iterator[str]:
    """Give sets as wholes, all else, and what an unclosed set begins, sign by sign."""
    for found in _PART.finditer(pattern):
        yield from found[0] if found["open"] is not None else (found[0],)


def _sayable(part: str) -> bool:
    """Whether all read a set alike: it neither begins with `^` nor has a range that runs down, nor a set in itself."""
    inner = part[1:-1].removeprefix("!")
    return not inner.startswith("^") and "[" not in inner and all(a <= b for a, b in _DOWN.findall(inner))


def _bracket(part: str) -> str:
    inner = part[1:-1].replace("\\", "\\\\")
    return f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"


def _sign(part: str) -> str:
    return {"*": ".*", "?": "."}.get(part) or re.sub(r"([^\w/ -])", r"\\\1", part)
