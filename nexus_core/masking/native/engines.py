"""The engines, and how each writes names, texts and roles."""

from __future__ import annotations

import re
from enum import StrEnum
from hashlib import sha256


class Engine(StrEnum):
    """An engine that policies are written for; MySQL is MariaDB, too."""

    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"
    SQLSERVER = "sqlserver"
    MYSQL = "mysql"


READERS = "nexus"
"""The engine's role of who may read, and holds no role of the platform."""

DIALECTS = {Engine.SNOWFLAKE: "snowflake", Engine.BIGQUERY: "bigquery", Engine.SQLSERVER: "tsql", Engine.MYSQL: "mysql"}
"""The name of each engine's SQL among the dialects that conditions are translated to."""

NAME_PARTS = {Engine.SNOWFLAKE: 3, Engine.BIGQUERY: 3, Engine.SQLSERVER: 3, Engine.MYSQL: 2}
"""Parts of a table's name."""

_QUOTES = {
    Engine.SNOWFLAKE: ('"', '"'),
    Engine.BIGQUERY: ("`", "`"),
    Engine.SQLSERVER: ("[", "]"),
    Engine.MYSQL: ("`", "`"),
}
_ROLE = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_OF_CLIENTS = ("$(", "<%", "&{", "{{")  # what sqlcmd, snow and others replace before the engine sees it
_MYSQL_ROLE_MOST = 32


def is_writable(text: str) -> bool:
    """Whether a text means the same to every client: no line ends or controls, and nothing that clients replace."""
    return bool(text) and text.isprintable() and not any(mark in text for mark in _OF_CLIENTS)


def name(kind: Engine, *parts: str) -> str:
    """Quote a name that is writable, always; dots join its parts."""
    return ".".join(_quoted(kind, part) for part in parts)


def can_name(kind: Engine, text: str) -> bool:
    """Whether a name can be written; BigQuery's quotes escape by backslash, and its names need neither."""
    return is_writable(text) and not (kind is Engine.BIGQUERY and ("`" in text or "\\" in text))


def literal(kind: Engine, value: str) -> str | None:
    """Write a text, None for one that clients or modes of the engine could read as another."""
    if value and (not is_writable(value) or "\\" in value):
        return None
    if kind is Engine.BIGQUERY:
        return "'" + value.replace("'", "\\'") + "'"
    return ("N'" if kind is Engine.SQLSERVER else "'") + value.replace("'", "''") + "'"


def comment(text: str) -> str:
    """Write a comment of one line, whatever is in it."""
    return "-- " + "".join(each if each.isprintable() else "?" for each in text)


def is_role(text: str) -> bool:
    """Whether a role can be held at all; what a policy names beyond that lifts nothing."""
    return _ROLE.fullmatch(text) is not None


def engine_role(kind: Engine, role: str | None) -> str:
    """Give the name of the engine's role, or group, for a role; None is for all readers. Different roles differ."""
    found = READERS if role is None else f"{READERS}_{role}"
    if kind is Engine.SNOWFLAKE:
        return found.upper().replace("-", "$")
    return _short(found, _MYSQL_ROLE_MOST) if kind is Engine.MYSQL else found


def hashed(*parts: str) -> str:
    """Give twelve hex digits that stand for a name."""
    return sha256("\0".join(parts).encode()).hexdigest()[:12]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 13]}-{hashed(text)}"


def _quoted(kind: Engine, part: str) -> str:
    opening, closing = _QUOTES[kind]
    return opening + part.replace(closing, closing * 2) + closing
