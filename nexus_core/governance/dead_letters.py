"""What a steward does with events that wait for a person: try again, release, or send an edited one in their stead."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from nexus_core.errors import ForgottenError, InvalidInputError, NotFoundError
from nexus_core.eventlog.log import EventLog
from nexus_core.events import times
from nexus_core.events.check import check
from nexus_core.events.identity import event_id
from nexus_core.events.redaction import redact
from nexus_core.governance.authority import check_authority
from nexus_core.model.envelope import Envelope, EventKind
from nexus_core.model.facets import SUPERSEDES

_PRODUCER = "https://github.com/lineage-nexus/lineage-nexus"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/BaseFacet"
_OWNERS = {EventKind.RUN: "run", EventKind.JOB: "job", EventKind.DATASET: "dataset"}


class DeadLetters:
    """The dead letters of a log. Methods raise NotFoundError for an event that does not wait for a person.

    What is dated before `kept_from` can be looked at only: it would change history that is not kept.
    """

    def __init__(self, log: EventLog, kept_from: datetime | None = None) -> None:
        self._log, self._kept_from = log, kept_from

    async def retry(self, dead_id: str) -> None:
        """Let an event be merged: a dead one again, a quarantined one as if it had come now.

        Raises ForgottenError for one that is older than the history that is kept; so does `edit`.
        """
        self._refuse_forgotten((await self._waiting(dead_id)).valid_at)
        if not await self._log.retry(dead_id, datetime.now(UTC)):
            raise NotFoundError(f"Dead letter {dead_id}")

    async def discard(self, dead_id: str, why: str) -> None:
        """Put an event aside for a reason: it stays in the log, and neither replay nor retry takes it."""
        if not await self._log.discard(dead_id, why):
            raise NotFoundError(f"Dead letter {dead_id}")

    async def restore(self, dead_id: str) -> None:
        """Let a discarded event wait again; raises NotFoundError for one that is not discarded."""
        if not await self._log.restore(dead_id):
            raise NotFoundError(f"Discarded event {dead_id}")

    async def show(self, dead_id: str) -> Envelope:
        """Give an event as users may read it."""
        envelope = await self._waiting(dead_id)
        return replace(envelope, event=redact(envelope.event).event)

    async def edit(self, dead_id: str, edited: Any, by: str) -> str:
        """Accept an edited event in place of one that waits; gives its id.

        It keeps principal and authority of the first, and names it and the steward in a facet. Texts that the steward
        saw hidden and left as they were become the originals again. Raises InvalidInputError or ForbiddenError for
        what could not have been sent either.
        """
        first = await self._waiting(dead_id)
        whole = _restored(edited, redact(first.event).event, first.event)
        checked = check(whole)
        if checked.kind is not first.kind:
            raise InvalidInputError(f"An edited {first.kind} must be one", "$")
        check_authority(first.authority, checked.kind, checked.event)
        event = _superseding(checked.kind, checked.event, dead_id, by)
        accepted_at = datetime.now(UTC)
        successor = Envelope(
            id=event_id(first.principal, event),
            principal=first.principal,
            authority=first.authority,
            accepted_at=accepted_at,
            valid_at=times.valid_at(checked.event_at, accepted_at),
            kind=checked.kind,
            event=event,
        )
        self._refuse_forgotten(successor.valid_at)
        await self._log.append([successor])
        await self._log.supersede(dead_id, successor.id)
        return successor.id

    def _refuse_forgotten(self, valid_at: datetime) -> None:
        if self._kept_from is not None and valid_at < self._kept_from:
            raise ForgottenError("The event's time", self._kept_from)

    async def _waiting(self, dead_id: str) -> Envelope:
        found = await self._log.read([dead_id])
        if not found or not await self._log.waits(dead_id):
            raise NotFoundError(f"Dead letter {dead_id}")
        return found[0]


def _superseding(kind: EventKind, event: Mapping[str, Any], dead_id: str, by: str) -> dict[str, Any]:
    """Give the event with the facet that says which one it replaces, and who edited it."""
    whole = deepcopy(dict(event))
    owner = whole[_OWNERS[kind]]
    facet = {"_producer": _PRODUCER, "_schemaURL": _SCHEMA, "event": dead_id, "by": by}
    owner["facets"] = {**(owner.get("facets") or {}), SUPERSEDES: facet}
    return whole


def _restored(edited: Any, shown: Any, original: Any) -> Any:
    """Put the original in place of everything that is still as it was shown."""
    if edited == shown:
        return original
    if isinstance(edited, dict) and isinstance(shown, Mapping) and isinstance(original, Mapping):
        return {
            key: _restored(value, shown[key], original[key]) if key in shown and key in original else value
            for key, value in edited.items()
        }
    lists = isinstance(edited, list) and isinstance(shown, list) and isinstance(original, list)
    if lists and len(edited) == len(shown) == len(original):
        return [_restored(*each) for each in zip(edited, shown, original, strict=True)]
    return edited
