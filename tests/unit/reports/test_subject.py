"""Where a person's rows are said to be."""

from __future__ import annotations

from datetime import UTC, datetime

from nexus_core.graph.read_answer import DatasetFacts, FoundNode, LineageAnswer, LineageEdge, LineageNode
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.reports.subject import Gathering, subject_report

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SOURCE = FieldName(DatasetName("postgres://db:5432", 'shop.public."odd.name"'), "email")
COPY = FieldName(DatasetName("mysql://db:3306", "mart.customers"), "Mail")
VIEW = FieldName(DatasetName("mysql://db:3306", "mart.v"), "mail")
HASH = FieldName(DatasetName("mysql://db:3306", "mart.hashes"), "h")
TOPIC = FieldName(DatasetName("kafka://k:9092", "customers"), "email")


def _node(field: FieldName, kind: str = "TABLE") -> LineageNode:
    name = field.dataset
    found = FoundNode(field.id, field.id, "field", name.id, name.namespace, name.name, field.field)
    return LineageNode(field.id, "field", found, DatasetFacts(None, kind, None))


def _edge(source: FieldName, target: FieldName, subtype: str) -> LineageEdge:
    return LineageEdge(source.id, target.id, "DIRECT", subtype)


def _fields() -> LineageAnswer:
    edges = (
        _edge(SOURCE, COPY, "IDENTITY"),
        _edge(COPY, VIEW, "IDENTITY"),
        _edge(SOURCE, HASH, "TRANSFORMATION"),
        _edge(SOURCE, TOPIC, "IDENTITY"),
    )
    nodes = (_node(SOURCE), _node(COPY), _node(VIEW, "VIEW"), _node(HASH), _node(TOPIC, "TOPIC"))
    return LineageAnswer(nodes, edges, False)


def _dataset(name: str) -> LineageNode:
    dataset = DatasetName("mysql://db:3306", name)
    found = FoundNode(dataset.id, dataset.id, "dataset", dataset.id, dataset.namespace, dataset.name)
    return LineageNode(dataset.id, "dataset", found)


def _gathered() -> Gathering:
    gathering = Gathering()
    gathering.declare(SOURCE)
    gathering.add_fields(SOURCE, _fields())
    gathering.add_datasets(LineageAnswer((_dataset("mart.customers"), _dataset("mart.totals")), (), False))
    return gathering


def test_statements_by_system_and_what_none_reaches() -> None:
    report = subject_report("email", _gathered().result(), NOW, "Anna")
    tables = {section.title: section.table.rows for section in report.sections if section.table}
    assert tables["postgres://db:5432"] == [
        (
            'shop.public."odd.name"',
            "email",
            "declared",
            'SELECT * FROM "shop"."public"."odd.name" WHERE "email" = :identifier',
            'DELETE FROM "shop"."public"."odd.name" WHERE "email" = :identifier',
        )
    ]
    assert tables["mysql://db:3306"] == [
        (
            "mart.customers",
            "Mail",
            "copy by lineage",
            "SELECT * FROM `mart`.`customers` WHERE `Mail` = :identifier",
            "DELETE FROM `mart`.`customers` WHERE `Mail` = :identifier",
        ),
        ("mart.hashes", None, "derived columns: h", None, None),
        (
            "mart.v",
            "mail",
            "copy by lineage",
            "SELECT * FROM `mart`.`v` WHERE `mail` = :identifier",
            "a view: its tables' rows are deleted",
        ),
    ]
    assert tables["kafka://k:9092"] == [("customers", "email", "copy by lineage", None, None)]
    assert tables["Without an identifier"] == [("mysql://db:3306", "mart.totals")]


def test_what_is_not_complete_says_so() -> None:
    gathering = _gathered()
    gathering.add_datasets(LineageAnswer((LineageNode("hidden:1", "hidden"),), (), True))
    notes = " ".join(subject_report("email", gathering.result(), NOW, "Anna").sections[0].notes)
    assert "largest answer" in notes
    assert "not visible to you" in notes
