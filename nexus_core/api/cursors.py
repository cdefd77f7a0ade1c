"""Cursors of pages: where one ended, opaque to callers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

from nexus_core.errors import InvalidInputError


def closed(*place: str | int) -> str:
    """Give a place as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def opened(cursor: str, shape: Sequence[type]) -> list[Any]:
    """Give the place of a cursor, whose parts have these types. Raises InvalidInputError for what we did not give."""
    try:
        place: Any = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise InvalidInputError("is no cursor of ours", "$.query.cursor") from error
    if not isinstance(place, list) or tuple(map(type, place)) != tuple(shape):
        raise InvalidInputError("is no cursor of ours", "$.query.cursor")
    return place
