"""The id of an accepted event."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from nexus_core.model import canonical_json
from nexus_core.model.envelope import Event


def event_id(principal: str, event: Event, *, plain: bool = False) -> str:
    """Give `sha256:` and the hash, in hex, of the RFC 8785 bytes of `{"event": event, "principal": principal}`.

    RFC 8785 knows only numbers that a double holds exactly: a larger integer stands there as text of its digits.
    `plain` says that the event is known to have no other numbers (`tree.has_plain_numbers`).
    """
    return "sha256:" + hashlib.sha256(canonical({"event": event, "principal": principal}, plain=plain)).hexdigest()


def canonical(value: Any, *, plain: bool = False) -> bytes:
    """Give the RFC 8785 bytes of decoded JSON, large integers as text.

    `plain` says that its numbers are integers that a double holds exactly.
    """
    if plain:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if written.isascii():
            return written
    return canonical_json.canonical(value if plain else _exact(value))


def _exact(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _exact(each) for key, each in node.items()}
    if isinstance(node, list):
        return [_exact(each) for each in node]
    if type(node) is int and not canonical_json.is_exact(node):
        return str(node)
    return node
