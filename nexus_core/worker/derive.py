"""What a unit claims, evidence by evidence: SQL before facets, facets where SQL leaves gaps (lineage.md §2 and §3).

Pure: the same unit, SQL lineage and schemas give the same edges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nexus_core.model.edge import Edge, EdgeKind, EvidenceKey
from nexus_core.model.facets import READING
from nexus_core.model.mark import KNOWN, mark
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_field
from nexus_core.model.statement import Certainty, ColumnLineage, SourceColumn, SqlLineage, Transformation
from nexus_core.worker.facets import ColumnFacet, SourceField
from nexus_core.worker.names import Names
from nexus_core.worker.units import Part, Unit, literals_hidden

Fields = tuple[tuple[str, str], ...]
FieldsOf = Callable[[DatasetName], Fields | None]
"""The fields `(name, type)` of a dataset at the unit's time; None where its schema is not known."""

_STAR = "*"
_UNSURE = (Certainty.GUESSED, Certainty.AMBIGUOUS)
_ROW_SUBTYPES = {"FILTER", "JOIN", "GROUP_BY", "SORT"}
_FACET_SUBTYPES = {"CONDITIONAL": "CONDITION"}


@dataclass(frozen=True, slots=True)
class Read:
    """A part with the lineage of its SQL, None where it has none, its dialect, and the dictionary of its names."""

    part: Part
    names: Names
    lineage: SqlLineage | None
    dialect: str | None = None


def claims_of(unit: Unit, reads: Sequence[Read], fields_of: FieldsOf) -> dict[EvidenceKey, set[Edge]]:
    """Give what each evidence of the unit claims; an empty set says that it claims nothing any more."""
    claims: dict[EvidenceKey, set[Edge]] = defaultdict(set)
    for read in reads:
        if read.part.origin == READING:
            continue  # it feeds nothing; who reads what is usage
        for origin, output, edges in _PartClaims(unit, read, fields_of).all():
            claims[EvidenceKey(unit.principal_class, origin, unit.job, output)].update(edges)
    return dict(claims)


class _PartClaims:
    """The claims of one part, as `(origin, output, edges)`; an output None carries what the job reads."""

    def __init__(self, unit: Unit, read: Read, fields_of: FieldsOf) -> None:
        self._has_job = unit.job is not None
        self._part, self._names, self._fields_of = read.part, read.names, fields_of
        self._schemas: dict[DatasetName, Mapping[str, str]] = {}
        self._lineage = read.lineage or SqlLineage()
        self._inputs = [canonical(name) for name in self._part.inputs]
        self._outputs = [canonical(name) for name in self._part.outputs]
        self._targets = dict(self._sql_targets())
        self._told = "event" if self._part.sql is not None or self._part.origin == "sql" else self._part.origin

    def all(self) -> Iterator[tuple[str, DatasetName | None, set[Edge]]]:
        for dotted, output in self._targets.items():
            yield self._part.origin, output, self._from_sql(dotted, output)
        for raw in self._part.outputs:
            yield self._told, canonical(raw), self._from_event(canonical(raw), self._part.columns.get(raw))
        if self._has_job:
            yield "event", None, {self._read_by_job(name) for name in self._read_datasets()}

    def _sql_targets(self) -> Iterator[tuple[str, DatasetName]]:
        """Map the SQL's outputs; a bare query is what fills the event's one output, as in a view's definition."""
        named = [dotted for dotted in self._lineage.outputs if dotted]
        for dotted in named:
            if output := self._names.table(dotted):
                yield dotted, output
        if not named and len(self._outputs) == 1 and self._part.sql is not None and self._lineage.columns:
            yield "", self._outputs[0]

    def _read_datasets(self) -> set[DatasetName]:
        found = (self._names.table(dotted) for dotted in self._lineage.inputs)
        return {*self._inputs, *(name for name in found if name)}

    def _from_sql(self, dotted: str, output: DatasetName) -> set[Edge]:
        edges = {self._written_by_job(output)} if self._has_job else set()
        read = self._lineage.inputs if dotted == "" else self._lineage.reads.get(dotted, ())
        known = {name for table in read if (name := self._names.table(table))}
        edges |= {_whole(source, output) for source in known}
        if dotted not in self._lineage.resolved:
            edges |= {_whole(source, output, inferred=True) for source in self._inputs if source not in known}
        edges |= self._marks(dotted, output)
        for column in self._lineage.columns:
            if column.table == dotted:
                edges.update(self._column_edges(column, output))
        return edges

    def _marks(self, dotted: str, output: DatasetName) -> set[Edge]:
        """Give what the SQL proves of an output: columns all of whose sources it shows, and those that it hides."""
        columns = [column for column in self._lineage.columns if column.table == dotted and column.column]
        sure = [column for column in columns if all(_is_sure(source) for source in column.inputs)]
        if dotted in self._lineage.resolved and len(sure) == len(columns):
            found = {mark(output, "", KNOWN)}
        elif self._lineage.problems or any(column.column == _STAR for column in columns):
            found = set()
        else:
            found = {mark(output, self._spelled(output, column.column), KNOWN) for column in sure}
        return found | {
            mark(output, self._spelled(output, proof.column), proof.kind, proof.detail)
            for proof in self._lineage.proofs
            if proof.table == dotted
        }

    def _column_edges(self, column: ColumnLineage, output: DatasetName) -> Iterator[Edge]:
        target = self._spelled(output, column.column) if column.column else ""
        for source in column.inputs:
            dataset = self._names.table(source.table) if source.table else None
            if dataset is None or _STAR in (source.column, column.column):
                continue
            kind, subtype = _transformation(source)
            field = self._field(dataset, source)
            if subtype in _ROW_SUBTYPES:
                yield _edge(kind, subtype, dataset, field, output, "", confidence=source.certainty)
            elif target:
                expression = literals_hidden(column.expression)
                yield _edge(kind, subtype, dataset, field, output, target, expression, source.certainty)

    def _field(self, dataset: DatasetName, source: SourceColumn) -> str:
        """Give the field of a source: a part of a struct where the schema lists it, else the whole column."""
        for length in range(len(source.path), 0, -1):
            if part := self._in_schema(dataset, ".".join((source.column, *source.path[:length]))):
                return canonical_field(dataset.namespace, part)
        return self._spelled(dataset, source.column)

    def _from_event(self, output: DatasetName, facet: ColumnFacet | None) -> set[Edge]:
        """Give what the event itself adds for an output: all of it without SQL, the gaps with, nothing if resolved."""
        written = {name: dotted for dotted, name in self._targets.items()}
        dotted = written.get(output)
        if dotted is not None and dotted in self._lineage.resolved:
            return set()
        resolved = self._resolved_columns(dotted)
        edges = set(self._facet_edges(output, facet, resolved)) if facet else set()
        proven = {DatasetName(edge.source_namespace, edge.source_name) for edge in edges}
        edges |= {_whole(source, output) for source in proven}
        if dotted is None and self._has_job:
            edges.add(self._written_by_job(output))
            edges |= {_whole(source, output, inferred=True) for source in self._inputs if source not in proven}
        if edges and facet:
            named = (self._known(output, field) for field in facet.fields)
            edges |= {mark(output, field, KNOWN) for field in named if field}
        return edges

    def _resolved_columns(self, dotted: str | None) -> set[str]:
        """Give the output columns, in lower case, all of whose sources the SQL shows."""
        if dotted is None:
            return set()
        return {
            column.column.lower()
            for column in self._lineage.columns
            if column.table == dotted and all(source.table and source.column != _STAR for source in column.inputs)
        }

    def _facet_edges(self, output: DatasetName, facet: ColumnFacet, resolved: set[str]) -> Iterator[Edge]:
        for field, sources in facet.fields.items():
            target = self._known(output, field)
            if target is not None and field.lower() not in resolved:
                for source in sources:
                    yield from self._facet_edge(source, output, target)
        for source in facet.rows:
            yield from self._facet_edge(source, output, "")

    def _facet_edge(self, source: SourceField, output: DatasetName, target: str) -> Iterator[Edge]:
        dataset = self._names.written(source.dataset)
        field = self._known(dataset, source.field)
        if field is None:
            return
        subtype = _FACET_SUBTYPES.get(source.subtype, source.subtype)
        indirect = source.kind == "INDIRECT" or not target
        kind = EdgeKind.INDIRECT if indirect else EdgeKind.DIRECT
        yield _edge(kind, subtype, dataset, field, output, "" if subtype in _ROW_SUBTYPES and indirect else target)

    def _spelled(self, dataset: DatasetName, field: str) -> str:
        """Give a field as its dataset's schema spells it, if it has it."""
        return self._in_schema(dataset, field) or canonical_field(dataset.namespace, field)

    def _known(self, dataset: DatasetName, field: str) -> str | None:
        """Give a facet's field as the schema spells it; None if the schema is known and lacks it."""
        found = self._in_schema(dataset, field)
        if found is not None:
            return canonical_field(dataset.namespace, found)
        return None if self._schema(dataset) else canonical_field(dataset.namespace, field)

    def _in_schema(self, dataset: DatasetName, field: str) -> str | None:
        names = self._schema(dataset)
        return names.get(field) or names.get(field.lower())

    def _schema(self, dataset: DatasetName) -> Mapping[str, str]:
        """Give the names of a schema as `_by_case` has them, looked up once a part; empty where none is known."""
        names = self._schemas.get(dataset)
        if names is None:
            names = self._schemas[dataset] = _by_case(self._fields_of(dataset) or ())
        return names

    @staticmethod
    def _read_by_job(name: DatasetName) -> Edge:
        return Edge(EdgeKind.READS, "", name.namespace, name.name, "", "", "", "")

    @staticmethod
    def _written_by_job(name: DatasetName) -> Edge:
        return Edge(EdgeKind.WRITES, "", "", "", "", name.namespace, name.name, "")


def _is_sure(source: SourceColumn) -> bool:
    """Whether a source is known for sure, and not a column that stands for all of a table."""
    return bool(source.table) and source.column != _STAR and source.certainty not in _UNSURE


def _by_case(fields: Fields) -> Mapping[str, str]:
    """Map names as written, then in lower case, to names as the schema spells them."""
    exact = {name: name for name, _ in fields}
    return {name.lower(): name for name in reversed(exact)} | exact


def _transformation(source: SourceColumn) -> tuple[EdgeKind, str]:
    subtype = source.transformation.value.partition(":")[2] or source.transformation.value
    conditional = source.transformation in (Transformation.CONDITION, Transformation.WINDOW)
    return (EdgeKind.INDIRECT if conditional or source.transformation.indirect else EdgeKind.DIRECT), subtype


def _whole(source: DatasetName, target: DatasetName, *, inferred: bool = False) -> Edge:
    return Edge(
        EdgeKind.DATASET, "", source.namespace, source.name, "", target.namespace, target.name, "", "", inferred
    )


def _edge(
    kind: EdgeKind,
    subtype: str,
    source: DatasetName,
    source_field: str,
    target: DatasetName,
    target_field: str,
    expression: str = "",
    confidence: str = "",
) -> Edge:
    return Edge(
        kind,
        subtype,
        source.namespace,
        source.name,
        source_field,
        target.namespace,
        target.name,
        target_field,
        expression,
        confidence=confidence,
    )


def datasets_of(reads: Iterable[Read]) -> set[DatasetName]:
    """Give the datasets whose schemas the facets of parts are checked against."""
    found: set[DatasetName] = set()
    for read in reads:
        for output, facet in read.part.columns.items():
            sources = [source for fields in facet.fields.values() for source in fields]
            found.add(canonical(output))
            found |= {read.names.written(source.dataset) for source in (*sources, *facet.rows)}
    return found
