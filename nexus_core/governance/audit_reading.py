"""What an auditor reads of the audit log: records within the caller's scope, and proofs of single ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import orjson

from nexus_core.errors import NotFoundError
from nexus_core.model.access import Scope
from nexus_core.model.audit import Place, Record, read_record
from nexus_core.model.merkle import consistency_proof, inclusion_proof
from nexus_core.store import audit as rows
from nexus_core.store import audit_segments, audit_tree
from nexus_core.store.audit import Kept, Wanted
from nexus_core.store.audit_tree import Signed
from nexus_core.store.database import Store

NAMESPACE = "namespace"
"""The part of a target that says of which source it is; who may not see all of that does not see the record."""

_LOOKED_MOST = 10_000  # records that one page looks through for those in scope


@dataclass(frozen=True, slots=True)
class Seen:
    """A record, read."""

    record: Record
    kept: Kept


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A record with the proof that it is in the tree of a checkpoint."""

    position: int
    record: Record
    proof: Sequence[bytes]
    signed: Signed


async def read_page(store: Store, wanted: Wanted, scope: Scope, limit: int) -> tuple[list[Seen], Kept | None]:
    """Give the newest records in scope, and the record from which a next page goes on, None at the end."""
    found: list[Seen] = []
    for _ in range(0, _LOOKED_MOST, limit):
        part = await rows.page(store, wanted, limit)
        for kept in part:
            record = read_record(kept.body)
            if _visible(record, scope):
                found.append(Seen(record, kept))
            if len(found) == limit:
                return found, kept
        if len(part) < limit:
            return found, None
        wanted = replace(wanted, before=(part[-1].at, part[-1].place))
    return found, part[-1]


async def read_from(store: Store, first: int, limit: int) -> list[Seen]:
    """Give records in the tree's order from a position on, as far as the newest checkpoint covers them.

    Raises NotFoundError for positions that lie in sealed files alone.
    """
    newest, begin = await audit_tree.newest_checkpoint(store), await audit_segments.pruned(store)
    if begin is not None and first < begin.size:
        raise NotFoundError(
            f"The audit record {first} in the store, which begins with {begin.size} behind sealed files,"
        )
    end = min(newest.size if newest else 0, first + limit)
    return [Seen(read_record(kept.body), kept) async for kept, _ in audit_tree.entries(store, end, first)]


def feed_line(seen: Seen) -> bytes:
    """Write a record as a line of JSON, with what is not erased in clear, for systems that collect such records."""
    record, kept = seen.record, seen.kept
    told = {
        "position": kept.position,
        "at": record.at,
        "action": record.action,
        "outcome": record.outcome,
        "target": dict(record.target),
        "personal": {name: orjson.loads(opening.value) for name, opening in kept.personal.items()},
        "erased": sorted(record.personal.keys() - kept.personal.keys()),
        "writer": record.place.writer,
        "seq": record.place.seq,
        "of": record.of,
    }
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


async def prove_record(store: Store, place: Place, scope: Scope, size: int | None) -> Inclusion:
    """Give the proof for a record in the tree of a checkpoint, by default the newest; raises NotFoundError."""
    signed = await audit_tree.newest_checkpoint(store, size)
    kept = await rows.one(store, place)
    if signed is None or kept is None or not _visible(read_record(kept.body), scope):
        raise NotFoundError(f"The audit record {place.seq} of {place.writer}, or such a checkpoint,")
    if kept.position is None or kept.position >= signed.size:
        raise NotFoundError(f"The audit record {place.seq} of {place.writer} in a checkpoint of {signed.size}")
    proof = await audit_tree.prove(store, partial(inclusion_proof, kept.position, signed.size))
    return Inclusion(kept.position, read_record(kept.body), proof, signed)


async def prove_growth(store: Store, first: int, second: int) -> tuple[list[bytes], Signed, Signed]:
    """Give the proof that one checkpoint's tree is the beginning of another's; raises NotFoundError."""
    signed = [await audit_tree.newest_checkpoint(store, size) for size in (first, second)]
    if signed[0] is None or signed[1] is None or first > second:
        raise NotFoundError(f"Checkpoints of {first} and {second} leaves")
    return await audit_tree.prove(store, partial(consistency_proof, first, second)), signed[0], signed[1]


def _visible(record: Record, scope: Scope) -> bool:
    namespace = record.target.get(NAMESPACE)
    return scope.everything or (namespace is not None and scope.sees_whole(namespace))
