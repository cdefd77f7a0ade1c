"""Which profile somebody has now: what proxies ask before they let in, and again while a session lasts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.seal import Seal
from nexus_core.masking.audiences import People, read_people
from nexus_core.masking.sealing import context_of, proxy_seal
from nexus_core.masking.seen import read
from nexus_core.model.masked import Profile
from nexus_core.settings import Settings
from nexus_core.store import masking as rows
from nexus_core.store.database import Store
from nexus_core.store.masking import SourceRow

LEASE_SECONDS = 4.0
"""Age of the lease from which no row may be shown."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOT_RECONCILED = "the source was not reconciled yet: is `nexus reconciler` running?"
NO_RIGHTS = "the account is disabled, or has no role that lets it read"
BEING_BUILT = "what you may see is being put into the source; try again in some seconds"


@dataclass(frozen=True, slots=True)
class Answer:
    """A profile, or why there is none."""

    profile: Profile | None
    why: str = ""


class ProfileSource:
    """Reads the SQL store, and remembers nothing. Every method raises UnavailableError if the store fails."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._seal: Seal | None = None

    async def of(self, account_id: str, source: str) -> Profile | None:
        """Give the profile of an account, None if it is not served."""
        return (await self.answer(account_id, source)).profile

    async def answer(self, account_id: str, source: str) -> Answer:
        """Give the profile of an account, or the reason why it is not served."""
        state = await rows.source_row(self._store, source)
        if state is None:
            return Answer(None, NOT_RECONCILED)
        if problems := orjson.loads(state.problems):
            return Answer(None, f"the source is not safe to serve: {problems[0][0]}")
        audience = _key(await read_people(self._store, account_id), account_id, state)
        if audience is None:
            return Answer(None, NO_RIGHTS)
        found = await rows.audience_row(self._store, source, audience)
        if found is None or found.profile_id is None:
            return Answer(None, (found.why if found else "") or BEING_BUILT)
        row = await rows.profile_row(self._store, source, found.profile_id)
        return Answer(read(row.body, row.generation)) if row and not row.retired_at else Answer(None, BEING_BUILT)

    async def profile_ids(self, account_ids: Collection[str], source: str) -> Mapping[str, str | None]:
        """Give the ids of the profiles of many accounts, None for those who are not served now."""
        state = await rows.source_row(self._store, source)
        if state is None or orjson.loads(state.problems):
            return dict.fromkeys(account_ids)
        people = await read_people(self._store)
        known = await rows.audiences(self._store, source)
        keys = {account_id: _key(people, account_id, state) for account_id in account_ids}
        found = {account_id: known.get(key or "") for account_id, key in keys.items()}
        return {account_id: row.profile_id if row else None for account_id, row in found.items()}

    async def generation(self, source: str) -> int:
        """Give a number that grows with every change of what anybody sees of a source; 0 before the first."""
        state = await rows.source_row(self._store, source)
        return state.generation if state else 0

    async def lease(self, source: str | None = None) -> datetime:
        """Give when what is in force in a source was last seen to be what policies say; of all, the oldest.

        It is the reconciler's word: while that stands still, so does this, and proxies stop (LEASE_SECONDS).
        """
        names = [source] if source is not None else list(self._settings.proxy.sources)
        states = [await rows.source_row(self._store, each) for each in names]
        return min(((state.checked_at if state else None) or NEVER for state in states), default=NEVER)

    async def password(self, profile: Profile) -> str:
        """Give the password of a profile's login role, which a rotation may change at any time.

        Raises UnavailableError if the profile is gone, or was sealed under another key.
        """
        row = await rows.profile_row(self._store, profile.source, profile.id)
        if self._seal is None:
            self._seal = proxy_seal(self._settings)
        clear = self._seal.open(row.password, context_of(profile.source, profile.id)) if row else None
        if clear is None:
            raise UnavailableError(f"The profile {profile.id}", "its password is gone, or sealed under another key")
        return clear.decode()


def _key(people: People, account_id: str, state: SourceRow) -> str | None:
    audience = people.audience(account_id, orjson.loads(state.attributes))
    return audience.key if audience else None
