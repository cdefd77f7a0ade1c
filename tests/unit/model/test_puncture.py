"""Keys of which single uses are destroyed, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.puncture import DEPTH, leaf_key, punctured

ROOT = {"": b"k" * 32}
IDS = st.text("0123456789abcdef", min_size=DEPTH, max_size=DEPTH)
NEAR = st.builds(lambda head, tail: (head + tail)[-DEPTH:].rjust(DEPTH, "0"), st.just(""), st.text("0f", max_size=4))


@given(st.lists(IDS | NEAR, max_size=5), st.lists(IDS | NEAR, max_size=8))
def test_what_was_destroyed_is_gone_and_all_else_is_as_before(destroyed: list[str], others: list[str]) -> None:
    nodes = dict(ROOT)
    for each in destroyed:
        nodes = punctured(nodes, each)
    assert all(leaf_key(nodes, each) is None for each in destroyed)
    for each in set(others) - set(destroyed):
        assert leaf_key(nodes, each) == leaf_key(ROOT, each)


@given(st.lists(IDS, min_size=1, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(destroyed: list[str], random) -> None:  # type: ignore[no-untyped-def]
    once, again = dict(ROOT), dict(ROOT)
    for each in destroyed:
        once = punctured(once, each)
    for each in random.sample(destroyed * 2, len(destroyed) * 2):
        again = punctured(again, each)
    assert once == again


@given(IDS)
def test_no_key_on_the_way_is_left(each: str) -> None:
    nodes = punctured(ROOT, each)
    assert not any(each.startswith(way) for way in nodes)
    assert len(nodes) == 15 * DEPTH
