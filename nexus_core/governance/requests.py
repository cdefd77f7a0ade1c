"""Requests that somebody else decides: for edits of curated metadata, for a role, and for one at once (break-glass)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
import structlog
from prometheus_client import Counter

from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.governance.scopes import scope_from
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import Caller, Permission
from nexus_core.store import requests as rows
from nexus_core.store.database import Store
from nexus_core.store.requests import APPROVED, PENDING, REJECTED, WITHDRAWN, RequestRow
from nexus_core.store.roles import ACCOUNT

ACCESS_MAX = timedelta(days=366)
PENDING_MAX = 100
"""Requests of one account that may wait at once."""

BREAK_GLASS_MAX = timedelta(hours=4)

_BREAK_GLASS = Counter("nexus_break_glass", "Roles for an emergency.", ["state"])
for _state in ("asked", "approved"):
    _BREAK_GLASS.labels(_state)  # shown as 0 from the start: Prometheus sees no increase in a figure's first value
_LOG = structlog.get_logger()
_RULING = frozenset({Permission.ADMIN, Permission.GOVERN, Permission.AUDIT, Permission.RAW_EVENTS})


class RequestKind(StrEnum):
    """What is asked for."""

    CHANGE = "change"
    ACCESS = "access"
    BREAK_GLASS = "break-glass"


@dataclass(frozen=True, slots=True)
class AskedRole:
    """A role that an account asks for itself: until a moment, or for so many minutes from the approval on."""

    role: str
    scope: list[dict[str, Any]]
    expires_at: datetime | None = None
    minutes: int | None = None

    @property
    def body(self) -> dict[str, Any]:
        """As it is stored."""
        expires = None if self.expires_at is None else self.expires_at.astimezone(UTC).isoformat()
        return {"role": self.role, "scope": self.scope, "expires_at": expires, "minutes": self.minutes}


class Requests:
    """Requests in the main store. Methods raise UnavailableError while it does not answer."""

    def __init__(self, main: Store) -> None:
        self._main, self._roles = main, Roles(main)

    async def ask(self, caller: Caller, kind: RequestKind, body: Mapping[str, Any], reason: str) -> RequestRow:
        """Store a request; raises InvalidInputError while too many of the account's wait already."""
        mine = await rows.list_requests(self._main, PENDING, caller.account_id, (), None, PENDING_MAX)
        if len(mine) >= PENDING_MAX:
            raise InvalidInputError(f"{PENDING_MAX} requests of yours wait already: withdraw some")
        row = RequestRow(
            id=new_id("rq"),
            kind=kind.value,
            state=PENDING,
            body=orjson.dumps(body).decode(),
            reason=reason,
            account_id=caller.account_id,
            created_at=datetime.now(UTC),
        )
        await rows.add_request(self._main, row)
        if kind is RequestKind.BREAK_GLASS:
            _alarm("asked", row)
        return row

    async def check_role(self, asked: AskedRole) -> None:
        """Raise InvalidInputError for a role that cannot be given."""
        now = datetime.now(UTC)
        if asked.expires_at is not None and not now < asked.expires_at <= now + ACCESS_MAX:
            raise InvalidInputError(f"is past, or later than {ACCESS_MAX.days} days from now", "$.expires_at")
        if asked.role not in {role.name for role in await self._roles.all()}:
            raise InvalidInputError("is no role", "$.role")
        scope_from(asked.scope)

    async def get(self, request_id: str) -> RequestRow:
        """Give one request; raises NotFoundError."""
        found = await rows.find_request(self._main, request_id)
        if found is None:
            raise missing(request_id)
        return found

    async def may_decide(self, caller: Caller, row: RequestRow) -> bool:
        """Whether a caller may decide a request by its permissions: never its own, and a ruling role only as admin."""
        if row.account_id == caller.account_id:
            return False
        if row.kind == RequestKind.CHANGE:
            return caller.may(Permission.CURATE)
        if caller.may(Permission.ADMIN):
            return True
        role = next((each for each in await self._roles.all() if each.name == row.asked["role"]), None)
        governs = caller.scope_of(Permission.GOVERN).everything
        return governs and role is not None and not role.permissions & _RULING

    @asynccontextmanager
    async def approving(self, caller: Caller, row: RequestRow, note: str) -> AsyncIterator[None]:
        """Approve a request while what it asks for is done inside; it is pending again if that fails.

        Raises ForbiddenError for who may not, InvalidInputError if it is decided already.
        """
        await self._check(caller, row)
        await self._move(row, PENDING, APPROVED, caller, note)
        try:
            yield
        except BaseException:
            await rows.decide_request(self._main, row.id, APPROVED, PENDING, None, None, None)
            raise
        if row.kind == RequestKind.BREAK_GLASS:
            _alarm("approved", row)

    async def grant(self, caller: Caller, row: RequestRow) -> str:
        """Give the role that is asked for; gives the binding's id."""
        body = row.asked
        if body["minutes"] is not None:
            body["expires_at"] = (datetime.now(UTC) + timedelta(minutes=body["minutes"])).isoformat()
        wanted = _wanted(row.account_id, body, f"{row.kind} {row.id}: {row.reason}"[:1000])
        return (await self._roles.bind(wanted, caller.account_id)).id

    async def reject(self, caller: Caller, row: RequestRow, note: str) -> None:
        """Reject a request."""
        await self._check(caller, row)
        await self._move(row, PENDING, REJECTED, caller, note)

    async def withdraw(self, caller: Caller, row: RequestRow) -> None:
        """Take one's own request back; for anybody else's it is as if there were none."""
        if row.account_id != caller.account_id:
            raise missing(row.id)
        await self._move(row, PENDING, WITHDRAWN, caller, "")

    async def _check(self, caller: Caller, row: RequestRow) -> None:
        if row.account_id == caller.account_id:
            raise ForbiddenError("deciding your own request", "somebody else")
        if not await self.may_decide(caller, row):
            raise ForbiddenError("deciding this request", "another permission, see docs/curation.md")

    async def _move(self, row: RequestRow, former: str, state: str, caller: Caller, note: str) -> None:
        now = datetime.now(UTC)
        if not await rows.decide_request(self._main, row.id, former, state, caller.account_id, now, note):
            raise InvalidInputError("the request is decided already", "$.id")


def missing(request_id: str) -> NotFoundError:
    """Give the error of a request that is not there, or hidden."""
    return NotFoundError(f"The request {request_id[:100]}")


def _wanted(account_id: str, body: Mapping[str, Any], purpose: str) -> Wanted:
    expires_at = None if body["expires_at"] is None else datetime.fromisoformat(body["expires_at"])
    return Wanted(body["role"], ACCOUNT, account_id, scope_from(body["scope"]), purpose, expires_at)


def _alarm(state: str, row: RequestRow) -> None:
    """Tell whoever watches metrics or logs; the audit log has it already."""
    _BREAK_GLASS.labels(state).inc()
    _LOG.warning("break_glass", state=state, request=row.id, account=row.account_id)
