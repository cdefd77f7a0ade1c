from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import Binary, Decimal128, Int64, ObjectId
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.connectors import _mongodb_shape
from nexus_core.connectors._mongodb_schema import declared, inferred, merged, paths, tagged
from nexus_core.connectors.objects import SourceField, Tag


def _shown(fields: tuple[SourceField, ...], prefix: str = "") -> dict[str, str]:
    found = {}
    for each in fields:
        found[prefix + each.name] = each.type
        found |= _shown(each.fields, f"{prefix}{each.name}.")
    return found


def test_names_types_as_mongodb_does() -> None:
    document = {
        "_id": ObjectId(), "a": 1, "b": Int64(1), "c": 1.5, "d": Decimal128("1"), "e": "x", "f": None, "g": True,
        "h": datetime.now(UTC), "i": Binary(b"x", 4), "j": [1, "x"], "k": [], "l": [[{"m": 1}]], "n": {"o": 1},
    }  # fmt: skip
    assert _shown(inferred([document])) == {
        "_id": "objectId", "a": "int", "b": "long", "c": "double", "d": "decimal", "e": "string", "f": "null",
        "g": "bool", "h": "date", "i": "binData", "j": "array<int|string>", "k": "array", "l": "array<object>",
        "l.m": "int", "n": "object", "n.o": "int",
    }  # fmt: skip


def test_tells_shares_of_documents_and_of_types() -> None:
    a, b = inferred([{"a": 1, "b": {"c": 1}}, {"a": None}, {"a": "x"}, {}])
    assert (a.presence, a.types, a.type) == (0.75, (("int", 0.33), ("null", 0.33), ("string", 0.33)), "int|string")
    assert (b.presence, b.fields[0].presence) == (0.25, 1.0)


def test_keys_that_are_values_never_leave() -> None:
    by_mail = {"spent": {f"p{n}@example.com": {"n": n} for n in range(4)}}
    by_name = [{"seen": {f"name {n}": 1}} for n in range(200)]
    assert _shown(inferred([by_mail])) == {"spent": "object", "spent.*": "object", "spent.*.n": "int"}
    assert _shown(inferred(by_name)) == {"seen": "object", "seen.*": "int"}


def test_a_validator_adds_what_it_declares() -> None:
    said = declared(
        {"required": ["a"], "properties": {"a": {"bsonType": "int", "description": "A"}, "z": {"type": "integer"}}}
    )
    a, b, z = merged(inferred([{"a": 1, "b": 2}]), said)
    assert (a.description, a.nullable, a.presence) == ("A", False, 1.0)
    assert (b.nullable, z.type, z.nullable, z.presence) == (None, "int", True, 0.0)
    assert declared({"properties": "nonsense"}) == ()


def test_tags_fields_by_path() -> None:
    (a,) = tagged(inferred([{"a": {"b": 1}}]), {"a.b": Tag("encrypted")})
    assert (a.tags, a.fields[0].tags) == ((), (Tag("encrypted"),))


_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.text(max_size=3), _VALUES, max_size=4), max_size=4))
def test_the_order_of_documents_and_fields_does_not_matter(documents: list[dict[str, Any]]) -> None:
    turned = [dict(reversed(list(each.items()))) for each in reversed(documents)]
    assert inferred(documents) == inferred(turned)
    assert all(0 <= each.presence <= 1 for each in inferred(documents) if each.presence is not None)
    assert len(list(paths(inferred(documents)))) == len(set(paths(inferred(documents))))


_SECRET = "ada@example.com"


def test_values_become_question_marks() -> None:
    command = {
        "aggregate": "orders",
        "pipeline": [
            {"$match": {"key": _SECRET, "from": {"$in": [_SECRET, 2]}, "$expr": {"$eq": ["$a", _SECRET]}}},
            {"$set": {"path": _SECRET, "as": {"$literal": "$x"}, "from": _SECRET, "n": {"$add": ["$n", 5]}}},
            {"$lookup": {"from": "c", "localField": "a", "foreignField": "b", "as": "d", "pipeline": [{"$limit": 7}]}},
            {"$project": {"a": 1, "b": {"$concat": ["$a", _SECRET]}}},
            {"$merge": {"into": {"db": "x", "coll": "y"}, "on": "k"}},
        ],
        "comment": _SECRET,
    }
    assert _mongodb_shape.of_command(command) == {
        "aggregate": "orders",
        "pipeline": [
            {"$match": {"key": "?", "from": {"$in": ["?"]}, "$expr": {"$eq": ["$a", "?"]}}},
            {"$set": {"path": "?", "as": {"$literal": "?"}, "from": "?", "n": {"$add": ["$n", "?"]}}},
            {
                "$lookup": {
                    "from": "c",
                    "localField": "a",
                    "foreignField": "b",
                    "as": "d",
                    "pipeline": [{"$limit": "?"}],
                }
            },
            {"$project": {"a": 1, "b": {"$concat": ["$a", "?"]}}},
            {"$merge": {"into": {"db": "x", "coll": "y"}, "on": "k"}},
        ],
    }
