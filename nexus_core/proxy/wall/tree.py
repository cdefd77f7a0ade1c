"""The tree that PostgreSQL's own grammar makes of a text (libpg_query, by `postgast`).

The tree is taken as JSON from the C function that `postgast` has loaded: its public way, by protocol buffers, takes
three times as long (`make bench ONLY=wall`). Fields that are zero, false or empty are absent.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, TypeAlias

import orjson
from postgast import PgQueryError, normalize
from postgast.native import lib

from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.verdict import SYNTAX_ERROR

Node: TypeAlias = dict[str, Any]

TEXT_LIMIT = 1_000_000
"""Bytes of a text that are looked at; a longer one is refused."""

DEPTH_LIMIT = 220
"""How deep the nodes of a statement may nest."""


_LEFT = re.compile(r"'|\$[^0-9]|--|/\*")
_LITERALS = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL)


def statements(text: bytes) -> list[Node]:
    """Give the statements of a text, each `{"stmt": {KIND: …}}`; raises `Refusal` for what is no PostgreSQL."""
    if len(text) > TEXT_LIMIT:
        raise Refusal(f"The statement is longer than {TEXT_LIMIT:,} bytes")
    if b"\0" in text:
        raise Refusal("The statement holds a zero byte", sqlstate=SYNTAX_ERROR)
    result = lib.pg_query_parse(text)
    try:
        if result.error:
            error = result.error.contents
            message = (error.message or b"").decode("utf-8", "replace")
            raise Refusal(message, sqlstate=SYNTAX_ERROR, location=error.cursorpos - 1)
        tree: Node = orjson.loads(result.parse_tree)
    except orjson.JSONDecodeError as error:
        raise Refusal("The statement nests too deep") from error
    finally:
        lib.pg_query_free_parse_result(result)
    found: list[Node] = tree.get("stmts", [])
    return found


def normalised(text: str) -> tuple[str, str]:
    """Give a text without its literals, and the fingerprint of that; nothing where it is no PostgreSQL."""
    try:
        normal = normalize(text)
    except PgQueryError:
        return "", ""
    if _LEFT.search(normal):  # in what is no query, the parser leaves literals
        normal = _LITERALS.sub("'…'", normal)
    normal = " ".join(normal.split())
    return normal, blake2b(normal.encode(), digest_size=8).hexdigest()
