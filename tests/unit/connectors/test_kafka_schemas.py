"""Schemas of a registry as nested fields."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.connectors import _kafka_avro as avro
from nexus_core.connectors import _kafka_json_schema as json_schema
from nexus_core.connectors import _kafka_protobuf as protobuf
from nexus_core.connectors._kafka_schema import FIELDS_MAX, SchemaError
from nexus_core.connectors.objects import SourceField, Tag

FILES = Path(__file__).parents[2] / "golden" / "harvest" / "kafka" / "schemas"


def shown(fields: tuple[SourceField, ...], prefix: str = "") -> dict[str, str]:
    found = {}
    for field in fields:
        found[prefix + field.name] = field.type
        found |= shown(field.fields, f"{prefix}{field.name}.")
    return found


def text(name: str) -> str:
    return (FILES / name).read_text()


def test_avro_names_are_found_in_references_and_where_they_stand_twice() -> None:
    shape = avro.read(text("orders-value.avsc"), [text("money.avsc")])
    assert shown(shape.fields) == {
        "before": "Value",
        "before.id": "long",
        "before.customer": "long",
        "before.total": "Money",
        "before.total.amount": "decimal(12,2)",
        "before.total.currency": "enum",
        "before.placed_at": "timestamp-micros",
        "before.labels": "map<string>",
        "after": "Value",
        "after.id": "long",
        "after.customer": "long",
        "after.total": "Money",
        "after.total.amount": "decimal(12,2)",
        "after.total.currency": "enum",
        "after.placed_at": "timestamp-micros",
        "after.labels": "map<string>",
        "op": "string",
    }
    customer = shape.fields[0].fields[1]
    assert (customer.nullable, customer.default, customer.description) == (True, "null", "Who ordered.")
    assert customer.tags == (Tag("PERSONAL"),)


def test_avro_that_holds_itself_ends() -> None:
    shape = avro.read(text("customers-value.avsc"))
    assert shown(shape.fields)["parent"] == "Customer"
    assert "parent.parent" not in shown(shape.fields)


def test_avro_of_primitives_and_unions() -> None:
    assert avro.read('"int"').type == "int"
    union = avro.read('["null", "string", {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}]')
    assert (union.type, union.nullable, shown(union.fields)) == ("union<string|R>", True, {"R": "R", "R.a": "int"})


def test_avro_that_explodes_is_cut() -> None:
    records = [
        {"type": "record", "name": f"R{n}", "fields": [{"name": f"f{m}", "type": f"R{n + 1}"} for m in range(10)]}
        for n in range(12)
    ]
    shape = avro.read(json.dumps(records[0]), [json.dumps(each) for each in records[1:]])
    assert len(shown(shape.fields)) < 2 * FIELDS_MAX


def test_json_schema_with_definitions_choices_and_formats() -> None:
    shape = json_schema.read(text("events-value.json"))
    assert shown(shape.fields) == {
        "id": "string(uuid)",
        "at": "string(date-time)",
        "page": "object",
        "page.url": "string",
        "page.next": "page",
        "user": "object",
        "user.id": "integer",
        "tags": "array<string>",
        "referrer": "object",
        "referrer.url": "string",
        "referrer.next": "page",
    }
    assert [field.nullable for field in shape.fields] == [False, False, True, True, True, True]
    assert shape.fields[2].description == "Where."


def test_json_schema_of_other_documents_and_parts() -> None:
    base = '{"type": "object", "properties": {"id": {"type": ["integer", "null"]}}}'
    schema = '{"allOf": [{"$ref": "base.json"}, {"properties": {"name": {"type": "string"}}}]}'
    assert shown(json_schema.read(schema, [("base.json", base)]).fields) == {"id": "integer", "name": "string"}


def test_protobuf_with_nested_messages_maps_and_oneof() -> None:
    shape = protobuf.read(text("payments-value.proto"))
    assert shown(shape.fields) == {
        "id": "string",
        "amount": "int64",
        "payer": "Party",
        "payer.name": "string",
        "payer.origin": "Payment",
        "payees": "array<Party>",
        "payees.name": "string",
        "payees.origin": "Payment",
        "notes": "map<string,Note>",
        "notes.text": "string",
        "at": "google.protobuf.Timestamp",
        "iban": "string",
        "card": "Card",
        "card.number": "string",
        "state": "enum",
    }
    assert shape.description == "A payment as the bank confirms it."
    assert [field.description for field in shape.fields[:2]] == ["Of the bank.", "Gross, in minor units."]


@pytest.mark.parametrize("read", [avro.read, json_schema.read, protobuf.read])
@settings(max_examples=40)
@given(written=st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_nothing_but_schema_errors(read, written: str) -> None:
    with suppress(SchemaError):
        read(written)


@pytest.mark.parametrize("name", ["orders-value.avsc", "events-value.json", "payments-value.proto"])
@settings(max_examples=40)
@given(data=st.data())
def test_cut_and_damaged_schemas(name: str, data: st.DataObject) -> None:
    read = {"avsc": avro.read, "json": json_schema.read, "proto": protobuf.read}[name.rpartition(".")[2]]
    whole = text(name)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    with suppress(SchemaError):
        read(whole[:start] + data.draw(st.text(max_size=3)) + whole[end:])
