"""Where one person's data lies, by an identifier: what requests of access and erasure need (GDPR, Articles 15, 17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nexus_core.graph.read_answer import LineageAnswer
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.model.naming import platform
from nexus_core.model.naming_tables import quoted_parts
from nexus_core.reports.document import Report, Section, Table
from nexus_core.sql.subject import delete_rows, find_rows

_COPIES = "IDENTITY"
_VIEWS = ("VIEW", "EXTERNAL_VIEW")
_SQL_PLATFORMS = frozenset(
    ("postgres", "mysql", "sqlserver", "snowflake", "bigquery", "redshift", "oracle", "clickhouse", "trino")
)


@dataclass(slots=True)
class Holding:
    """A dataset that may hold rows of the person, and the columns that tell whose a row is.

    `declared` ones are from a processing activity, `copied` ones have the same values by lineage; `derived` columns
    come from an identifier but do not have its values. Without declared and copied ones no row can be told.
    """

    dataset: DatasetName
    kind: str | None = None
    declared: set[str] = field(default_factory=set)
    copied: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)

    @property
    def identifiers(self) -> list[str]:
        """The columns by which rows are found, declared ones first."""
        return sorted(self.declared) + sorted(self.copied - self.declared)

    @property
    def is_view(self) -> bool:
        """Whether it has no rows of its own."""
        return (self.kind or "").upper() in _VIEWS


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that was found; `unresolved` are datasets below that no identifier reaches; `cut`: there is more."""

    found: Mapping[DatasetName, Holding]
    unresolved: frozenset[DatasetName]
    cut: bool
    hidden: bool


class Gathering:
    """Follows identifiers downstream, answer by answer."""

    def __init__(self) -> None:
        self._found: dict[DatasetName, Holding] = {}
        self._below: set[DatasetName] = set()
        self._cut = self._hidden = False

    def declare(self, identifier: FieldName) -> None:
        """Count a column that an activity declares."""
        self._holding(identifier.dataset).declared.add(identifier.field)

    def add_fields(self, identifier: FieldName, answer: LineageAnswer) -> None:
        """Count what field lineage downstream of an identifier reaches."""
        self._note(answer)
        copies = _copies(identifier, answer)
        for node in answer.nodes:
            if node.found is None:
                continue
            holding = self._holding(DatasetName(node.found.namespace, node.found.name))
            holding.kind = holding.kind or (node.facts.dataset_kind if node.facts else None)
            if node.found.field is not None and node.id != identifier.id:
                (holding.copied if node.id in copies else holding.derived).add(node.found.field)

    def add_datasets(self, answer: LineageAnswer) -> None:
        """Count what dataset lineage downstream of the identifier's dataset reaches."""
        self._note(answer)
        for node in answer.nodes:
            if node.found is not None:
                name = DatasetName(node.found.namespace, node.found.name)
                self._below.add(name)
                if name in self._found and node.facts:
                    self._found[name].kind = node.facts.dataset_kind

    def result(self) -> Holdings:
        """Give what was found."""
        return Holdings(self._found, frozenset(self._below - self._found.keys()), self._cut, self._hidden)

    def _holding(self, dataset: DatasetName) -> Holding:
        return self._found.setdefault(dataset, Holding(dataset))

    def _note(self, answer: LineageAnswer) -> None:
        self._cut |= answer.truncated
        self._hidden |= any(node.found is None for node in answer.nodes)


def subject_report(kind: str, holdings: Holdings, made_at: datetime, made_by: str) -> Report:
    """Give the statements that find and delete a person's rows, by system, and what no statement reaches."""
    by_system: dict[str, list[Holding]] = defaultdict(list)
    for holding in sorted(holdings.found.values(), key=lambda each: each.dataset):
        by_system[holding.dataset.namespace].append(holding)
    sections = [_reading(kind, holdings)]
    sections += [_system(namespace, of) for namespace, of in sorted(by_system.items())]
    sections.append(_unresolved(holdings))
    return Report("subject", f"Data of one person, by {kind}", made_at, made_by, tuple(sections))


def _reading(kind: str, holdings: Holdings) -> Section:
    notes = [
        f"`:identifier` stands for the person's {kind}; its value is in no statement and in no log of ours.",
        "Copies outside of what is harvested, such as exports and backups, are not known here.",
    ]
    if holdings.cut:
        notes.append("Not complete: there is more than the largest answer of the lineage graph holds.")
    if holdings.hidden:
        notes.append("Not complete: lineage leads on to what is not visible to you.")
    return Section("How to read this", tuple(notes))


def _system(namespace: str, holdings: Sequence[Holding]) -> Section:
    header = ("Dataset", "Identifier", "Reached", "Find", "Delete")
    return Section(namespace, (), Table(header, [row for each in holdings for row in _rows(each)]))


def _rows(holding: Holding) -> Iterable[tuple[str | None, ...]]:
    name = holding.dataset
    if not holding.identifiers:
        derived = ", ".join(sorted(holding.derived))
        reached = f"derived columns: {derived}" if derived else "by lineage of the dataset only"
        yield name.name, None, reached, None, None
    parts = tuple(quoted_parts(name.name))
    dialect = platform(name.namespace)
    for column in holding.identifiers:
        reached = "declared" if column in holding.declared else "copy by lineage"
        find = find_rows(parts, (), column, dialect) if dialect in _SQL_PLATFORMS else None
        delete = delete_rows(parts, column, dialect) if dialect in _SQL_PLATFORMS else None
        yield name.name, column, reached, find, "a view: its tables' rows are deleted" if holding.is_view else delete


def _unresolved(holdings: Holdings) -> Section:
    notes = (
        "Datasets that come from those above, but to which lineage leads no identifier.",
        "Rows of the person may be in them, and no statement finds them.",
    )
    rows = [(name.namespace, name.name) for name in sorted(holdings.unresolved)]
    return Section("Without an identifier", notes, Table(("Namespace", "Dataset"), rows))


def _copies(identifier: FieldName, answer: LineageAnswer) -> frozenset[str]:
    """Give ids of fields that have the identifier's very values: those reached by identity alone."""
    feeds: dict[str, list[str]] = defaultdict(list)
    for edge in answer.edges:
        if edge.subtype == _COPIES:
            feeds[edge.source].append(edge.target)
    reached, waiting = {identifier.id}, [identifier.id]
    while waiting:
        new = [target for target in feeds[waiting.pop()] if target not in reached]
        reached.update(new)
        waiting += new
    return frozenset(reached)
