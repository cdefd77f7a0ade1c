"""Ends sessions whose rights have changed, and shows no row while it is not known whether they have."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from nexus_core.errors import UnavailableError
from nexus_core.model.masked import Profile
from nexus_core.proxy.profiles import Profiles
from nexus_core.proxy.protocol import messages
from nexus_core.proxy.sessions import Session, Sessions
from nexus_core.store.proxy_logins import ProxyLogins

LOOK_SECONDS = 1.0
LEASE_SECONDS = 4.0
"""Age of what is known of rights from which no row is shown (governance.md §4)."""

LEASE_ENDS_SECONDS = 30.0
"""Age from which sessions end."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


@dataclass(slots=True)
class Watch:
    """Follows the rights of all open sessions of one process; `leases` says by source how old what is known is."""

    profiles: Profiles
    logins: ProxyLogins
    sessions: Sessions
    leases: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Look for ever; while the store is away what is known grows old."""
        while True:
            try:
                await self.look()
            except UnavailableError as error:
                log.warning("rights_unknown", reason=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Compare every session with the rights of now. Raises UnavailableError."""
        by_source: dict[str, list[Session]] = defaultdict(list)
        for session in self.sessions:
            by_source[session.profile.source].append(session)
        for source in {*self.leases, *by_source}:
            await self._look_at(source, by_source[source])

    async def fresh(self, source: str) -> bool:
        """Whether it is known now what anybody may see of a source. Raises UnavailableError."""
        if self.age(source) > LEASE_SECONDS:
            self.leases[source] = await self.profiles.lease(source)
        return self.age(source) <= LEASE_SECONDS

    def age(self, source: str) -> float:
        """Give how many seconds old what is known of a source is."""
        return (datetime.now(UTC) - self.leases.get(source, _NEVER)).total_seconds()

    def enforce(self) -> None:
        """Hold back the rows of sessions whose rights are not known, and end them if that lasts."""
        for session in self.sessions:
            age = self.age(session.profile.source)
            if age > LEASE_ENDS_SECONDS:
                told = "for too long it is not known what you may see"
                session.relay.end(messages.fatal(messages.ADMIN_SHUTDOWN, told), "lease")
            elif age > LEASE_SECONDS:
                session.relay.stop_rows()
            else:
                session.relay.go_on()

    async def _look_at(self, source: str, sessions: list[Session]) -> None:
        asked_at = datetime.now(UTC)
        accounts = {session.caller.account_id for session in sessions}
        if accounts:
            generation = await self.profiles.generation(source)
            epochs = await self.logins.epochs(accounts)
            ids = await self.profiles.profile_ids(accounts, source)
            changed = [each for each in sessions if not _holds(each, epochs, ids)]
            _stop(changed)
            new = [each for each in sessions if each not in changed and each.compared != generation]
            await self._compare(source, new, generation)
        self.leases[source] = min(asked_at, await self.profiles.lease(source))

    async def _compare(self, source: str, sessions: list[Session], generation: int) -> None:
        """End the sessions that are on another generation of their profile; the others are good until the next."""
        now: dict[str, Profile | None] = {}
        for session in sessions:
            account_id = session.caller.account_id
            if account_id not in now:
                now[account_id] = (await self.profiles.answer(account_id, source)).profile
        for session in sessions:
            session.compared = generation
        _stop([session for session in sessions if not _same(now[session.caller.account_id], session.profile)])


def _holds(session: Session, epochs: Mapping[str, int], ids: Mapping[str, str | None]) -> bool:
    account_id = session.caller.account_id
    return epochs.get(account_id) == session.epoch and ids.get(account_id) == session.profile.id


def _same(one: Profile | None, other: Profile) -> bool:
    return one is not None and (one.id, one.generation, one.login_role) == (
        other.id,
        other.generation,
        other.login_role,
    )


def _stop(sessions: list[Session]) -> None:
    """Let nothing pass any more of any of them, then end them."""
    for session in sessions:
        session.relay.stop_rows()
    for session in sessions:
        told = "what you may see of this source has changed"
        session.relay.end(messages.fatal(messages.ADMIN_SHUTDOWN, told, "Connect again."), "rights")
