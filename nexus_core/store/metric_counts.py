"""Counts by namespace that figures over time are made of."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from nexus_core.store.catalogue import Connection

_ASSETS = {
    "assets": "SELECT namespace, count(*) FROM catalogue_search GROUP BY 1",
    "fields": "SELECT namespace, sum(field_count) FROM catalogue_search GROUP BY 1",
    "assets_described": "SELECT namespace, count(*) FROM catalogue_search WHERE description <> '' GROUP BY 1",
    "assets_owned": (
        "SELECT s.namespace, count(*) FROM catalogue_search s "
        "WHERE EXISTS (SELECT 1 FROM catalogue_label l WHERE l.id = s.id AND l.kind = 'owner') GROUP BY 1"
    ),
    "assets_classified": (
        "SELECT s.namespace, count(*) FROM catalogue_search s JOIN dataset_access a ON a.dataset_key = s.dataset_key "
        "WHERE a.class_name IS NOT NULL GROUP BY 1"
    ),
    "assets_used": (
        "SELECT s.namespace, count(*) FROM catalogue_search s WHERE EXISTS (SELECT 1 FROM usage u "
        "WHERE u.dataset_key = s.dataset_key AND u.field = '' AND u.day > :since_day) GROUP BY 1"
    ),
    "checks": "SELECT namespace, count(*) FROM quality_check GROUP BY 1",
    "checks_failing": "SELECT namespace, count(*) FROM quality_check WHERE NOT passed GROUP BY 1",
    "harvest_age_seconds": "SELECT source, (:now - max(valid_at)) / 1000000 FROM harvest_manifest GROUP BY 1",
    "harvests_partial": (
        "SELECT m.source, count(*) FROM harvest_manifest m WHERE m.partial AND m.valid_at = "
        "(SELECT max(n.valid_at) FROM harvest_manifest n WHERE n.source = m.source AND n.scope = m.scope) GROUP BY 1"
    ),
}
_INCIDENTS = "SELECT namespace, count(*) FROM quality_incident WHERE state <> 'resolved' GROUP BY 1"


async def catalogue_counts(connection: Connection, since_day: int, now: int) -> Mapping[str, Mapping[str, float]]:
    """Give figures of a projection's store by name and namespace; `now` is in microseconds since 1970."""
    found = {}
    for metric, query in _ASSETS.items():
        given = {"since_day": since_day} if ":since_day" in query else {"now": now} if ":now" in query else {}
        rows = await connection.execute(text(query), given)
        found[metric] = {namespace: float(count or 0) for namespace, count in rows}
    return found


async def incident_counts(connection: Connection) -> Mapping[str, float]:
    """Give unresolved incidents of the main store by namespace."""
    return {namespace: float(count) for namespace, count in await connection.execute(text(_INCIDENTS))}
