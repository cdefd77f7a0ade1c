"""Texts that differ only in numbers which they compare with: they are judged once, since no value of a number matters.

Of integers the statement wall reads those that are places of outputs (ORDER BY, GROUP BY) and those of settings, never
one that stands behind an operator of a query, and it changes nothing but names. So the judgement of `… WHERE id = 7` is
that of `… = 8`, with the other number in the text that is sent. What such a number is, is told without a parser only
where a text has neither quotes, dollars, backslashes nor comments.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(rb"(?<=[=<>])( ?[0-9]{1,9})(?=[ );]|\Z)")
"""Behind the end of an operator; a longer one may be of another type, and what else follows may be a part of it."""

_UNCLEAR = b"'\"$\\\0"

Parts = list[bytes]
"""A text around its numbers: what is at odd places are the numbers, the rest is what texts share."""


def parts_of(text: bytes) -> Parts | None:
    """Give the parts of a text; None where it has no such number, or where it is not plain what is one."""
    if not text.isascii() or len(text.translate(None, _UNCLEAR)) != len(text) or b"--" in text or b"/*" in text:
        return None
    parts = _NUMBER.split(text)
    return parts if len(parts) > 1 else None


def shared(parts: Parts) -> tuple[bytes, ...]:
    """Give what is equal in texts that differ in numbers only."""
    return tuple(parts[::2])


def with_numbers(said: Parts, parts: Parts) -> bytes:
    """Give what is sent of a text, by that of another one with the same shared parts."""
    filled = said.copy()
    filled[1::2] = parts[1::2]
    return b"".join(filled)


def parts_sent(sent: bytes, parts: Parts) -> Parts | None:
    """Give the parts of what is sent of a text; None where its numbers are not found in it as they were."""
    said = _NUMBER.split(sent)
    return said if said[1::2] == parts[1::2] else None
