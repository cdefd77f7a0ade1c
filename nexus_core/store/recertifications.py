"""Reads and writes recertifications of role bindings. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

import orjson
from sqlalchemy import and_, delete, exists, insert, or_, select, update

from nexus_core.store.catalogue import Connection
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.request_tables import recertification, recertified_binding
from nexus_core.store.role_tables import role_bindings
from nexus_core.store.roles import BindingRow

OPEN, CONFIRMED, ENDED = "open", "confirmed", "ended"

_ITEM = recertified_binding.c


@dataclass(frozen=True, slots=True)
class RecertificationRow:
    """A recertification; the fields are the columns of `request_tables`."""

    id: str
    title: str
    due_at: datetime
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One binding of a recertification; `binding` is JSON as it was in the beginning."""

    recertification_id: str
    binding_id: str
    binding: str
    expires_at: datetime | None
    state: str
    decided_by: str | None
    decided_at: datetime | None


async def begin(store: Store, row: RecertificationRow, role: str | None) -> int:
    """Begin one over all live bindings, or those of a role, that no open one has; each ends with it unless confirmed.

    Gives how many bindings that are.
    """
    async with writing(store) as connection:
        found = await _bindings(connection, row.created_at, role)
        await connection.execute(insert(recertification).values(_named(recertification.columns.keys(), row)))
        if found:
            items = [_item(row.id, each) for each in found]
            await connection.execute(
                insert(recertified_binding), [_named(recertified_binding.columns.keys(), each) for each in items]
            )
            mine = role_bindings.c.id.in_(select(_ITEM.binding_id).where(_ITEM.recertification_id == row.id))
            sooner = or_(role_bindings.c.expires_at.is_(None), role_bindings.c.expires_at > row.due_at)
            await connection.execute(update(role_bindings).where(mine, sooner).values(expires_at=row.due_at))
        return len(found)


async def recertifications(store: Store, limit: int) -> Sequence[RecertificationRow]:
    """Give the newest."""
    query = select(recertification).order_by(recertification.c.created_at.desc(), recertification.c.id).limit(limit)
    async with reading(store) as connection:
        return [RecertificationRow(*row) for row in await connection.execute(query)]


async def items(store: Store, recertification_id: str) -> Sequence[ItemRow]:
    """Give the bindings of one."""
    query = select(recertified_binding).where(_ITEM.recertification_id == recertification_id).order_by(_ITEM.binding_id)
    async with reading(store) as connection:
        return [ItemRow(*row) for row in await connection.execute(query)]


async def decide(store: Store, item: ItemRow, state: str, by: str, now: datetime) -> bool:
    """Confirm a binding, which then ends when it did before, or end it; False if it is decided, or over, already."""
    mine = and_(_ITEM.recertification_id == item.recertification_id, _ITEM.binding_id == item.binding_id)
    due = select(recertification.c.id).where(
        recertification.c.id == item.recertification_id, recertification.c.due_at > now
    )
    decided = update(recertified_binding).where(mine, _ITEM.state == OPEN, exists(due))
    binding = role_bindings.c.id == item.binding_id
    async with writing(store) as connection:
        done = await connection.execute(decided.values(state=state, decided_by=by, decided_at=now))
        if not done.rowcount:
            return False
        if state == CONFIRMED:
            await connection.execute(update(role_bindings).where(binding).values(expires_at=item.expires_at))
        else:
            await connection.execute(delete(role_bindings).where(binding))
        return True


async def _bindings(connection: Connection, now: datetime, role: str | None) -> list[BindingRow]:
    row = role_bindings.c
    open_already = (
        select(_ITEM.binding_id)
        .join(recertification, recertification.c.id == _ITEM.recertification_id)
        .where(_ITEM.state == OPEN, recertification.c.due_at > now)
    )
    live = or_(row.expires_at.is_(None), row.expires_at > now)
    query = select(role_bindings).where(live, row.id.not_in(open_already))
    if role is not None:
        query = query.where(row.role == role)
    return [BindingRow(*each) for each in await connection.execute(query.order_by(row.id))]


def _item(recertification_id: str, of: BindingRow) -> ItemRow:
    told = {name: getattr(of, name) for name in ("role", "subject_kind", "subject", "scope", "purpose", "created_by")}
    return ItemRow(recertification_id, of.id, orjson.dumps(told).decode(), of.expires_at, OPEN, None, None)


def _named(names: Sequence[str], row: RecertificationRow | ItemRow) -> dict[str, object]:
    return dict(zip(names, astuple(row), strict=True))
