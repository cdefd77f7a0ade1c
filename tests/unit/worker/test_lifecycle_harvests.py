"""What harvests say of a source's objects: ends, returns, holds, verdicts, and both times."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.model.edge import OPEN_END
from nexus_core.model.retirement import RetirementState as State
from nexus_core.worker.lifecycle_harvests import (
    Finding,
    Guard,
    Harvest,
    Named,
    Outcome,
    Verdict,
    outcome,
    sweep,
)

SPACE = "postgres://db:5432"
ALWAYS = Guard(0, "guard", 0, 1.0, 1)  # holds nothing


def named(*names: str) -> frozenset[Named]:
    return frozenset((SPACE, name) for name in names)


def harvest(at: int, *names: str, known_at: int | None = None, scope: str = "*", partial: bool = False) -> Harvest:
    key = ",".join(sorted(names))
    return Harvest(at, f"h{at}", at + 1 if known_at is None else known_at, scope, key, named(*names), partial)


def ends(found: Outcome, known_at: int = OPEN_END - 1) -> set[tuple[str, int, bool]]:
    """Object, moment, and whether it was there, as believed at a recorded time."""
    return {(one.named[1], one.at, one.exists) for one in found.findings if one.since <= known_at < one.until}


def told(harvests: Iterable[Harvest], verdicts: Iterable[Verdict] = (), guards: Iterable[Guard] = (ALWAYS,)) -> Outcome:
    return outcome(harvests, verdicts, guards)


def test_what_a_harvest_lacks_ends_and_what_it_lists_again_is_back():
    found = told([harvest(10, "a", "b"), harvest(20, "a"), harvest(30, "a", "b")])
    assert ends(found) == {("b", 20, False), ("b", 30, True)}
    assert [set(one.objects.values()) for one in found.retirements] == [{State.RETURNED}]


def test_an_object_that_was_never_listed_does_not_end():
    assert told([harvest(10), harvest(20, "a"), harvest(30, "a", "b")]).findings == []


def test_a_partial_harvest_lists_but_retires_nothing():
    found = told([harvest(10, "a", "b"), harvest(20, partial=True), harvest(30, "b"), harvest(40, "a", partial=True)])
    assert ends(found) == {("a", 30, False), ("a", 40, True)}


def test_leaving_the_scope_ends_nothing_and_is_told():
    found = told([harvest(10, "core.a", "raw.b", scope="core.*,raw.*"), harvest(20, "core.a", scope="core.*")])
    assert ends(found) == set()
    assert {name: of.at for (_, name), of in found.unharvested.items()} == {"raw.b": 20}


def test_what_is_harvested_again_is_harvested():
    wide = [harvest(at, "core.a", "raw.b", scope="*") for at in (10, 30)]
    found = told([*wide, harvest(20, "core.a", scope="core.*")])
    assert found.unharvested == {}


def test_two_schedules_of_one_source_do_not_retire_each_others_objects():
    found = told(
        [harvest(at, "core.a", scope="core.*") for at in (10, 30)]
        + [harvest(at, "raw.b", scope="raw.*") for at in (20, 40)]
    )
    assert (found.findings, dict(found.unharvested)) == ([], {})


def test_a_late_harvest_moves_the_end_and_the_former_belief_is_kept():
    found = told([harvest(10, "a"), harvest(30, known_at=31), harvest(20, known_at=40)])
    assert ends(found) == {("a", 20, False)}
    assert ends(found, known_at=35) == {("a", 30, False)}


def test_mass_retirement_is_held_until_a_steward_confirms():
    many = [f"t{number}" for number in range(40)]
    runs = [harvest(10, *many), harvest(20, *many[:20])]
    found = told(runs, guards=())
    assert found.findings == []
    (hold,) = found.retirements
    assert (hold.held, hold.covered_count, set(hold.objects.values())) == (True, 40, {State.HELD})
    confirmed = told(runs, [Verdict(50, "v", "confirm", "h20", named(*many[20:30]))], guards=())
    assert ends(confirmed) == {(name, 20, False) for name in many[20:30]}
    assert all(one.since == 50 and one.event_id == "v" for one in confirmed.findings)
    assert sorted(confirmed.retirements[0].objects.values()) == [State.ENDED] * 10 + [State.HELD] * 10


def test_few_objects_are_never_held_however_large_their_share():
    assert ends(told([harvest(10, "a", "b"), harvest(20)], guards=())) == {("a", 20, False), ("b", 20, False)}


def test_a_later_harvest_does_not_hold_again_what_is_held_and_frees_what_it_lists():
    many = [f"t{number}" for number in range(40)]
    found = told([harvest(10, *many), harvest(20, *many[:20]), harvest(30, *many[:21])], guards=())
    (hold,) = found.retirements
    assert hold.objects[SPACE, "t20"] is State.RETURNED
    assert found.findings == []


def test_undo_takes_the_end_back_and_keeps_the_object_while_harvests_lack_it():
    runs = [harvest(10, "a", "b"), harvest(20, "a"), harvest(30, "a")]
    found = told(runs, [Verdict(50, "v", "undo", "h20", named("b"))])
    assert ends(found) == set()
    assert found.findings == [Finding((SPACE, "b"), "h20", 20, False, 21, 50)]
    again = told([*runs, harvest(60, "a", "b"), harvest(70, "a")], [Verdict(50, "v", "undo", "h20", named("b"))])
    assert ends(again) == {("b", 70, False)}


def test_the_guard_of_the_harvests_time_decides():
    many = [f"t{number}" for number in range(40)]
    runs = [harvest(10, *many), harvest(20, *many[:39]), harvest(30, *many[:38])]
    found = told(runs, guards=[Guard(25, "g", 26, 0.0, 1)])
    assert ends(found) == {("t39", 20, False)}
    assert [retirement.held for retirement in found.retirements] == [False, True]


NAMES = st.frozensets(st.sampled_from(["a.1", "a.2", "b.1", "b.2", "b.3"]))


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Harvest], list[Verdict], list[Guard]]:
    scopes = st.sampled_from(["*", "a.*", "b.*", "a.*,b.*"])
    harvests = []
    for index in range(draw(st.integers(1, 6))):
        scope = draw(scopes)
        inside = [name for name in draw(NAMES) if scope in ("*", "a.*,b.*") or name[0] == scope[0]]
        at, known_at = draw(st.integers(1, 8)), draw(st.integers(1, 12))
        key = ",".join(sorted(inside))
        harvests.append(Harvest(at, f"h{index}", known_at, scope, key, named(*inside), draw(st.booleans())))
    verdicts = [
        Verdict(draw(st.integers(1, 14)), f"v{index}", action, draw(st.sampled_from(harvests)).event_id, named(*names))
        for index, (action, names) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from(["confirm", "undo"]), NAMES), max_size=3))
        )
    ]
    guards = [
        Guard(draw(st.integers(0, 8)), f"g{index}", draw(st.integers(1, 12)), share, 1)
        for index, share in enumerate(draw(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=2)))
    ]
    return harvests, verdicts, guards


@settings(max_examples=300, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_and_every_recorded_time_is_what_was_known_then(story, random):
    found = outcome(*story)
    shuffled = [[*part, *part[:1]] for part in story]
    for part in shuffled:
        random.shuffle(part)
    assert outcome(*shuffled) == found
    for known_at in range(1, 15):
        then = outcome(*([one for one in part if one.known_at <= known_at] for part in story))
        assert ends(found, known_at) == ends(then)


@settings(max_examples=300, deadline=None)
@given(stories())
def test_going_on_from_a_former_sweep_gives_the_same(story):
    harvests, verdicts, guards = story
    last = max(harvests, key=lambda one: (one.at, one.event_id))
    former = [one for one in harvests if one != last]
    made = sweep(former, verdicts, guards)
    if made.prolongs([(last.at, last.event_id, last.known_at)]):
        made.prolong([last])
        assert made.outcome() == outcome(harvests, verdicts, guards)


def test_a_late_harvest_prolongs_nothing():
    made = sweep([harvest(10, "a"), harvest(30)], (), ())
    assert made.prolongs([(40, "h", 41)])
    assert not made.prolongs([(20, "h", 41)])
    assert not made.prolongs([(40, "h", 31)])
