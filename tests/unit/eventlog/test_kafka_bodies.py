"""The bodies of events that a worker keeps."""

from nexus_core.eventlog.kafka_bodies import Bodies
from nexus_core.eventlog.kafka_record import Body


def body(size: int) -> Body:
    return Body(b"x" * (size - 1), b"s")


def test_the_longest_unused_go_first() -> None:
    bodies = Bodies(100)
    for name in "abc":
        bodies.put(name, body(30))
    assert bodies.get("a") is not None
    bodies.put("d", body(30))
    assert [name for name in "abcd" if bodies.get(name)] == ["a", "c", "d"]


def test_one_that_is_larger_than_all_room_is_kept_until_the_next() -> None:
    bodies = Bodies(100)
    bodies.put("large", body(1000))
    assert bodies.get("large") == body(1000)
    bodies.put("small", body(10))
    assert (bodies.get("large"), bodies.get("small")) == (None, body(10))


def test_what_is_dropped_makes_room() -> None:
    bodies = Bodies(100)
    bodies.put("a", body(40))
    bodies.put("a", body(60))
    assert bodies.size == 60
    bodies.drop(["a", "unknown"])
    assert bodies.size == 0
