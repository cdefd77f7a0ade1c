"""How names fall into words, for the search index and for what is searched."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def parts(name: str) -> list[str]:
    """Give the parts of a name in lower case: `dimCustomer_v2` is dim, customer and v2."""
    return [part.lower() for word in _WORD.findall(name) for part in _HUMP.split(word) if part]


def index_text(names: Iterable[str]) -> str:
    """Give the text that finds each name by its words and by its parts."""
    return " ".join(f"{name} {' '.join(parts(name))}" if _HUMP.search(name) else name for name in names)


def searched(text: str) -> list[str]:
    """Give the words of a search text, in lower case, at most 12."""
    return [word.lower() for word in _WORD.findall(text)][:12]
