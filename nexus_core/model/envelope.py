"""An accepted event with who sent it, under which authority, and when (lineage.md §1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from nexus_core.model.names import DatasetName

Event = Mapping[str, Any]
"""An OpenLineage event as decoded JSON."""


class EventKind(StrEnum):
    """OpenLineage's three kinds of event."""

    RUN = "RunEvent"
    JOB = "JobEvent"
    DATASET = "DatasetEvent"


@dataclass(frozen=True, slots=True)
class Authority:
    """What a token may say in events; empty pattern tuples allow nothing, `*` matches any text (fnmatch).

    `jobs` are patterns of job namespaces, `outputs` patterns of `NAMESPACE/NAME` of datasets written,
    `harvest` patterns of source namespaces that it may declare, retire and date from a query log. `curates` and
    `aliases` are patterns of `NAMESPACE/NAME` of datasets for which it has what `curator` and `alias` give for all.
    `edits` is no token's: it marks an edit of curated metadata whose rights and version our API has checked.
    """

    jobs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    harvest: tuple[str, ...] = ()
    curator: bool = False
    backfill: bool = False
    alias: bool = False
    admin: bool = False
    edits: bool = False
    curates: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def may_curate(self, name: DatasetName) -> bool:
        """Whether it may say of a dataset what curators say."""
        return self.curator or _covers(self.curates, name)

    def may_join(self, *names: DatasetName) -> bool:
        """Whether it may say that names mean one dataset; `*` as a name is all names of a namespace."""
        return self.alias or self.admin or all(_covers(self.aliases, name) for name in names)


def _covers(patterns: tuple[str, ...], name: DatasetName) -> bool:
    """Whether a pattern matches a name; all names of a namespace only if it matches any."""
    asked = [name.name, *(_ANY_NAMES if name.name == "*" else ())]
    return any(all(fnmatchcase(f"{name.namespace}/{each}", pattern) for each in asked) for pattern in patterns)


_ANY_NAMES = ("", "a", "Z.0/-")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One accepted event: `id` is SHA-256 of the RFC 8785 bytes of principal and original event.

    `event` is the original text where it can be unsealed, else the redacted view of equal positions.
    `valid_at` is min(eventTime, accepted_at + 5 min), aware UTC. A `quarantined` event is durable and shown, but not
    merged until a steward says so: its time reaches further back than its authority allows.
    """

    id: str
    principal: str
    authority: Authority
    accepted_at: datetime
    valid_at: datetime
    kind: EventKind
    event: Event
    quarantined: bool = False
