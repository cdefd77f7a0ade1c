"""Change points, spans and areas against the plainest reading of the facts, moment by moment."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.edge import OPEN_END
from nexus_core.model.timeline import (
    Area,
    Fact,
    Point,
    areas,
    beliefs,
    believed,
    believed_at,
    greatest,
    history,
    periods,
    repeats,
    spans,
    value_at,
)

SMALL = st.integers(0, 6)
ENDS = st.one_of(st.just(OPEN_END), st.integers(1, 8))
FACTS = st.lists(
    st.builds(Fact, SMALL, st.sampled_from("abc"), st.sampled_from(("e1", "e2", "e3")), SMALL, ENDS), max_size=9
)
AREAS = st.lists(
    st.builds(
        lambda start, length, since, lasting: Area(
            start, start + length, since, since + lasting if lasting < 5 else OPEN_END
        ),
        SMALL,
        st.integers(1, 5),
        SMALL,
        st.integers(1, 5),
    ),
    max_size=6,
)
MOMENTS = range(-1, 12)


def plainly(facts, at, known_at):
    """The value at a moment of the facts known by then: that of the last moment that has any."""
    known = [fact for fact in facts if fact.since <= known_at < fact.until and fact.at <= at]
    last = max((fact.at for fact in known), default=None)
    return max((fact.value for fact in known if fact.at == last), default=None)


@given(FACTS)
def test_change_points_tell_what_the_facts_tell(facts):
    points = history(facts, greatest)
    for known_at in MOMENTS:
        held = believed(points, known_at)
        assert all(one.value != two.value for one, two in pairwise(held))
        for at in MOMENTS:
            assert value_at(points, at, known_at) == plainly(facts, at, known_at)


@given(FACTS, st.randoms())
def test_change_points_are_a_function_of_the_set_of_facts(facts, rnd):
    shuffled = [*facts, *facts[:2]]
    rnd.shuffle(shuffled)
    assert history(shuffled, greatest) == history(facts, greatest)


@given(FACTS)
def test_spans_cover_each_time_with_its_value_once(facts):
    points = history(facts, greatest)
    found = list(spans(points))
    for known_at in MOMENTS:
        for at in MOMENTS:
            held = [one.value for one in found if one.start <= at < one.end and one.since <= known_at < one.until]
            value = plainly(facts, at, known_at)
            assert held == ([] if value is None else [value])


@given(FACTS, SMALL, st.sampled_from("abc"), SMALL)
def test_a_fact_that_repeats_changes_no_change_point(facts, at, value, since):
    points = history(facts, greatest)
    new = Fact(at, value, "new", since)
    if repeats(points, new):
        assert history([*facts, new], greatest) == points


@given(FACTS, SMALL, st.sampled_from("abc"), SMALL)
def test_a_late_fact_recuts_what_it_touches_and_nothing_else(facts, at, value, since):
    before, after = history(facts, greatest), history([*facts, Fact(at, value, "late", since)], greatest)
    for known_at in MOMENTS:
        following = (fact.at for fact in facts if fact.since <= known_at < fact.until and fact.at > at)
        until = min(following, default=OPEN_END)
        for moment in MOMENTS:
            if known_at < since or not at <= moment < until:
                assert value_at(after, moment, known_at) == value_at(before, moment, known_at)


@given(AREAS, AREAS)
def test_areas_cover_the_same_in_one_way(parts, holes):
    found = areas(parts, holes)
    for known_at in MOMENTS:
        for at in MOMENTS:
            inside = _covered(parts, at, known_at) and not _covered(holes, at, known_at)
            assert sum(_within(area, at, known_at) for area in found) == inside
    assert areas(found) == found
    assert areas(reversed([*parts, *parts]), holes) == found


def _covered(parts, at, known_at):
    return any(_within(area, at, known_at) for area in parts)


def _within(area, at, known_at):
    return area.start <= at < area.end and area.since <= known_at < area.until


def test_a_late_fact_closes_what_was_believed_before():
    facts = [Fact(1, "a", "e1", 10), Fact(9, "a", "e2", 20), Fact(5, "b", "e3", 30)]
    assert history(facts, greatest) == [
        Point(1, "a", "e1", 10),
        Point(5, "b", "e3", 30),
        Point(9, "a", "e2", 30),
    ]
    assert [(span.start, span.end, span.since, span.until) for span in spans(history(facts, greatest))] == [
        (1, 5, 30, OPEN_END),
        (1, OPEN_END, 10, 30),
        (5, 9, 30, OPEN_END),
        (9, OPEN_END, 30, OPEN_END),
    ]


def test_the_most_believed_class_counts_and_the_first_schema_reaches_back():
    timelines = {"producer": [Point(3, "p", "e1", 3)], "harvest": [Point(5, "h", "e2", 7)]}
    assert believed_at(timelines, 1) == "h"
    assert believed_at(timelines, 4) == "p"
    assert believed_at(timelines, 6) == "h"
    assert believed_at(timelines, 6, known_at=6) == "p"
    assert beliefs(timelines, 6, since=4) == [(4, "p"), (7, "h")]
    assert periods(timelines) == [(0, 3, "h"), (3, 5, "p"), (5, OPEN_END, "h")]
