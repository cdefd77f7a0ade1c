"""Reads and writes requests that another person decides. All functions raise UnavailableError if the store fails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import or_, select, update

from nexus_core.store.by_id import add_row, find_row
from nexus_core.store.database import Store, reading, writing
from nexus_core.store.request_tables import request

PENDING, APPROVED, REJECTED, WITHDRAWN = "pending", "approved", "rejected", "withdrawn"
STATES = (PENDING, APPROVED, REJECTED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request; the fields are the columns of `request_tables`, `body` is JSON."""

    id: str
    kind: str
    state: str
    body: str
    reason: str
    account_id: str
    created_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None

    @property
    def asked(self) -> Any:
        """What is asked for."""
        return orjson.loads(self.body)


async def add_request(store: Store, row: RequestRow) -> None:
    """Add a request."""
    await add_row(store, request, row)


async def find_request(store: Store, request_id: str) -> RequestRow | None:
    """Give one request."""
    return await find_row(store, request, RequestRow, request_id)


async def list_requests(
    store: Store, state: str, asker: str, kinds: Collection[str], before: datetime | None, limit: int
) -> Sequence[RequestRow]:
    """Give the newest requests in a state: those of one account, and everybody's of some kinds."""
    query = select(request).where(
        request.c.state == state, or_(request.c.account_id == asker, request.c.kind.in_(sorted(kinds)))
    )
    if before is not None:
        query = query.where(request.c.created_at < before)
    async with reading(store) as connection:
        rows = await connection.execute(query.order_by(request.c.created_at.desc(), request.c.id).limit(limit))
        return [RequestRow(*row) for row in rows]


async def decide_request(
    store: Store, request_id: str, former: str, state: str, by: str | None, at: datetime | None, note: str | None
) -> bool:
    """Move a request from one state to another; False if it is in another already."""
    mine = update(request).where(request.c.id == request_id, request.c.state == former)
    async with writing(store) as connection:
        done = await connection.execute(mine.values(state=state, decided_by=by, decided_at=at, note=note))
        return bool(done.rowcount)
