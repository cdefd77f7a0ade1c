"""What a bounded cache keeps."""

from __future__ import annotations

from nexus_core.worker.cache import Cache


def test_the_value_unused_for_longest_makes_room() -> None:
    kept: Cache[int] = Cache(2)
    for key in "ab":
        kept.put(key, 1)
    kept.get("a")
    kept.put("c", 1)
    assert [key for key in "abc" if key in kept] == ["a", "c"]


def test_weights_add_up_and_a_value_put_again_counts_once() -> None:
    kept: Cache[int] = Cache(10)
    kept.put("a", 1, 4)
    kept.put("a", 2, 6)
    kept.put("b", 1, 4)
    assert "a" in kept
    kept.put("c", 1, 1)
    assert "a" not in kept
    assert kept.get("b") == 1


def test_a_heavy_value_stays_until_another_comes() -> None:
    kept: Cache[int] = Cache(1)
    kept.put("a", 1, 100)
    assert kept.get("a") == 1


def test_one_that_is_told_to_trim_holds_everything_until_then() -> None:
    kept: Cache[int] = Cache(1, trims_itself=False)
    for key in "abc":
        kept.put(key, 1)
    assert all(key in kept for key in "abc")
    kept.trim()
    assert [key for key in "abc" if key in kept] == ["c"]


def test_what_was_used_since_a_moment_is_spared() -> None:
    kept: Cache[int] = Cache(1, trims_itself=False)
    for key in "abc":
        kept.put(key, 1)
    before = kept.use_count
    kept.get("a")
    kept.put("d", 1)
    kept.trim(kept.use_count - before)
    assert [key for key in "abcd" if key in kept] == ["a", "d"]
