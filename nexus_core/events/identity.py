"""The id of an accepted event."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import rfc8785

from nexus_core.model.canonical_json import EXACT_MAX, is_plain
from nexus_core.model.envelope import Event


def event_id(principal: str, event: Event) -> str:
    """Give `sha256:` and the hash, in hex, of the RFC 8785 bytes of `{"event": event, "principal": principal}`.

    RFC 8785 knows only numbers that a double holds exactly: a larger integer stands there as text of its digits.
    """
    return "sha256:" + hashlib.sha256(canonical({"event": event, "principal": principal})).hexdigest()


def canonical(value: Any) -> bytes:
    """Give the RFC 8785 bytes of decoded JSON, large integers as text."""
    if is_plain(value):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return rfc8785.dumps(_exact(value))


def _exact(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _exact(each) for key, each in node.items()}
    if isinstance(node, list):
        return [_exact(each) for each in node]
    if type(node) is int and not -EXACT_MAX <= node <= EXACT_MAX:
        return str(node)
    return node
