"""Legal holds: while one is open, what it covers is neither erased nor pruned (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.audit import Audit
from nexus_core.governance.secrets import new_id
from nexus_core.model.access import Caller, Permission
from nexus_core.model.audit import Act, Action
from nexus_core.store import holds as rows
from nexus_core.store.database import Store
from nexus_core.store.holds import End, Hold
from nexus_core.store.roles import is_account


@dataclass(frozen=True, slots=True)
class Holder:
    """Who places or ends a hold: an account, or without one the user of the machine."""

    caller: Caller | None = None
    user: str = ""

    @property
    def account_id(self) -> str:
        """The account's id, "" for who has the machine."""
        return self.caller.account_id if self.caller else ""

    @property
    def told(self) -> Mapping[str, str]:
        """What the audit log says beside the actor."""
        return {"user": self.user} if self.user else {}


def check_may_hold(caller: Caller, *permissions: Permission) -> None:
    """Raise ForbiddenError without one of the permissions for everything: a hold is of no dataset or domain."""
    if not any(caller.scope_of(each).everything for each in permissions):
        raise ForbiddenError("legal holds", f"the permission {' or '.join(permissions)} without limits")


async def check_holds(store: Store, what: str, account_id: str | None = None) -> None:
    """Raise ForbiddenError while an account's data, or anything if no account is given, is held."""
    hold = await rows.open_hold(store, account_id)
    if hold is not None:
        raise ForbiddenError(what, f"the legal hold {hold.id} ({hold.reason}) to end")


async def place_hold(audit: Audit, reason: str, account_id: str | None, by: Holder) -> Hold:
    """Hold an account's data, or everything; recorded. Raises InvalidInputError for what is no account."""
    if account_id is not None and not await is_account(audit.store, account_id):
        raise InvalidInputError("is no account's id", "$.account_id")
    hold = Hold(new_id("hold"), reason, account_id, datetime.now(UTC), by.account_id)
    held = {"account": account_id} if account_id else {}
    act = Act(Action.HOLD_PLACED, {"hold": hold.id}, {"reason": reason, **held, **by.told})
    async with audit.acting(by.caller, act):
        await rows.place(audit.store, hold)
    return hold


async def end_hold(audit: Audit, hold_id: str, reason: str, by: Holder) -> Hold:
    """End a hold; recorded. Raises NotFoundError if no open one has this id, ForbiddenError for one of oneself."""
    hold = await rows.find_hold(audit.store, hold_id)
    if hold is None or hold.ended_at is not None:
        raise NotFoundError(f"An open legal hold {hold_id}")
    if by.caller is not None and hold.account_id == by.account_id:
        raise ForbiddenError("ending a hold of your own data", "somebody else")
    how = End(datetime.now(UTC), by.account_id, reason)
    async with audit.acting(by.caller, Act(Action.HOLD_ENDED, {"hold": hold_id}, {"reason": reason, **by.told})):
        if not await rows.end(audit.store, hold_id, how):
            raise NotFoundError(f"An open legal hold {hold_id}")
    return replace(hold, ended_at=how.ended_at, ended_by=how.ended_by, end_reason=how.end_reason)
