"""Keeps records of processing activities, with every version of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from nexus_core.errors import ConflictError, NotFoundError
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.model.names import DatasetName, FieldName
from nexus_core.model.naming import canonical, canonical_field
from nexus_core.model.processing import Identifier, LegalBasis, ProcessingActivity
from nexus_core.store import processing as rows
from nexus_core.store.database import Store
from nexus_core.store.processing import ActivityRow

ACTIVITY_ID = r"^[a-z0-9][a-z0-9._-]{0,99}$"
_Line = Annotated[str, Field(min_length=1, max_length=2000)]
_Lines = Annotated[tuple[_Line, ...], Field(max_length=500)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenDataset(_Written):
    """A dataset that holds the data."""

    namespace: _Line
    name: _Line


class WrittenIdentifier(WrittenDataset):
    """A column that tells whose a row is; columns of one `kind`, such as email, hold the same values."""

    field: _Line
    kind: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")]


class WrittenActivity(_Written):
    """A record (GDPR, Article 30). What is absent is unknown and reported as missing; "none": there is none."""

    name: _Line
    controller: _Line | None = None
    contact: Annotated[_Line | None, Field(description="Of the controller or its data protection officer.")] = None
    purpose: _Line | None = None
    legal_basis: LegalBasis | None = None
    subject_categories: Annotated[_Lines, Field(description="Whose data, such as customers.")] = ()
    data_categories: Annotated[_Lines, Field(description="What data, such as contact details.")] = ()
    recipients: _Lines = ()
    transfers: Annotated[_Line | None, Field(description="To third countries, with safeguards.")] = None
    retention: _Line | None = None
    measures: _Line | None = None
    residency: _Line | None = None
    datasets: Annotated[tuple[WrittenDataset, ...], Field(max_length=10_000)] = ()
    identifiers: Annotated[tuple[WrittenIdentifier, ...], Field(max_length=1000)] = ()


@dataclass(frozen=True, slots=True)
class KeptActivity:
    """A record with its version, which an edit has to name; `written` is None where it was removed."""

    id: str
    version: int
    written: WrittenActivity | None
    changed_at: datetime
    changed_by: str


async def all_activities(store: Store) -> Sequence[KeptActivity]:
    """Give the records as they are now."""
    return [_kept(row) for row in await rows.activities(store)]


async def one_activity(store: Store, activity_id: str) -> KeptActivity:
    """Give a record as it is now; raises NotFoundError."""
    found = await rows.activity_versions(store, activity_id)
    if not found or found[0].body is None:
        raise NotFoundError(f"The processing activity {activity_id}")
    return _kept(found[0])


async def activity_history(store: Store, activity_id: str) -> Sequence[KeptActivity]:
    """Give every version of a record, the newest first; raises NotFoundError if it never was."""
    found = await rows.activity_versions(store, activity_id)
    if not found:
        raise NotFoundError(f"The processing activity {activity_id}")
    return [_kept(row) for row in found]


async def free_version(store: Store, activity_id: str) -> int:
    """Give the version that a new record follows: of its removal, or 0. Raises ConflictError if there is a record."""
    found = await rows.activity_versions(store, activity_id)
    if found and found[0].body is not None:
        raise ConflictError(f"The processing activity {activity_id}")
    return found[0].version if found else 0


async def save_activity(
    store: Store, activity_id: str, written: WrittenActivity | None, version: int, caller: Caller
) -> KeptActivity:
    """Keep a record over `version`, 0 for a new one; None removes it. Raises ConflictError for another version."""
    body = written.model_dump_json(exclude_defaults=True) if written else None
    row = ActivityRow(activity_id, version + 1, body, datetime.now(UTC), caller.account_id)
    await rows.save_activity(store, row)
    return _kept(row)


def saving(activity_id: str, written: WrittenActivity | None) -> Act:
    """Give what the audit log says of a change."""
    return Act(Action.ACTIVITY_CHANGED if written else Action.ACTIVITY_REMOVED, {"activity": activity_id})


def activity(kept: KeptActivity) -> ProcessingActivity:
    """Give a record as a value, its datasets and fields by their canonical names."""
    written = kept.written
    assert written is not None  # noqa: S101 - removed records are not asked for
    given: dict[str, Any] = {name: getattr(written, name) for name in WrittenActivity.model_fields}
    given["datasets"] = tuple(canonical(DatasetName(each.namespace, each.name)) for each in written.datasets)
    given["identifiers"] = tuple(_identifier(each) for each in written.identifiers)
    return ProcessingActivity(id=kept.id, **given)


def _identifier(written: WrittenIdentifier) -> Identifier:
    dataset = canonical(DatasetName(written.namespace, written.name))
    return Identifier(written.kind, FieldName(dataset, canonical_field(dataset.namespace, written.field)))


def _kept(row: ActivityRow) -> KeptActivity:
    written = WrittenActivity.model_validate_json(row.body) if row.body is not None else None
    return KeptActivity(row.id, row.version, written, row.changed_at, row.changed_by)
