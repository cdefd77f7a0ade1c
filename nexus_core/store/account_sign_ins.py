"""Reads and writes failed attempts to sign in, and sign-ins that wait for an identity provider's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.store.account_tables import pending_sign_ins, sign_in_attempts
from nexus_core.store.database import Store, writing

Wait = Callable[[int], timedelta]
"""How long the attempt after the how-manieth must wait."""

_REMEMBERED = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time until which nobody waits: attempts at once count in any order, whatever the clock said as each began."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The how-manieth attempt in a row this is, or that it must wait: then it does not count."""

    count: int
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that a browser has begun at a provider; `kept` is what the answer is checked against."""

    provider: str
    browser_hash: str
    kept: dict[str, Any]


class SignInRows:
    """The store's attempts and pending sign-ins. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dialect = postgresql if store.dialect.name == "postgresql" else sqlite

    async def attempt(self, name_hash: str, now: datetime, wait: Wait) -> Attempt:
        """Count an attempt and set how long the next must wait, both before it is tried.

        So many at once get no further than one after another.
        """
        of = sign_in_attempts
        first = {"name_hash": name_hash, "count": 1, "blocked_until": _NEVER, "expires_at": now + _REMEMBERED}
        counted = self._dialect.insert(of).values(first)
        counted = counted.on_conflict_do_update(
            index_elements=["name_hash"], set_={"count": of.c.count + 1}, where=of.c.blocked_until <= now
        )
        named = of.c.name_hash == name_hash
        async with writing(self._store) as connection:
            await connection.execute(delete(of).where(of.c.expires_at <= now))
            count = (await connection.execute(counted.returning(of.c.count))).scalar_one_or_none()
            if count is None:
                return Attempt(*(await connection.execute(select(of.c.count, of.c.blocked_until).where(named))).one())
            waiting = wait(count)
            until = now + waiting if waiting else _NEVER
            values = {"blocked_until": until, "expires_at": now + waiting + _REMEMBERED}
            await connection.execute(update(of).where(named).values(values))
        return Attempt(count)

    async def forget_attempts(self, name_hash: str) -> None:
        """Forget the failed attempts with a name."""
        async with writing(self._store) as connection:
            await connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.name_hash == name_hash))

    async def begin(self, state_hash: str, pending: Pending, now: datetime, expires_at: datetime) -> None:
        """Store a sign-in that has begun, by the hash of its state; forgets the expired ones."""
        values = {
            "state_hash": state_hash,
            "provider": pending.provider,
            "browser_hash": pending.browser_hash,
            "kept": orjson.dumps(pending.kept).decode(),
            "expires_at": expires_at,
        }
        async with writing(self._store) as connection:
            await connection.execute(delete(pending_sign_ins).where(pending_sign_ins.c.expires_at <= now))
            await connection.execute(insert(pending_sign_ins).values(values))

    async def take(self, state_hash: str, now: datetime) -> Pending | None:
        """Take away the sign-in of a state, or None if it was taken, has expired or never began."""
        of = pending_sign_ins.c
        taken = delete(pending_sign_ins).where(or_(of.state_hash == state_hash, of.expires_at <= now))
        async with writing(self._store) as connection:
            rows = (await connection.execute(taken.returning(pending_sign_ins))).all()
        for row in rows:
            if row.state_hash == state_hash and row.expires_at > now:
                return Pending(row.provider, row.browser_hash, orjson.loads(row.kept))
        return None
