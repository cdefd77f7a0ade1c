"""The walk through change points against what holds at each end of it."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.catalogue.changes import EdgeSide, FieldSide, Op, What, changes, fold
from nexus_core.catalogue.changes_walk import GONE, THERE, Evidence, Facts, Output, Window, walk
from nexus_core.model.edge import Edge, EdgeKind
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.timeline import NOW, Fact, greatest, history, point_at

OUTPUT = DatasetName("n", "t")
SOURCES = [DatasetName("n", name) for name in ("a", "b")]


def direct(source, field, subtype="IDENTITY", expression="", **more):
    return Edge(EdgeKind.DIRECT, subtype, "n", source, "k", "n", "t", field, expression, **more)


POOL = {
    "0": [direct("a", "x")],
    "1": [direct("a", "x"), direct("b", "x", "TRANSFORMATION", "b.k + 1")],
    "2": [direct("a", "x", "TRANSFORMATION", "a.k * 2"), direct("a", "x", inferred=True)],
    "3": [Edge(EdgeKind.INDIRECT, subtype, "n", "b", "k", "n", "t", "") for subtype in ("FILTER", "JOIN")],
    "4": [Edge(EdgeKind.WRITES, "", "", "", "", "n", "t", "")],
}
FIELDS = {"s0": [("x", "int")], "s1": [("x", "text"), ("y", "int")], "s2": [("y", "int")]}
MOMENT = st.integers(1, 12)


def together(values):
    return tuple(sorted({content for value in values for content in value}))


@st.composite
def facts_of(draw, values):
    since = draw(MOMENT)
    until = draw(st.one_of(st.just(None), MOMENT))
    event = f"e{draw(st.integers(0, 99))}"
    fact = Fact(draw(MOMENT), draw(values), event, since)
    return fact._replace(until=until) if until is not None and until > since else fact


CONTENTS = st.sets(st.sampled_from(sorted(POOL)), max_size=2).map(lambda found: tuple(sorted(found)))


@st.composite
def outputs(draw):
    evidence = [
        Evidence(
            f"k{n}", "sql", JobName("j", str(n)), history(draw(st.lists(facts_of(CONTENTS), max_size=6)), together)
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    schemas = {
        name: history(draw(st.lists(facts_of(st.sampled_from(sorted(FIELDS))), max_size=4)), greatest)
        for name in ("harvest", "producer")
    }
    existence = {
        name: points
        for name in (*SOURCES, OUTPUT)
        if (points := history(draw(st.lists(facts_of(st.sampled_from((THERE, GONE))), max_size=3)), greatest))
    }
    return Output(OUTPUT, evidence, schemas), Facts(POOL, FIELDS, existence)


def state(output, facts, at, known_at):
    """What holds at a moment, by definition: edges without jobs' as their ends, kind, subtype, expression; fields."""

    def gone(name):
        point = point_at(facts.existence.get(name, ()), at, known_at)
        return point is not None and point.value == GONE

    points = [point_at(one.versions, at, known_at) for one in output.evidence]
    edges = [edge for point in points if point for content in point.value for edge in POOL[content]]
    found = {
        (edge.source_name, edge.target_field, edge.kind, edge.subtype, edge.expression)
        for edge in edges
        if edge.kind != EdgeKind.WRITES and not gone(DatasetName("n", edge.source_name))
    }
    told = [point_at(output.schemas[name], at, known_at) for name in ("harvest", "producer")]
    schema = next((point.value for point in told if point), None)
    fields = () if schema is None or gone(OUTPUT) else FIELDS[schema]
    return found | {("", field, "", "", type_) for field, type_ in fields}


def shape(side):
    if isinstance(side, FieldSide):
        return ("", side.field, "", "", side.type)
    edge = side.edge
    return (edge.source_name, edge.target_field, edge.kind, edge.subtype, edge.expression)


def applied(before, rows):
    now = set(before)
    for row in rows:
        if row.before is not None:
            assert shape(row.before) in now
            now.remove(shape(row.before))
    for row in rows:
        if row.after is not None:
            assert shape(row.after) not in now
            now.add(shape(row.after))
    return now


@given(told=outputs(), ends=st.tuples(st.integers(0, 13), st.integers(0, 13)), known_at=st.one_of(MOMENT, st.just(NOW)))
def test_what_held_and_a_difference_give_what_holds(told, ends, known_at):
    output, facts = told
    start, end = min(ends), max(ends)
    steps = list(walk(output, facts, Window(start, end, known_at)))
    first, last = (state(output, facts, at, known_at) for at in (start, end))
    rows = [row for turn in fold(steps) for row in changes(OUTPUT, turn)]
    assert applied(first, rows) == last
    moments = defaultdict(list)
    for turn in steps:
        moments[next(iter(turn.causes.values())).at] += changes(OUTPUT, turn)
    now = first
    for at, of in sorted(moments.items()):
        assert start < at <= end
        now = applied(now, of)
        assert now == state(output, facts, at, known_at)
        assert {row.cause.at for row in of} == {at}
    assert now == last
    events = {
        (point.at, point.event_id)
        for points in (
            *(one.versions for one in output.evidence),
            *output.schemas.values(),
            *facts.existence.values(),
        )
        for point in points
    }
    assert {tuple(row.cause) for row in rows} <= events


@given(told=outputs(), known_at=st.one_of(MOMENT, st.just(NOW)))
def test_rows_say_what_they_are(told, known_at):
    output, facts = told
    turns = list(walk(output, facts, Window(0, 13, known_at)))
    for row in (row for turn in [*turns, *fold(turns)] for row in changes(OUTPUT, turn)):
        sides = [side for side in (row.before, row.after) if side is not None]
        assert (len(sides) == 2) == (row.op is Op.CHANGED)
        assert {type(side) for side in sides} == {FieldSide if row.what in (What.FIELD, What.TYPE) else EdgeSide}
        assert (row.op is Op.CHANGED) <= (row.what in (What.TYPE, What.TRANSFORMATION))
    keys = [row.key for turn in turns for row in changes(OUTPUT, turn)]
    assert len(set(keys)) == len(keys)
