"""What the proxy asks about profiles; `nexus_core.masking` answers it from the SQL store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from nexus_core.model.masked import Profile


class Answer(Protocol):
    """A profile, or why there is none."""

    @property
    def profile(self) -> Profile | None:
        """The profile."""

    @property
    def why(self) -> str:
        """Why there is none."""


class Profiles(Protocol):
    """Who sees what of which source now. Every method raises UnavailableError if the store fails."""

    async def answer(self, account_id: str, source: str) -> Answer:
        """Give the profile of an account, or why it is not served."""

    async def profile_ids(self, account_ids: Collection[str], source: str) -> Mapping[str, str | None]:
        """Give the ids of the profiles of accounts, None for those who are not served now."""

    async def generation(self, source: str) -> int:
        """Give a number that grows with every change of what anybody sees of a source."""

    async def lease(self, source: str) -> datetime:
        """Give when what is in force in a source was last seen to be what policies say."""

    async def password(self, profile: Profile) -> str:
        """Give the password of a profile's login role."""
