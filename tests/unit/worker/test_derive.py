"""From SQL lineage to claims: how sure each edge is, and which field a part of a struct is."""

from __future__ import annotations

from nexus_core.model.edge import Edge, EdgeKind
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.statement import Certainty, ColumnLineage, SourceColumn, SqlLineage, Transformation
from nexus_core.worker.derive import Fields, Read, claims_of
from nexus_core.worker.names import Names
from nexus_core.worker.said import SqlText
from nexus_core.worker.units import Part, Unit

SPACE = "postgres://db:5432"
SRC, DST = DatasetName(SPACE, "shop.public.src"), DatasetName(SPACE, "shop.public.dst")


def edges(source: SourceColumn, fields: Fields | None = None) -> set[Edge]:
    """Give the column edges of an INSERT that fills `dst.a` from one source."""
    lineage = SqlLineage(
        inputs=("src",), outputs=("dst",), columns=(ColumnLineage("dst", "a", (source,)),), reads={"dst": ("src",)}
    )
    part = Part((SRC,), (DST,), SqlText("insert …", "postgres", None, None), "sql", None, {})
    unit = Unit("u", "producer", JobName("airflow", "job"), 0, 0, "e", (part,), None)
    read = Read(part, Names([DST], [SRC]), lineage)
    claimed = claims_of(unit, [read], {SRC: fields}.get)
    return {edge for of in claimed.values() for edge in of if edge.target_field and edge.kind != EdgeKind.MARK}


def column(*path: str, certainty: Certainty = Certainty.SCHEMA) -> SourceColumn:
    return SourceColumn("src", "s", Transformation.IDENTITY, path=path, certainty=certainty)


def test_edges_say_how_sure_they_are() -> None:
    assert [edge.confidence for edge in edges(column(certainty=Certainty.GUESSED))] == ["guessed"]


def test_a_part_of_a_struct_is_a_field_where_the_schema_has_it() -> None:
    fields = (("s", "struct"), ("s.a", "struct"), ("s.a.b", "int"))
    assert [edge.source_field for edge in edges(column("a", "b"), fields)] == ["s.a.b"]


def test_a_part_that_the_schema_lacks_is_the_deepest_that_it_has() -> None:
    assert [edge.source_field for edge in edges(column("a", "b"), (("s", "json"),))] == ["s"]
    assert [edge.source_field for edge in edges(column("a", "b"), (("s", ""), ("s.a", "")))] == ["s.a"]


def test_without_a_schema_it_is_the_column() -> None:
    assert [edge.source_field for edge in edges(column("a", "b"))] == ["s"]
