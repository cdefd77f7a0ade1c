"""Merkle trees and their proofs, pure (RFC 6962 §2.1 for hashes and proofs, RFC 9162 §2.1.3-2.1.4 for checking them).

A tree over n leaves splits at the largest power of two below n. Hashes are the 32 bytes of SHA-256; a leaf's is made
with the byte 0 before it, an inner node's with the byte 1, so that neither passes for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of the tree without leaves."""


def leaf_hash(content: bytes) -> bytes:
    """Give the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Nodes(Protocol):
    """Gives hashes of complete subtrees: that at `level` over the leaves from `index * 2**level` on."""

    def __call__(self, level: int, index: int) -> bytes:
        """Raise LookupError for one that is not complete."""
        ...


@dataclass(slots=True)
class Frontier:
    """The complete subtrees of a growing tree, largest first: all that it takes to add leaves and give the root."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; gives the nodes `(level, index, hash)` that are complete now, the leaf's first."""
        made = [(0, self.size, leaf)]
        index, level = self.size, 0
        while index & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            index, level = index >> 1, level + 1
            made.append((level, index, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        return _bagged(self.peaks)


def peaks_of(size: int) -> list[tuple[int, int]]:
    """Give `(level, index)` of the complete subtrees that make up a tree, largest first."""
    found, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier.root


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Give the audit path of a leaf in the tree of a size (RFC 6962 §2.1.1). Raises LookupError outside of it."""
    if not 0 <= index < size:
        raise LookupError(f"leaf {index} of a tree of {size}")
    return _path(index, 0, size, nodes)


def consistency_proof(first: int, second: int, nodes: Nodes) -> list[bytes]:
    """Give the proof that a tree is a beginning of a later one (RFC 6962 §2.1.2). Raises LookupError unless it is."""
    if not 0 < first <= second:
        raise LookupError(f"a tree of {first} is no beginning of one of {second}")
    return [] if first == second else _subproof(first, 0, second, nodes, whole=True)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Check an audit path (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, proof: Sequence[bytes], old: bytes, new: bytes) -> bool:
    """Check that the tree with the root `old` is a beginning of that with `new` (RFC 9162 §2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and old == new
    steps = list(proof) if first & (first - 1) else [old, *proof]
    if not steps:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was = is_ = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            was, is_ = node_hash(step, was), node_hash(step, is_)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            is_ = node_hash(is_, step)
        node, last = node >> 1, last >> 1
    return last == 0 and was == old and is_ == new


def _bagged(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def _subtree(start: int, size: int, nodes: Nodes) -> bytes:
    """Give the hash over `size` leaves from `start` on, which is a multiple of the power of two not below `size`."""
    return _bagged([nodes(level, (start >> level) + index) for level, index in peaks_of(size)])


def _path(index: int, start: int, size: int, nodes: Nodes) -> list[bytes]:
    if size == 1:
        return []
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return [*_path(index, start, split, nodes), _subtree(start + split, size - split, nodes)]
    return [*_path(index - split, start + split, size - split, nodes), _subtree(start, split, nodes)]


def _subproof(first: int, start: int, size: int, nodes: Nodes, *, whole: bool) -> list[bytes]:
    if first == size:
        return [] if whole else [_subtree(start, size, nodes)]
    split = 1 << (size - 1).bit_length() - 1
    if first <= split:
        proof = _subproof(first, start, split, nodes, whole=whole)
        return [*proof, _subtree(start + split, size - split, nodes)]
    proof = _subproof(first - split, start + split, size - split, nodes, whole=False)
    return [*proof, _subtree(start, split, nodes)]
