"""Names as a dialect writes them, and the edits that put them into a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_QUOTES = {"mysql": "``", "bigquery": "``", "spark": "``", "hive": "``", "databricks": "``", "tsql": "[]"}

Edit = tuple[int, int, str]
"""Characters [start, end) of the text, and what stands there instead."""


def quoted(name: str, dialect: str | None) -> str:
    """Give a name, in the dialect's quotes unless it is plain."""
    if _PLAIN.fullmatch(name):
        return name
    quotes = _QUOTES.get(dialect or "", '""')
    return f"{quotes[0]}{name}{quotes[1]}"


def edited(sql: str, edits: Iterable[Edit]) -> str:
    """Give a text with edits made."""
    for start, end, text in sorted(set(edits), reverse=True):
        sql = sql[:start] + text + sql[end:]
    return sql
