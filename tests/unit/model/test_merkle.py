"""Trees against their definition, and the published vectors of RFC 6962's reference log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.merkle import (
    EMPTY_ROOT,
    Frontier,
    Nodes,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The inputs and roots of certificate-transparency's own tests (merkletree tests, "ReferenceMerkleTree").
VECTORS = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
VECTORS += [b"\x50\x51\x52\x53\x54\x55\x56\x57", bytes(range(0x60, 0x70))]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def naive(leaves: list[bytes]) -> bytes:
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive(leaves[:split]), naive(leaves[split:]))


def nodes_of(leaves: list[bytes]) -> Nodes:
    frontier, known = Frontier(), {}
    for leaf in leaves:
        known.update({(level, index): found for level, index, found in frontier.add(leaf)})
    return lambda level, index: known[level, index]


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_published_roots(size: int, root: str) -> None:
    assert root_of(map(leaf_hash, VECTORS[:size])).hex() == root


@given(st.integers(0, 70))
def test_roots_are_as_defined(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    assert root_of(leaves) == naive(leaves)


@given(st.integers(1, 70), st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, nodes_of(leaves))
    root = root_of(leaves)
    assert verify_inclusion(leaves[index], index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"another"), index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert verify_inclusion(leaves[index], other, size, proof, root) == (other == index)
    assert not verify_inclusion(leaves[index], index, size, [*proof, root], root)
    if proof:
        assert not verify_inclusion(leaves[index], index, size, proof[:-1], root)


@given(st.integers(1, 70), st.data())
def test_consistency(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    first = data.draw(st.integers(1, size))
    proof = consistency_proof(first, size, nodes_of(leaves))
    old, new = root_of(leaves[:first]), root_of(leaves)
    assert verify_consistency(first, size, proof, old, new)
    changed = data.draw(st.integers(0, first - 1))
    forged = [*leaves]
    forged[changed] = leaf_hash(b"forged")
    again = consistency_proof(first, size, nodes_of(forged))
    assert not verify_consistency(first, size, again, old, root_of(forged))
    assert not verify_consistency(first, size, [*proof, old], old, new)


def test_outside_of_the_tree() -> None:
    leaves = [leaf_hash(b"a"), leaf_hash(b"b")]
    with pytest.raises(LookupError):
        inclusion_proof(2, 2, nodes_of(leaves))
    with pytest.raises(LookupError):
        consistency_proof(0, 2, nodes_of(leaves))
    assert not verify_inclusion(leaves[0], 2, 2, [], leaves[0])
    assert not verify_consistency(3, 2, [], leaves[0], leaves[1])
