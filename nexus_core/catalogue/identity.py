"""One dataset under several names: what is said of any of them is said of it (lineage.md §2, Names)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.store.catalogue import Connection, Owner, Stamp, facets_of, load_owners

Slots = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """A dataset by the name that stands for it, with its facets by slot."""

    owner: Owner
    slots: Slots


async def load_known(connection: Connection, names: Iterable[DatasetName], aliases: Aliases) -> list[Known]:
    """Give the datasets that names stand for, each once; unknown ones are left out."""
    classes = {first: aliases.members(first) for first in {aliases.of(name) for name in names}}
    keys = {node_key(member.id) for members in classes.values() for member in members}
    owners = await load_owners(connection, False, keys)
    facets = await facets_of(connection, owners)
    found = []
    for first, members in sorted(classes.items()):
        of = [owners[key] for member in members if (key := node_key(member.id)) in owners]
        if of:
            found.append(_joined(first, of, facets))
    return found


def _joined(first: DatasetName, owners: Sequence[Owner], facets: Mapping[str, Slots]) -> Known:
    """Join what is known under several names; in each slot the latest holds, as under one name."""
    if len(owners) == 1 and owners[0].namespace == first.namespace and owners[0].name == first.name:
        return Known(owners[0], facets.get(owners[0].key, {}))
    stamps: dict[str, Stamp] = {}
    slots: dict[str, Mapping[str, Any]] = {}
    for owner in owners:
        for slot, stamp in owner.stamps.items():
            if slot not in stamps or stamps[slot][:2] < stamp[:2]:
                stamps[slot] = stamp
                slots[slot] = facets.get(owner.key, {}).get(slot, {})
    joined = replace(
        owners[0],
        key=node_key(first.id),
        namespace=first.namespace,
        name=first.name,
        first_seen_at=min(owner.first_seen_at for owner in owners),
        last_seen_at=max(owner.last_seen_at for owner in owners),
        stamps=stamps,
    )
    return Known(joined, slots)
