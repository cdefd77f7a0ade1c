"""When one dataset was there: who ends it, who brings it back, and what was believed when."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.model.edge import OPEN_END
from nexus_core.worker.lifecycle_subject import By, Statement, Turn, turns


def gone(at: int, by: By = By.CURATOR, since: int | None = None, until: int = OPEN_END) -> Statement:
    return Statement(at, f"g{at}", False, by, at if since is None else since, until)


def there(at: int, by: By = By.WRITE, since: int | None = None) -> Statement:
    return Statement(at, f"t{at}", True, by, at if since is None else since)


def seen(told: list[Statement], known_at: int = OPEN_END - 1) -> list[tuple[int, bool]]:
    return [(turn.at, turn.exists) for turn in turns(told) if turn.since <= known_at < turn.until]


def test_a_write_brings_back_whatever_ended():
    assert seen([gone(10), there(5), there(20)]) == [(10, False), (20, True)]


def test_a_producers_facet_does_not_end_what_a_harvest_has_listed():
    assert seen([gone(10, By.PRODUCER)]) == [(10, False)]
    assert seen([gone(10, By.PRODUCER), there(5, By.LISTING)]) == []


def test_what_was_believed_before_the_harvest_was_known_stays_on_record():
    told = [gone(10, By.PRODUCER), there(5, By.LISTING, since=30)]
    assert turns(told) == [Turn(10, False, "g10", 10, 30)]


def test_a_harvest_that_lists_answers_a_facet_but_no_steward():
    assert seen([gone(10, By.HARVEST), there(20, By.LISTING)]) == [(10, False), (20, True)]
    assert seen([gone(10, By.CURATOR), there(20, By.LISTING)]) == [(10, False)]


def test_of_both_at_one_moment_being_there_holds():
    assert seen([gone(10), there(10)]) == []
    assert seen([gone(10, By.HARVEST), there(10, By.LISTING)]) == []


def test_what_was_undone_was_believed_until_then():
    told = [gone(10, until=30)]
    assert (seen(told, known_at=20), seen(told)) == ([(10, False)], [])


STATEMENTS = st.lists(
    st.builds(
        lambda at, event, exists, by, since, last: Statement(at, event, exists, by, since, since + last),
        st.integers(1, 6),
        st.sampled_from("abcd"),
        st.booleans(),
        st.sampled_from(sorted(By)),
        st.integers(1, 6),
        st.sampled_from([2, 5, OPEN_END]),
    ),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(STATEMENTS, st.randoms(use_true_random=False))
def test_every_recorded_time_shows_what_was_known_then_in_any_order(told, random):
    told = [one._replace(until=min(one.until, OPEN_END)) for one in told]
    shuffled = [*told, *told[:2]]
    random.shuffle(shuffled)
    assert turns(shuffled) == turns(told)
    for known_at in range(1, 13):
        then = [one._replace(since=0, until=OPEN_END) for one in told if one.since <= known_at < one.until]
        assert seen(told, known_at) == seen(then)
