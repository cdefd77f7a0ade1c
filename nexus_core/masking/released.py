"""What our views let go of for a while, so that a migration of the source can alter it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from nexus_core.masking.source_objects import SourceCatalogue
from nexus_core.store.masking import ReleaseRow


def released_oids(catalogue: SourceCatalogue, rows: Iterable[ReleaseRow], now: datetime) -> frozenset[int]:
    """Give the relations that are let go of: those named, what they share rows with, and what reads any of them."""
    live = {(row.schema, row.relation) for row in rows if row.until > now}
    if ("", "") in live:
        return frozenset(catalogue.relations)
    found = {oid for oid, each in catalogue.relations.items() if (each.schema, each.name) in live}
    return frozenset(_with_readers(catalogue, found))


def _with_readers(catalogue: SourceCatalogue, found: Collection[int]) -> set[int]:
    every, before = set(found), -1
    while len(every) != before:
        before = len(every)
        for oid, each in catalogue.relations.items():
            if not every.isdisjoint(each.reads) or not every.isdisjoint(each.parents):
                every.add(oid)
            if oid in every:
                every.update(parent for parent in each.parents if parent in catalogue.relations)
    return every
