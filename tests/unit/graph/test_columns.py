import pytest

from nexus_core.graph.claims import Claim, HeldEdge
from nexus_core.graph.columns import columns_known, knows_columns
from nexus_core.graph.difference import difference
from nexus_core.model.edge import OPEN_END, Edge, EdgeKind
from nexus_core.model.timeline import Area

WHOLE = Edge(EdgeKind.DATASET, "", "n", "a", "", "n", "b", "")
COLUMN = Edge(EdgeKind.DIRECT, "IDENTITY", "n", "a", "x", "n", "b", "y")
OTHER = COLUMN._replace(source_field="z")
FILTER = Edge(EdgeKind.INDIRECT, "FILTER", "n", "a", "x", "n", "b", "")
ELSEWHERE = COLUMN._replace(target_name="c")


def held(edge, *spans):
    return HeldEdge(edge, tuple(Area(start, end, 0, OPEN_END) for start, end in spans), (), "")


@pytest.mark.parametrize(
    ("others", "known"),
    [
        ([], False),
        ([held(COLUMN, (0, 10))], True),
        ([held(FILTER, (0, 10))], True),
        ([held(ELSEWHERE, (0, 10))], False),
        ([held(COLUMN, (0, 9))], False),
        ([held(COLUMN, (1, 20))], False),
        ([held(COLUMN, (0, 4), (4, 7)), held(OTHER, (6, 12))], True),
        ([held(COLUMN, (0, 4)), held(OTHER, (5, 10))], False),
    ],
)
def test_an_edge_between_datasets_stands_beside_columns_for_as_long_as_it_holds(others, known):
    whole = held(WHOLE, (0, 4), (4, 10))
    assert knows_columns(whole, columns_known([whole, *others])) is known


def test_only_what_is_believed_between_datasets_knows_columns():
    known = columns_known([held(COLUMN, (0, OPEN_END))])
    assert not knows_columns(held(COLUMN, (0, OPEN_END)), known)
    assert not knows_columns(HeldEdge(WHOLE, (), (Area(0, 5, 0, 9),), ""), known)


def test_the_graph_is_told():
    claim = Claim("e", "event", None, [held(WHOLE, (0, 10)), held(COLUMN, (0, 10))])
    created = difference([claim], []).created
    assert created["Dataset", "FED", "Dataset"][0]["properties"]["columns"] is True
    assert "columns" not in created["Field", "FED", "Field"][0]["properties"]
