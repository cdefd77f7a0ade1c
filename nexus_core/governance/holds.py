"""Legal holds: while one is open, what it covers is neither erased nor pruned (docs/audit.md)."""

from __future__ import annotations

from datetime import UTC, datetime

from nexus_core.errors import ForbiddenError, NotFoundError
from nexus_core.governance.audit import Audit
from nexus_core.governance.secrets import new_id
from nexus_core.model.audit import Act, Action
from nexus_core.store import holds as rows
from nexus_core.store.database import Store
from nexus_core.store.holds import Hold


async def check_holds(store: Store, what: str, account_id: str | None = None) -> None:
    """Raise ForbiddenError while an account's data, or anything if no account is given, is held."""
    hold = await rows.open_hold(store, account_id)
    if hold is not None:
        raise ForbiddenError(what, f"the legal hold {hold.id} ({hold.reason}) to end")


async def place_hold(audit: Audit, reason: str, account_id: str | None, user: str) -> Hold:
    """Hold an account's data, or everything; recorded."""
    hold = Hold(new_id("hold"), reason, account_id, datetime.now(UTC))
    held = {"account": account_id} if account_id else {}
    act = Act(Action.HOLD_PLACED, {"hold": hold.id}, {"user": user, "reason": reason, **held})
    async with audit.acting(None, act):
        await rows.place(audit.store, hold)
    return hold


async def end_hold(audit: Audit, hold_id: str, user: str) -> None:
    """End a hold; recorded. Raises NotFoundError if no open one has this id."""
    async with audit.acting(None, Act(Action.HOLD_ENDED, {"hold": hold_id}, {"user": user})):
        if not await rows.end(audit.store, hold_id, datetime.now(UTC)):
            raise NotFoundError(f"An open legal hold {hold_id}")
