"""From the events of one harvest to its whole manifest: pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import orjson

from nexus_core.events.identity import canonical as canonical_json
from nexus_core.model.edge import digest
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_namespace
from nexus_core.store.lifecycle_rows import ChunkRow, HarvestRow, ManifestRow

Objects = list[list[str | None]]
"""`[namespace, name, fingerprint]` each, as written."""


def manifest_of(harvests: Sequence[HarvestRow], chunks: Iterable[ChunkRow]) -> tuple[ManifestRow, bytes] | None:
    """Give a harvest's manifest and the content of its names; None while a chunk, or its COMPLETE, is missing.

    A manifest whose digest is not that of its chunks counts as partial. Of several events that claim one place the
    latest holds.
    """
    if not harvests:
        return None
    told = max(harvests, key=lambda row: (row.completed_at, row.event_id))
    by_place = {row.chunk: row for row in sorted(chunks, key=lambda row: (row.valid_at, row.event_id))}
    if not all(place in by_place for place in range(told.chunk_count)):
        return None
    whole = [by_place[place] for place in range(told.chunk_count)]
    objects: list[Objects] = [orjson.loads(row.objects) for row in whole]
    names = orjson.dumps(sorted({(str(space), str(name)) for part in objects for space, name, _ in part}))
    row = ManifestRow(
        run_key=told.run_key,
        event_id=told.event_id,
        source=canonical_namespace(told.source),
        scope=_canonical_scope(told),
        valid_at=min(told.completed_at, *(row.valid_at for row in whole)) if whole else told.completed_at,
        known_at=max(told.accepted_at, *(row.accepted_at for row in whole)) if whole else told.accepted_at,
        names_key=digest(names),
        partial=told.partial or told.digest != manifest_digest(objects),
    )
    return row, names


def manifest_digest(chunks: Iterable[Objects]) -> str:
    """Give the SHA-256, in hex, of all chunks' objects in order, each as RFC 8785 JSON (model.facets)."""
    digest_ = hashlib.sha256()
    for objects in chunks:
        said = [{"namespace": space, "name": name, "fingerprint": mark} for space, name, mark in objects]
        digest_.update(canonical_json(said))
    return digest_.hexdigest()


def _canonical_scope(told: HarvestRow) -> str:
    """Write a scope's patterns as the source's names are written."""
    return canonical(DatasetName(told.source, told.scope)).name if told.scope else ""
