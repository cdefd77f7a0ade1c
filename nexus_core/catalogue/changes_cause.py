"""Why something changed: the run of the event that tells so, and its SQL as users may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nexus_core.eventlog.log import EventLog
from nexus_core.events.redaction import redact
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.envelope import Envelope
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.database import Store
from nexus_core.store.dataset_access import visible_in
from nexus_core.store.ledger_changes import reading_changes

SQL_MOST = 10_000
"""Characters of SQL that are shown of one event."""

_BESIDE_MOST = 10  # events of a run in which its SQL is looked for


@dataclass(frozen=True, slots=True)
class Reason:
    """What is known of an event that changed something; None what it does not say, or the reader may not see."""

    run_id: str | None
    sql: str | None


async def read_reasons(
    store: Store, log: EventLog, event_ids: Iterable[str], scope: Scope, aliases: Aliases
) -> dict[str, Reason]:
    """Give the reasons of events that the log has.

    Where an event of a run has no SQL, another one of the run may. SQL is shown to readers who see every dataset that
    its event names. Raises UnavailableError while store or log does not answer.
    """
    wanted = sorted(set(event_ids) - {""})
    told = {envelope.id: envelope for envelope in await log.read(wanted)}
    silent = [event_id for event_id, envelope in told.items() if _sql(envelope) is None]
    beside = await _beside(store, log, silent)
    speaking = {event_id: _speaking([envelope, *beside.get(event_id, ())]) for event_id, envelope in told.items()}
    named = {event_id: datasets_of(each, aliases) for event_id, each in speaking.items() if each}
    seen = await visible_in(store, scope, {name for of in named.values() for name in of})
    return {
        event_id: Reason(_run_id(envelope), _sql_of(speaking[event_id]) if named.get(event_id, set()) <= seen else None)
        for event_id, envelope in told.items()
    }


async def _beside(store: Store, log: EventLog, event_ids: list[str]) -> dict[str, list[Envelope]]:
    if not event_ids:
        return {}
    async with reading_changes(store) as snapshot:
        others = {key: of[:_BESIDE_MOST] for key, of in (await snapshot.events_beside(event_ids)).items()}
    told = {envelope.id: envelope for envelope in await log.read(sorted({one for of in others.values() for one in of}))}
    return {key: [told[one] for one in of if one in told] for key, of in others.items()}


def datasets_of(envelope: Envelope, aliases: Aliases) -> set[DatasetName]:
    """Give the datasets that an event names, by the names that stand for them."""
    sides = (envelope.event.get("inputs"), envelope.event.get("outputs"), [envelope.event.get("dataset")])
    named = [_mapping(dataset) for side in sides for dataset in side or () if dataset]
    return {aliases.of(canonical(DatasetName(str(one.get("namespace")), str(one.get("name"))))) for one in named}


def _speaking(envelopes: Iterable[Envelope]) -> Envelope | None:
    return next((each for each in envelopes if _sql(each) is not None), None)


def _sql_of(envelope: Envelope | None) -> str | None:
    hidden = _sql(envelope) if envelope else None
    return hidden and hidden[:SQL_MOST]


def _sql(envelope: Envelope) -> str | None:
    """Give an event's SQL with its literals hidden, also where the log gives the original."""
    facets = _mapping(_mapping(envelope.event.get("job")).get("facets"))
    if not isinstance(_mapping(facets.get("sql")).get("query"), str):
        return None
    shown = redact({**envelope.event}).event
    query: str = shown["job"]["facets"]["sql"]["query"]
    return query


def _run_id(envelope: Envelope) -> str | None:
    run_id = _mapping(envelope.event.get("run")).get("runId")
    return run_id if isinstance(run_id, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
