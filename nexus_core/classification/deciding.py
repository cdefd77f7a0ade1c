"""Whether a steward's decision about classes means anything, before it becomes an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from nexus_core.classification.reading import read_classes
from nexus_core.errors import ConflictError, ForbiddenError, InvalidInputError
from nexus_core.model.aliases import Aliases
from nexus_core.model.classes import CLASSIFICATION, CONFIDENTIAL, PUBLIC, RANKS, UNDECIDED, Act, Break, Classes, folded
from nexus_core.model.decision import DecidedObject, Decision
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.classes import read_fields, requests_of
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision about fields of a dataset ("" is all of it) by an account."""

    act: Act
    name: DatasetName
    fields: Sequence[str]
    class_name: str | None
    details: dict[str, Any]
    account_id: str


def definition(class_name: str, rank: int) -> Decision:
    """Give the decision that a class exists; raises InvalidInputError for a built-in one."""
    if class_name in RANKS:
        raise InvalidInputError(f"{class_name} is a class of every deployment", "$.class")
    if class_name == UNDECIDED:
        raise InvalidInputError(f"{UNDECIDED} is what has no class; give another name", "$.class")
    return Decision(CLASSIFICATION, Act.DEFINE, (), class_name, {"class": class_name, "rank": rank})


async def decision(main: Store, ledger: Store, aliases: Aliases, asked: Asked) -> Decision:
    """Give the decision to send.

    Raises InvalidInputError for what means nothing, ConflictError where nothing waits to be approved or rejected, and
    ForbiddenError for an approval by who caused the lowering.
    """
    details = {**asked.details, "fields": sorted({folded(each) for each in asked.fields})}
    if asked.act in (Act.SET, Act.ACCEPT, Act.BREAKER):
        details["class"] = await _known(ledger, asked)
    if asked.act is Act.REJECT:
        details |= {"class": asked.class_name or "", "sources": await _suspected_from(main, aliases, asked)}
    if asked.act is Act.APPROVE:
        await _check_approval(main, aliases, asked, details["fields"])
    name = canonical(asked.name)
    subject = f"{name.namespace} {name.name}"
    return Decision(CLASSIFICATION, asked.act, (DecidedObject(name.namespace, name.name),), subject, details)


async def _known(ledger: Store, asked: Asked) -> str:
    """Give the class; a hash leaves what is confidential at least."""
    async with Ledger(ledger).reading() as seen:
        ranks = (await read_classes(seen)).ranks
    if asked.class_name is None or asked.class_name not in ranks:
        raise InvalidInputError(f"there is no class {asked.class_name}; there are {', '.join(ranks)}", "$.class")
    if asked.details.get("breaks") == Break.HASH and ranks[asked.class_name] < ranks[CONFIDENTIAL]:
        raise InvalidInputError(f"a hash leaves {CONFIDENTIAL}, never {PUBLIC}: it stays a pseudonym", "$.class")
    return asked.class_name


async def _suspected_from(main: Store, aliases: Aliases, asked: Asked) -> list[str]:
    """Give the datasets whose fields are suspected to reach any of the fields now."""
    key = node_key(aliases.of(canonical(asked.name)).id)
    async with reading(main) as connection:
        found = (await read_fields(connection, [key], Classes())).get(key)
    parents = (one.parent for one in found.owned.values() if not one.level.certain) if found else ()
    return sorted({parent.dataset_key for parent in parents if parent is not None})


async def _check_approval(main: Store, aliases: Aliases, asked: Asked, fields: Sequence[str]) -> None:
    async with reading(main) as connection:
        rows = await requests_of(connection, [node_key(aliases.of(canonical(asked.name)).id)])
    waiting = {row.field: row for row in rows}
    for field in fields:
        if field not in waiting:
            raise ConflictError(f"The request to lower {field or 'the whole dataset'}")
        if asked.account_id in orjson.loads(waiting[field].authors):
            raise ForbiddenError("approving what you asked for yourself", "another steward")
