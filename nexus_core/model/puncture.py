"""A key of which single uses can be destroyed: a puncturable pseudorandom function.

A root key spans a tree of 16 branches a level; the key of an id is that of the leaf at its first hexadecimal digits.
Destroying a leaf's key replaces the keys above it by those of the branches beside its way, from which all other leaves
follow and this one does not. Source: O. Goldreich, S. Goldwasser, S. Micali, How to Construct Random Functions, J. ACM
33(4), 1986; punctured as in D. Boneh, B. Waters, Constrained Pseudorandom Functions, 2013. A step
is BLAKE2b keyed by the branch's key (RFC 7693).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

DEPTH = 16
"""Digits of an id that count: 64 bits, so that two ids of a billion share a leaf once in 40 times, and go together."""

KEY_BYTES = 32
_DIGITS = "0123456789abcdef"

Nodes = Mapping[str, bytes]
"""Keys by the digits that lead to them; a whole tree is `{"": root}`."""


def leaf_key(nodes: Nodes, digits: str) -> bytes | None:
    """Give the key of an id by its hexadecimal digits, None if it was destroyed. Cost: some 16 hashes."""
    way = digits[:DEPTH]
    for length in range(DEPTH + 1):
        key = nodes.get(way[:length])
        if key is not None:
            for digit in way[length:]:
                key = _branch(key, digit)
            return key
    return None


def punctured(nodes: Nodes, digits: str) -> dict[str, bytes]:
    """Give the keys from which all leaves follow but that of an id; the same ones if it was destroyed before."""
    way, left = digits[:DEPTH], dict(nodes)
    for length in range(DEPTH + 1):
        key = left.pop(way[:length], None)
        if key is not None:
            for depth in range(length, DEPTH):
                left |= {way[:depth] + digit: _branch(key, digit) for digit in _DIGITS if digit != way[depth]}
                key = _branch(key, way[depth])
            return left
    return left


def _branch(key: bytes, digit: str) -> bytes:
    return blake2b(digit.encode(), key=key, digest_size=KEY_BYTES).digest()
