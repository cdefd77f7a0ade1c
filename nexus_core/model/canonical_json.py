"""JSON in the form of RFC 8785, the only one in which the same values have the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import rfc8785

_EXACT_MAX = 2**53 - 1


def canonical(value: Any) -> bytes:
    """Give the bytes of a value; raises rfc8785.CanonicalizationError for what is no JSON or cannot be said exactly."""
    if is_plain(value):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:
            pass  # half a character, or too deep
    return rfc8785.dumps(value)


def is_plain(root: Any) -> bool:
    """Whether orjson with sorted keys, which is 80 times faster, writes a value as RFC 8785 does.

    It does not where a float or a large integer is in it (which ECMAScript writes otherwise) or a key outside ASCII
    (sorted by UTF-16 there).
    """
    stack: list[Iterable[Any]] = [(root,)]
    while stack:
        for node in stack.pop():
            kind = type(node)
            if kind is str or node is None or kind is bool:
                continue
            if kind is dict and _has_ascii_keys(node):
                stack.append(node.values())
            elif kind is list or kind is tuple:
                stack.append(node)
            elif kind is not int or not is_exact(node):
                return False
    return True


def is_exact(number: int) -> bool:
    """Whether RFC 8785 can say an integer: a double holds it and its neighbours."""
    return -_EXACT_MAX <= number <= _EXACT_MAX


def _has_ascii_keys(node: dict[Any, Any]) -> bool:
    try:
        return "".join(node).isascii()
    except TypeError:
        return False
