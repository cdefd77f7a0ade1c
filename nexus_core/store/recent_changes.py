"""Finds what changed last, by the ledger's moments of change."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from nexus_core.model.access import Scope
from nexus_core.model.moments import microseconds, moment
from nexus_core.store.catalogue_tables import catalogue_search
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger_tables import change_moment
from nexus_core.store.scope_condition import seen_rows

LOOKED_AT = 20_000
"""Moments that are looked through, the latest first, so that a narrow scope in a large estate costs no more."""


class Changed(NamedTuple):
    """A dataset with the moment at which its schema, what feeds it or its being there last changed."""

    namespace: str
    name: str
    platform: str
    kind: str
    changed_at: datetime


async def recently_changed(store: Store, scope: Scope, limit: int, now: datetime) -> list[Changed]:
    """Give the datasets that changed last as far as a scope sees, the latest first; UnavailableError if it fails."""
    change, shown = change_moment.c, catalogue_search.c
    latest = select(change.dataset_key, change.at).where(change.at <= microseconds(now)).order_by(change.at.desc())
    window = latest.limit(LOOKED_AT).subquery()
    at = func.max(window.c.at)
    query = (
        select(shown.namespace, shown.name, shown.platform, shown.kind, at)
        .join(window, window.c.dataset_key == shown.dataset_key)
        .where(seen_rows(scope, store.dialect.name, "catalogue_search"))
        .group_by(shown.namespace, shown.name, shown.platform, shown.kind)
        .order_by(at.desc(), shown.name, shown.namespace)
    )
    async with reading(store) as connection:
        rows = (await connection.execute(query.limit(limit))).all()
    return [Changed(*row[:4], moment(row[4])) for row in rows]
