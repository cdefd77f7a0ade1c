from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.connectors._mongodb_pipeline import _STAGES, Flow, resolve
from nexus_core.model.names import DatasetName

DB = DatasetName("mongodb://m:27017", "shop")


def _flow(*stages: dict[str, Any]) -> Flow:
    return resolve(DB, "orders", stages)


def _links(*stages: dict[str, Any], known: str = "") -> set[str]:
    """Write links as `FIELD < COLLECTION.FIELD KIND`; `*` is all rows."""
    flow = _flow(*stages)
    paths = [tuple(path.split(".")) for path in known.split()]
    return {
        f"{link.field or '*'} < {link.source.name.removeprefix('shop.')}.{link.source_field} {link.subtype}"
        for link in flow.links(paths)
    }


CASES: list[tuple[str, list[dict[str, Any]], str, set[str]]] = [
    ("nothing changes", [{"$limit": 1}], "a a.b", {"a < orders.a IDENTITY", "a.b < orders.a.b IDENTITY"}),
    (
        "match filters",
        [{"$match": {"a": 1, "$or": [{"b.0.c": 2}]}}],
        "",
        {"* < orders.a FILTER", "* < orders.b.c FILTER"},
    ),
    ("match by expression", [{"$match": {"$expr": {"$gt": ["$a", 1]}}}], "", {"* < orders.a FILTER"}),
    (
        "inclusion keeps _id",
        [{"$project": {"a": 1, "b": "$c.d"}}],
        "a z",
        {"_id < orders._id IDENTITY", "a < orders.a IDENTITY", "b < orders.c.d IDENTITY"},
    ),
    ("inclusion without _id", [{"$project": {"_id": 0, "a": True}}], "_id a", {"a < orders.a IDENTITY"}),
    ("exclusion", [{"$project": {"a": 0}}], "a b", {"b < orders.b IDENTITY"}),
    ("only _id excluded", [{"$project": {"_id": 0}}], "_id b", {"b < orders.b IDENTITY"}),
    (
        "nested projection",
        [{"$project": {"_id": 0, "o": {"x": 1, "y": {"$add": ["$p", 1]}}}}],
        "",
        {"o.x < orders.o.x IDENTITY", "o.y < orders.p TRANSFORMATION"},
    ),
    (
        "set beside",
        [{"$set": {"o.n": {"$toUpper": "$a"}}}],
        "o.m",
        {"o < orders.o IDENTITY", "o.m < orders.o.m IDENTITY", "o.n < orders.a TRANSFORMATION"},
    ),
    (
        "set reads the former document",
        [{"$set": {"a": "$b", "b": "$a"}}],
        "",
        {"a < orders.b IDENTITY", "b < orders.a IDENTITY"},
    ),
    ("unset", [{"$unset": ["a", "b"]}], "a b c", {"c < orders.c IDENTITY"}),
    (
        "group",
        [
            {
                "$group": {
                    "_id": {"k": "$k"},
                    "s": {"$sum": {"$multiply": ["$p", "$q"]}},
                    "n": {"$sum": 1},
                    "all": {"$push": "$$ROOT"},
                }
            }
        ],
        "all.x",
        {
            "_id.k < orders.k IDENTITY",
            "s < orders.p AGGREGATION",
            "s < orders.q AGGREGATION",
            "all.x < orders.x AGGREGATION",
            "* < orders.k GROUP_BY",
        },
    ),
    (
        "lookup",
        [
            {"$lookup": {"from": "customers", "localField": "c", "foreignField": "_id", "as": "who"}},
            {"$unwind": "$who"},
        ],
        "c who.name",
        {
            "c < orders.c IDENTITY",
            "who.name < customers.name IDENTITY",
            "* < orders.c JOIN",
            "* < customers._id JOIN",
        },
    ),
    (
        "lookup with a pipeline",
        [
            {
                "$lookup": {
                    "from": "customers",
                    "let": {"k": "$c"},
                    "pipeline": [
                        {"$match": {"$expr": {"$eq": ["$key", "$$k"]}}},
                        {"$project": {"_id": 0, "n": "$name"}},
                    ],
                    "as": "who",
                }
            }
        ],
        "",
        {"who.n < customers.name IDENTITY", "* < customers.key FILTER", "* < orders.c FILTER"},
    ),
    ("union", [{"$unionWith": "old"}], "a", {"a < orders.a IDENTITY", "a < old.a IDENTITY"}),
    (
        "graph",
        [
            {
                "$graphLookup": {
                    "from": "parts",
                    "startWith": "$p",
                    "connectFromField": "up",
                    "connectToField": "id",
                    "as": "t",
                    "depthField": "d",
                }
            }
        ],
        "t.name",
        {"t.name < parts.name IDENTITY", "* < orders.p JOIN", "* < parts.up JOIN", "* < parts.id JOIN"},
    ),
    ("replace root", [{"$replaceRoot": {"newRoot": "$o"}}], "x", {"x < orders.o.x IDENTITY"}),
    (
        "merged objects",
        [{"$replaceWith": {"$mergeObjects": ["$$ROOT", {"a": {"$toInt": "$b"}}]}}],
        "z",
        {"a < orders.b TRANSFORMATION", "z < orders.z IDENTITY"},
    ),
    (
        "facets",
        [{"$facet": {"top": [{"$sort": {"a": 1}}], "n": [{"$count": "all"}]}}],
        "top.a",
        {"top.a < orders.a IDENTITY", "* < orders.a SORT"},
    ),
    (
        "conditions are indirect",
        [{"$project": {"_id": 0, "a": {"$cond": [{"$gt": ["$x", 1]}, "$y", None]}}}],
        "",
        {"a < orders.y TRANSFORMATION", "a < orders.x CONDITIONAL"},
    ),
    (
        "map over an array",
        [
            {
                "$project": {
                    "_id": 0,
                    "l": {"$map": {"input": "$lines", "as": "i", "in": {"s": "$$i.sku", "t": {"$add": ["$$i.p", 1]}}}},
                }
            }
        ],
        "",
        {"l.s < orders.lines.sku IDENTITY", "l.t < orders.lines.p TRANSFORMATION"},
    ),
    (
        "windows",
        [
            {
                "$setWindowFields": {
                    "partitionBy": "$k",
                    "sortBy": {"t": 1},
                    "output": {"run": {"$sum": "$v", "window": {}}},
                }
            }
        ],
        "",
        {"run < orders.v AGGREGATION", "run < orders.k WINDOW", "run < orders.t WINDOW"},
    ),
    (
        "bucket",
        [{"$bucket": {"groupBy": "$p", "boundaries": [0, 1]}}],
        "",
        {"_id < orders.p TRANSFORMATION", "* < orders.p GROUP_BY"},
    ),
    ("sort by count", [{"$sortByCount": "$tag"}], "", {"_id < orders.tag IDENTITY", "* < orders.tag GROUP_BY"}),
    (
        "fill",
        [{"$fill": {"output": {"a": {"value": "$b"}}}}],
        "",
        {"a < orders.a TRANSFORMATION", "a < orders.b TRANSFORMATION"},
    ),
    ("search", [{"$search": {"text": {"path": "title", "query": "x"}}}], "", {"* < orders.title FILTER"}),
    ("literals come from nowhere", [{"$project": {"_id": 0, "a": {"$literal": "$b"}}}], "", set()),
    (
        "let",
        [{"$project": {"_id": 0, "a": {"$let": {"vars": {"v": "$x.y"}, "in": "$$v"}}}}],
        "",
        {"a < orders.x.y IDENTITY"},
    ),
]


@pytest.mark.parametrize(("stages", "known", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_fields_come_from(stages: list[dict[str, Any]], known: str, expected: set[str]) -> None:
    assert _links(*stages, known=known) == expected


def test_out_and_merge_name_what_they_write() -> None:
    assert _flow({"$out": {"db": "dw", "coll": "t"}}).target.dataset.name == "dw.t"  # type: ignore[union-attr]
    merged = _flow({"$merge": {"into": "t", "on": ["k"]}})
    assert merged.target is not None
    assert (merged.target.dataset.name, merged.target.replaces) == ("shop.t", False)
    assert _links({"$merge": {"into": "t", "on": ["k"]}}, known="a") == {"a < orders.a IDENTITY", "* < orders.k JOIN"}


def test_a_merge_that_updates_does_not_feed_itself() -> None:
    stage = {"$merge": {"into": "t", "whenMatched": [{"$set": {"n": {"$add": ["$n", "$$new.n"]}}}]}}
    assert _links(stage, known="a") == {
        "a < orders.a IDENTITY",
        "n < orders.n IDENTITY",
        "n < orders.n TRANSFORMATION",
        "n < t.n TRANSFORMATION",
        "* < orders._id JOIN",
    }


def test_what_is_unknown_leaves_collections_and_is_named() -> None:
    flow = _flow({"$unionWith": "old"}, {"$magic": {}}, {"$project": {"a": 1}})
    assert flow.opaque == "$magic"
    assert [name.name for name in flow.reads] == ["shop.orders", "shop.old"]
    assert flow.links([("a",)]) == ()


def test_a_pipeline_that_begins_with_documents() -> None:
    flow = resolve(DB, None, [{"$documents": [{"a": 1}]}, {"$out": "t"}])
    assert (flow.reads, flow.links()) == ((), ())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["$a", "$$v.b", "$$ROOT", "a.b", "", "$", "$$"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "$cond", "$map", "in", "input", "from", "as", "$filter", ""]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from(sorted(_STAGES)), _JSON), max_size=4))
def test_any_shape_is_followed_or_named(stages: list[tuple[str, Any]]) -> None:
    flow = _flow(*({name: argument} for name, argument in stages))
    assert len(set(flow.links([("a",)]))) == len(flow.links([("a",)]))
