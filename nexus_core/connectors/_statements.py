"""Statements of query logs: which ones move data, which ones only read, and which are the same but for their values.

Needs no parser, since only the kind of a statement and its values' places matter here; any SQL source can use it.
"""

from __future__ import annotations

import hashlib
import re

SQL_MAX_CHARS = 1_000_000

# What is opened and never closed runs to the end, so that no text is scanned twice.
_TOKEN = re.compile(
    r"""
    (?P<gap>(?:\s+|--[^\n]*|/\*.*?(?:\*/|\Z))+)
  | (?P<value>[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)|\$\d+|\b\d+(?:\.\d+)?\b
            |\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z))
  | (?P<quoted>"(?:[^"]|"")*(?:"|\Z))
  | (?P<word>\w+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_VALUE_LIST = re.compile(r"\? ?(?:, ?\? ?)+")
_MOVES = re.compile(
    r"""
    (?:insert|update|delete|merge|call|unload)\b
  | copy\b(?!.*\bto\ stdout\b)
  | create\b(?>(?:\ \w+)*?\ table\b).*?(?<!always)\ as\ (?:\( ?)?(?:select|with|table|values|execute)\b
  | select\b.*\ into\ [\w"]
  | with\b.*\b(?:insert\ into|delete\ from|merge\ into|update\ [\w".]+\ (?:as\ )?(?:\w+\ )?set|into\ [\w"])\b
    """,
    re.VERBOSE,
)
_READS = re.compile(r"\(*(?:select|with|values|table|from)\b")
_TABLES = re.compile(r'\b(?:from|join) ((?:[\w"]+\.)*+[\w"]++)(?! ?\()')
_BLOCK_MOVES = re.compile(
    r"\b(insert\s+into|update|delete\s+from|merge\s+into|create\s+table|copy|call)\b", re.IGNORECASE
)


def normalised(sql: str) -> str:
    """Give a statement in lower case without comments, values as `?`, lists of values as one."""
    return _VALUE_LIST.sub("?", "".join(_shown(match) for match in _TOKEN.finditer(sql))).strip(" ;")


def moves_data(sql: str) -> bool:
    """Whether a text holds a statement that writes rows or calls a procedure."""
    for statement in normalised(sql).split(";"):
        text = statement.strip()
        if _MOVES.match(text) or (text.startswith("do ") and _BLOCK_MOVES.search(sql)):
            return True
    return False


def only_reads(sql: str) -> bool:
    """Whether each statement of a text is a query that writes nothing; False where that is not certain."""
    statements = [text.strip() for text in normalised(sql).split(";") if text.strip()]
    return bool(statements) and not moves_data(sql) and all(_READS.match(text) for text in statements)


def reads_tables(sql: str, catalogues: re.Pattern[str]) -> bool:
    """Whether a text only reads, and that from tables, none of which is one of the source's own catalogues.

    `catalogues` matches their dotted names, in lower case.
    """
    if not only_reads(sql):
        return False
    tables = [name.strip('"') for name in _TABLES.findall(normalised(sql))]
    return bool(tables) and not any(catalogues.match(name) for name in tables)


def fingerprint(sql: str) -> str:
    """Give the SHA-256, in hex, of the normalised statement."""
    return hashlib.sha256(normalised(sql).encode()).hexdigest()


def _shown(match: re.Match[str]) -> str:
    if match.lastgroup == "gap":
        return " "
    if match.group("value"):
        return "?"
    return match.group().lower() if match.group("word") else match.group()
