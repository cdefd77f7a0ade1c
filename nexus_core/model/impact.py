"""Changes that somebody means to make, and what each would do to what stands downstream (lineage.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nexus_core.model.names import DatasetName, JobName


class ChangeKind(StrEnum):
    """What is done to a field, a dataset or the statement of a job or view."""

    ADD_FIELD = "add_field"
    DROP_FIELD = "drop_field"
    RENAME_FIELD = "rename_field"
    RETYPE_FIELD = "retype_field"
    SET_NOT_NULL = "set_not_null"
    DROP_DATASET = "drop_dataset"
    RENAME_DATASET = "rename_dataset"
    REPLACE_SQL = "replace_sql"

    @property
    def of_field(self) -> bool:
        """Whether it names a field."""
        return self.value.endswith(("_field", "_null"))


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `to` is the new name, or the new type of a field; `sql` the new statement.

    A new name of a dataset has as many parts as the old one, or only its last.
    """

    kind: ChangeKind
    dataset: DatasetName
    field: str = ""
    to: str = ""
    sql: str = ""


class Verdict(StrEnum):
    """What a change does to an asset, the worst first."""

    BREAKS = "breaks"
    UNKNOWN = "unknown"
    CHANGES = "changes"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code that docs/impact.md lists, and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that defines a view or that a job runs; `defines` is the dataset that is there by it alone, as a view is.

    `reads` and `writes` are the datasets that the catalogue knows of it.
    """

    job: JobName
    sql: str
    dialect: str | None
    reads: frozenset[DatasetName]
    writes: frozenset[DatasetName]
    default_database: str | None = None
    default_schema: str | None = None
    defines: DatasetName | None = None

    @property
    def id(self) -> str:
        """Its id in answers: a view is a dataset."""
        return self.defines.id if self.defines else self.job.id


@dataclass(frozen=True, slots=True)
class FieldLink:
    """That a field feeds another where no statement is known, as in dashboards; "" for datasets as such.

    `target` is a job for what only reads. A `lasting` target keeps its fields when their sources are gone. One that is
    `harvested` is read as a whole, whatever there is, and can miss nothing.
    """

    source: DatasetName
    source_field: str
    target: DatasetName | JobName
    target_field: str
    lasting: bool = False
    harvested: bool = False


@dataclass(frozen=True, slots=True)
class Estate:
    """What the catalogue knows of the part that changes may reach.

    `schemas` hold the fields of a dataset with their types, in order; a dataset without is not known. `required` are
    fields that an INSERT must fill. `links` are told without statements.
    """

    schemas: Mapping[DatasetName, Mapping[str, str]]
    statements: tuple[Statement, ...] = ()
    links: tuple[FieldLink, ...] = ()
    required: Mapping[DatasetName, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the changes do to one asset: its id, and the place in its statement that says so, in characters.

    `path` leads from a changed asset to it, as ids. `patch` is the statement that would do as before, "" where none is
    certain. `names` are the datasets that the asset stands for or reads and writes, by which it is seen or not; `makes`
    are those that it writes.
    """

    id: str
    verdict: Verdict
    reason: Reason
    path: tuple[str, ...]
    names: frozenset[DatasetName]
    makes: frozenset[DatasetName] = frozenset()
    statement: str = ""
    start: int = -1
    end: int = -1
    patch: str = ""
    replaced: bool = False
    """Whether `statement` is the new text of a change, not the catalogue's."""
