"""The SQL of jobs as it was sent, for reading inside of the server, and as users may read it, at equal length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nexus_core.catalogue.merged import merge, sources_of, text_of
from nexus_core.eventlog.log import EventLog
from nexus_core.events.sql_text import hide_literals
from nexus_core.model.facets import SQL_CONTEXT
from nexus_core.model.names import JobName
from nexus_core.store.catalogue import Owner

_BETWEEN = ";\n"

Known = tuple[Owner, Mapping[str, Any]]
"""A job with its facets by slot."""


@dataclass(frozen=True, slots=True)
class JobText:
    """A job's SQL, of several queries one after another; `shown` is the same with its literals hidden."""

    sql: str
    shown: str
    dialect: str | None
    default_database: str | None
    default_schema: str | None


async def read_texts(log: EventLog, jobs: Mapping[JobName, Known]) -> dict[JobName, JobText]:
    """Give the texts of the jobs that have one; where the log has the original no more, the redacted one is read.

    Raises UnavailableError while the log does not answer.
    """
    parts = {name: _parts(*known) for name, known in jobs.items()}
    wanted = sorted({event_id for of in parts.values() for event_id, _ in of if event_id})
    originals = {envelope.id: _sent(envelope.event) for envelope in await log.read(wanted)} if wanted else {}
    return {name: _text(parts[name], originals, jobs[name][1]) for name in jobs if parts[name]}


def _parts(owner: Owner, slots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the event and the text, as the catalogue keeps it redacted, of each of a job's queries, in order."""
    facets, sources = merge(slots), sources_of(slots)
    found = []
    for name in sorted(facets):
        text = text_of(facets[name].get("query")) if name == "sql" or name.startswith("sql ") else None
        if text is not None:
            stamp = owner.stamps.get(f"{sources[name][0]}/{name}")
            found.append((stamp[1] if stamp else "", text))
    return found


class _Sent(NamedTuple):
    """What an event said: a query, and where its names are looked up."""

    query: str | None = None
    context: Mapping[str, Any] = {}


def _sent(event: Mapping[str, Any]) -> _Sent:
    facets = _mapping(_mapping(event.get("job")).get("facets"))
    return _Sent(text_of(_mapping(facets.get("sql")).get("query")), _mapping(facets.get(SQL_CONTEXT)))


def _text(parts: list[tuple[str, str]], originals: Mapping[str, _Sent], slots: Mapping[str, Any]) -> JobText:
    facets = merge(slots)
    said = [facets[name] for name in sorted(facets) if name == "sql" or name.startswith("sql ")]
    sent = [originals.get(event_id, _Sent()) for event_id, _ in parts]
    pairs = [(_same_length(each.query, text), text) for each, (_, text) in zip(sent, parts, strict=True)]
    return _joined(pairs, said, next((each.context for each in sent if each.context), {}))


def text_in(events: Iterable[Mapping[str, Any]]) -> JobText | None:
    """Give the SQL that the events of one version of a job tell, the latest of each of its queries; None without."""
    said: dict[tuple[int, str], Mapping[str, Any]] = {}
    context: Mapping[str, Any] = {}
    for event in events:
        job = _mapping(event.get("job"))
        facets = _mapping(job.get("facets"))
        context = _mapping(facets.get(SQL_CONTEXT)) or context
        if text_of(_mapping(facets.get("sql")).get("query")) is not None:
            name = str(job.get("name"))
            said[len(name), name] = facets["sql"]  # TASK.query.9 before TASK.query.10
    facets_in_order = [said[key] for key in sorted(said)]
    texts = [str(facet["query"]) for facet in facets_in_order]
    pairs = [(text, hide_literals(text)) for text in texts]
    return _joined(pairs, facets_in_order, context) if pairs else None


def _joined(pairs: Sequence[tuple[str, str]], said: Sequence[Mapping[str, Any]], context: Mapping[str, Any]) -> JobText:
    """Give queries, each as it was sent and as it is shown, one after another, with the first dialect that is said."""
    dialect = next((name for facet in (*said, context) if (name := text_of(facet.get("dialect")))), None)
    sql, shown = (_BETWEEN.join(texts) for texts in zip(*pairs, strict=True))
    database, schema = text_of(context.get("default_database")), text_of(context.get("default_schema"))
    return JobText(sql, shown, dialect, database, schema)


def _same_length(original: str | None, redacted: str) -> str:
    """Give the original if it is the text that was redacted, so that places are those of what is shown."""
    return original if original is not None and len(original) == len(redacted) else redacted


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
