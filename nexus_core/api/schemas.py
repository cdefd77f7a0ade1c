"""Shapes of the API's answers; the UI's types are generated from their OpenAPI form."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from nexus_core.api.usage_schemas import UsageSummary
from nexus_core.model.classes import UNDECIDED


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(_Answer):
    """An error as RFC 9457 `application/problem+json`; `path` is the JSON path of what is wrong, if any.

    `kept_from` stands in a 410: from when on history is kept; `step_up` in a 403: where to sign in anew, so that it may
    be asked again.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    path: str | None = None
    kept_from: datetime | None = None
    step_up: str | None = None


class KeptHistory(_Answer):
    """From when on `as_of` and `known_at` can be asked for; null where there is no limit."""

    kept_from: datetime | None
    known_from: datetime | None


class Accepted(_Answer):
    """An event that is durable."""

    id: str
    warnings: list[str] = []


class BatchResult(_Answer):
    """What became of one event of a batch."""

    index: int
    status: int
    id: str | None = None
    warnings: list[str] = []
    problem: Problem | None = None


class BatchAnswer(_Answer):
    """What became of each event of a batch, in its order."""

    results: list[BatchResult]


class JobRef(_Answer):
    """A job by name."""

    namespace: str
    name: str


class Node(_Answer):
    """A node of a lineage answer: `kind` says which of the rest is there.

    `platform` is the namespace's scheme; `dataset_kind` table, view, materialized_view, topic, dashboard …;
    `upstream_count` and `downstream_count` are the direct neighbours that exist and are visible, shown or not. What
    stands after `stale` is told where labels are asked for: `classification` is what is enforced, of a dataset the
    highest in it.
    """

    id: str
    kind: Literal["dataset", "datasetField", "job", "hidden"]
    namespace: str | None = None
    name: str | None = None
    field: str | None = None
    type: str | None = None
    ordinal: int | None = None
    platform: str | None = None
    dataset_kind: str | None = None
    field_count: int | None = None
    upstream_count: int | None = None
    downstream_count: int | None = None
    stale: bool = False
    classification: str | None = None
    suspected: bool | None = None
    owners: list[str] | None = None
    tags: list[str] | None = None
    domain: str | None = None
    certification: str | None = None


class Edge(_Answer):
    """An edge, pointing downstream; `kind` is DIRECT or INDIRECT, `subtype` OpenLineage's (IDENTITY, FILTER …).

    `origin` is the evidence's (event, sql, view, query-log, dashboard, manual); `event` the id that caused it.
    `confidence` says why the SQL's name is taken for the source: by its schema, as written, as the only one possible,
    or guessed.
    """

    source: str
    target: str
    kind: Literal["DIRECT", "INDIRECT", "DATASET", "READS", "WRITES"]
    subtype: str | None = None
    job: JobRef | None = None
    origin: str | None = None
    expression: str | None = None
    inferred: bool = False
    confidence: Literal["schema", "written", "unique", "guessed"] | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    event: str | None = None


class GraphAnswer(_Answer):
    """What is reached from the asked node within depth and limit; `truncated` says that there is more."""

    nodes: list[Node]
    edges: list[Edge]
    truncated: bool


class ChangedEdge(_Answer):
    """An edge before or after a change, as in a lineage answer; `job` is one of those whose evidence claims it."""

    source: str
    target: str
    kind: Literal["DIRECT", "INDIRECT", "DATASET"]
    subtype: str | None = None
    job: JobRef | None = None
    origin: str | None = None
    expression: str | None = None
    inferred: bool = False
    confidence: Literal["schema", "written", "unique", "guessed"] | None = None


class ChangedField(_Answer):
    """A field of a dataset's schema before or after a change."""

    id: str
    namespace: str
    name: str
    field: str
    type: str | None = None


class ChangeCause(_Answer):
    """The event that tells of a change, the run that it belongs to, and its SQL with literals hidden."""

    event: str | None = None
    run: str | None = None
    sql: str | None = None


class Change(_Answer):
    """A change at a moment `at` in what feeds `dataset` or in its schema.

    `before` is null for what was added, `after` for what was removed. `what` is `transformation` where an edge's
    subtype or expression changed, `type` where a field's type did.
    """

    op: Literal["added", "removed", "changed"]
    what: Literal["edge", "field", "type", "transformation"]
    at: datetime
    dataset: str
    before: ChangedEdge | ChangedField | None
    after: ChangedEdge | ChangedField | None
    cause: ChangeCause


class ChangesAnswer(_Answer):
    """A page of changes; `next` is the `cursor` of the following one."""

    changes: list[Change]
    next: str | None = None


class FacetCount(_Answer):
    """How many matches have a value."""

    value: str
    count: int


class Lifecycle(_Answer):
    """That a dataset was dropped, or that no harvest covers it any more, since when and by which event."""

    state: Literal["dropped", "unharvested"]
    since: datetime
    event: str


class DatasetSummary(_Answer):
    """A dataset in a list; `matched` names the fields that the search found, `job_count` the jobs that touch it.

    `curated` names what people said in place of, or beside, what sources and producers say.
    """

    id: str
    namespace: str
    name: str
    platform: str
    kind: str
    description: str | None = None
    owners: list[str] = []
    tags: list[str] = []
    classification: str = UNDECIDED
    domain: str | None = None
    certification: str | None = None
    terms: list[str] = []
    curated: list[str] = []
    field_count: int = 0
    matched: list[str] = []
    updated_at: datetime | None = None
    lifecycle: Lifecycle | None = None


class DatasetPage(_Answer):
    """A page of a search; facet counts are over all matches, exact to 10,000 (`total_capped` beyond)."""

    items: list[DatasetSummary]
    facets: dict[str, list[FacetCount]]
    total: int
    total_capped: bool = False
    next: str | None = None


class RecentChange(_Answer):
    """A dataset with the moment at which its schema, what feeds it or its being there last changed."""

    id: str
    namespace: str
    name: str
    platform: str
    kind: str
    changed_at: datetime


class FieldDetail(_Answer):
    """One field of a dataset, nested ones with dotted names.

    Counts are of direct lineage, 0 if none is known; `read_count` of reads in the last 30 days.
    """

    name: str
    type: str | None = None
    ordinal: int
    description: str | None = None
    nullable: bool | None = None
    default: str | None = None
    primary_key: bool = False
    tags: list[str] = []
    terms: list[str] = []
    description_curated: bool = False
    classification: str = UNDECIDED
    upstream_count: int = 0
    downstream_count: int = 0
    read_count: int = 0
    null_share: float | None = None
    distinct_count: int | None = None
    least: str | None = None
    most: str | None = None


class SchemaVersion(_Answer):
    """A version of a dataset's schema and since when it holds."""

    valid_from: datetime
    field_count: int
    fingerprint: str


class JobSummary(_Answer):
    """A job that reads or writes a dataset; `airflow_url` links back to its DAG where the event tells it.

    `stale_since`: when it last wrote the dataset, where many later runs of it did not (docs/lineage.md, Stale outputs).
    """

    namespace: str
    name: str
    role: Literal["reads", "writes"]
    integration: str | None = None
    job_type: str | None = None
    sql: str | None = None
    last_run_at: datetime | None = None
    last_state: str | None = None
    airflow_url: str | None = None
    stale_since: datetime | None = None


class DatasetDetail(_Answer):
    """Everything known of one dataset; `facets` are the merged OpenLineage facets as they came.

    `sources` tells by facet which classes of sources say it, the most believed first: `curated` before `curator`
    (events of such a token), `rule`, `harvest` and `event`.
    """

    id: str
    namespace: str
    name: str
    platform: str
    kind: str
    description: str | None = None
    owners: list[str] = []
    tags: list[str] = []
    classification: str = UNDECIDED
    domain: str | None = None
    certification: str | None = None
    certification_note: str | None = None
    terms: list[str] = []
    sources: dict[str, list[str]] = {}
    fields: list[FieldDetail]
    definition: str | None = None
    definition_dialect: str | None = None
    row_count: int | None = None
    size_bytes: int | None = None
    upstream_count: int = 0
    downstream_count: int = 0
    jobs: list[JobSummary] = []
    versions: list[SchemaVersion] = []
    facets: dict[str, Any] = {}
    first_seen_at: datetime | None = None
    updated_at: datetime | None = None
    lifecycle: Lifecycle | None = None
    usage: UsageSummary | None = None


class Session(_Answer):
    """Who is signed in; a browser sends `csrf` back in the header `X-CSRF-Token` of each change."""

    account_id: str
    name: str
    permissions: list[str]
    csrf: str | None = None
    embedded: bool = False


class Overview(_Answer):
    """The home page's figures."""

    datasets: int
    fields: int
    jobs: int
    edges: int
    lag_events: int
    accepted_events: int
    dead_letters: int
    platforms: list[FacetCount]
    fields_with_lineage: int
    last_event_at: datetime | None = None


class GrantAdvice(_Answer):
    """A right that the harvest lacks, what stays unread without it, and the statement that grants it."""

    missing: str
    costs: str
    statement: str


class SourceTest(_Answer):
    """What works with a connection; `counts` and the first `names` by kind tell what a harvest would read.

    `whole` is false where a limit ended the counting; `denied` are samples of what the source refused.
    """

    ok: bool
    source: str
    server: str | None = None
    problem: str | None = None
    works: list[str] = []
    missing: list[GrantAdvice] = []
    schemas: list[str] = []
    counts: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    denied: list[str] = []
    whole: bool = True


class SourceRequest(_Asked):
    """A connection to test or harvest; `url` as `postgresql://user:password@host:5432/database`, never stored."""

    url: SecretStr
    schemas: list[str] = []


class HarvestStatus(_Answer):
    """A harvest started from here; the names are samples."""

    id: str
    source: str
    state: Literal["running", "completed", "failed", "cancelled"]
    started_at: datetime
    ended_at: datetime | None = None
    counts: dict[str, int] = {}
    skipped: list[str] = []
    denied: list[str] = []
    failed: list[str] = []
    problem: str | None = None


class HarvestState(_Answer):
    """Where the last complete harvest of a source and scope ended: what an incremental one starts from."""

    source: str
    scope: str
    completed_at: datetime
    watermark: str | None = None
    fingerprints: dict[str, str] = {}


class SourceSummary(_Answer):
    """A source that has been harvested; `overdue` if its last whole harvest is older than the settings allow.

    `last_problem` is why the last harvest of this process failed, for who sees all of the source.
    """

    source: str
    kind: str
    dataset_count: int
    last_harvest_at: datetime | None = None
    last_state: str | None = None
    counts: dict[str, int] = {}
    last_problem: str | None = None
    overdue: bool = False


class ConnectorSummary(_Answer):
    """A connector that is installed; `problem` says why it does not load."""

    kind: str
    title: str
    url_example: str
    grants_sql: str
    problem: str | None = None


class TokenRequest(_Asked):
    """A token to make; `authority` as in `nexus token create --authority` (docs/tokens.md)."""

    name: str = Field(min_length=1, max_length=200)
    authority: list[str] = Field(min_length=1)
    expires_days: int | None = Field(default=None, ge=1, le=3650)


class TokenSummary(_Answer):
    """A token without its secret."""

    id: str
    name: str
    authority: list[str]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class TokenCreated(TokenSummary):
    """A new token; `token` is shown once."""

    token: str


class DeadLetter(_Answer):
    """An event that waits for a person, and why; `discarded_because` is there of one that a person put aside."""

    id: str
    principal: str
    accepted_at: datetime
    reason: str
    event: dict[str, Any]
    quarantined: bool = False
    discarded_because: str | None = None


class DiscardReason(_Asked):
    """Why an event is put aside."""

    reason: str = Field(min_length=1, max_length=1000)


class EditedEvent(_Answer):
    """The event that took the place of a dead letter."""

    id: str


class Health(_Answer):
    """Whether a process can do its work; each check is `ok` or the sentence that says what fails."""

    ok: bool
    checks: dict[str, str]
