"""Bodies of the routes of curated metadata."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from nexus_core.governance.curation import EDITS_MAX
from nexus_core.model.curation import Facet, Subject, SubjectKind, subject

_Text = Annotated[str, Field(max_length=2048)]
_Labels = Annotated[list[str], Field(max_length=200)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CuratedFacet(BaseModel):
    """One curated facet; `value` is null where nothing is curated, `etag` what a change sends back as `If-Match`.

    `html` is a description's Markdown as HTML that is safe to show.
    """

    facet: Facet
    field: str = ""
    value: dict[str, Any] | None = None
    etag: str
    version: int = 0
    changed_at: datetime | None = None
    changed_by: str | None = None
    source: str | None = None
    html: str | None = None


class Curated(BaseModel):
    """What is curated of one dataset, field, job, term, domain or product, and what could be."""

    kind: SubjectKind
    namespace: str = ""
    name: str
    field: str = ""
    facets: list[CuratedFacet]


class CuratedValue(_Asked):
    """The value that a facet has from now on; null takes back what was curated."""

    value: dict[str, Any] | None


class CuratedEdit(_Asked):
    """One of many edits: a value, or texts to add to and remove from a list; without `etag` it takes what there is."""

    kind: SubjectKind = SubjectKind.DATASET
    namespace: _Text = ""
    name: _Text
    field: _Text = ""
    facet: Facet
    value: dict[str, Any] | None = None
    add: _Labels = []
    remove: _Labels = []
    etag: _Text | None = None

    @property
    def subject(self) -> Subject:
        """What it edits; raises InvalidInputError."""
        return subject(self.kind, self.namespace, self.name, self.field)


class CuratedEdits(_Asked):
    """Edits that are made together or not at all; a dry run only tells what would become of them."""

    edits: Annotated[list[CuratedEdit], Field(min_length=1, max_length=EDITS_MAX)]
    dry_run: bool = False


class CuratedResult(BaseModel):
    """What became of one edit."""

    kind: SubjectKind
    namespace: str = ""
    name: str
    field: str = ""
    facet: Facet
    changed: bool
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    etag: str


class CuratedResults(BaseModel):
    """What became of edits, in their order."""

    results: list[CuratedResult]
    dry_run: bool = False


class CsvProblem(BaseModel):
    """What is wrong with a row, counted from 2 behind the header; without a column it is the row as a whole."""

    row: int
    column: str | None = None
    problem: str


class CsvResult(BaseModel):
    """What an import changes, or would; `edit_count` is how many edits were made."""

    dry_run: bool
    row_count: int
    edit_count: int
    results: list[CuratedResult]
    problems: list[CsvProblem]


class CuratedVersion(BaseModel):
    """One version of a facet: who changed it when from what to what, and by which event."""

    version: int
    at: datetime
    by: str
    source: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    event: str


class CuratedRevert(_Asked):
    """The event of the version whose value is to hold again; null takes back what was curated."""

    event: Annotated[str, Field(max_length=100)] | None


class CuratedObject(BaseModel):
    """A term, domain or product with its ETag."""

    kind: Literal["term", "domain", "product"]
    name: str
    value: dict[str, Any]
    etag: str
    version: int
    changed_at: datetime


class CuratedObjects(BaseModel):
    """Terms, domains or products by name; `next` continues, as `after`."""

    items: list[CuratedObject]
    next: str | None = None
