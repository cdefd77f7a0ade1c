from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.edge import OPEN_END
from nexus_core.model.moments import microseconds, moment
from nexus_core.model.retention import (
    LEAST_AGE,
    Horizon,
    clipped_areas,
    horizon_of,
    kept_areas,
)
from nexus_core.model.timeline import Area, areas

NOW = microseconds(moment(0)) + 400 * LEAST_AGE
TIMES = st.integers(0, 12)
ENDS = st.one_of(TIMES, st.just(OPEN_END))
AREAS = st.lists(st.builds(Area, TIMES, ENDS, TIMES, ENDS), max_size=6)
HORIZONS = st.tuples(TIMES, TIMES).map(lambda pair: Horizon(min(pair), max(pair)))


def told(valid_from, known_from=None):
    details = {"valid_from": moment(valid_from).isoformat()}
    if known_from is not None:
        details["known_from"] = moment(known_from).isoformat()
    return horizon_of(details, NOW)


def test_a_decision_names_one_moment_or_two():
    day = LEAST_AGE
    assert told(100 * day) == Horizon(100 * day, 100 * day)
    assert told(100 * day, 200 * day) == Horizon(100 * day, 200 * day)


def test_what_is_no_horizon_has_no_effect():
    day = LEAST_AGE
    assert told(NOW - day // 2) is None
    assert told(100 * day, NOW) is None
    assert told(200 * day, 100 * day) is None
    assert horizon_of({}, NOW) is None
    assert horizon_of({"valid_from": 7}, NOW) is None
    assert horizon_of({"valid_from": "2026-01-01T00:00:00"}, NOW) is None
    assert horizon_of({"valid_from": "1970-02-01T00:00:00Z", "known_from": None}, NOW) is None


@given(AREAS, HORIZONS)
def test_what_is_left_is_what_held_behind_neither_moment(found, horizon):
    left = clipped_areas(areas(found), horizon)
    for at in range(horizon.valid_from, 14):
        for known_at in range(horizon.known_from, 14):
            held = any(one.start <= at < one.end and one.since <= known_at < one.until for one in found)
            assert held == any(one.start <= at < one.end and one.since <= known_at < one.until for one in left)


@given(AREAS, HORIZONS)
def test_clipping_does_not_depend_on_what_was_left_out_before(found, horizon):
    whole = areas(found)
    assert clipped_areas(kept_areas(whole, horizon), horizon) == clipped_areas(whole, horizon)
    assert clipped_areas(clipped_areas(whole, horizon), horizon) == clipped_areas(whole, horizon)
