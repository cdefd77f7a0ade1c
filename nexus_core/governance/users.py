"""People with a name and password here: made, proven, disabled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nexus_core.errors import AuthenticationError, InvalidInputError, LockedOutError, NotFoundError
from nexus_core.governance.passwords import Passwords, check_password
from nexus_core.governance.secrets import hash_of, new_id
from nexus_core.model.audit import Act, Action
from nexus_core.store.account_sign_ins import SignInRows
from nexus_core.store.account_users import Profile, User, UserRows
from nexus_core.store.accounts import Account
from nexus_core.store.database import Store

LOCAL = "user"
"""The issuer of the accounts of people who sign in with a password."""

FREE_ATTEMPTS = 5
_SOURCE = "local"
_WAIT_MAX = timedelta(minutes=15)
_NAME = re.compile(r"[^\s\x00-\x1f/:]{1,100}\Z")
_GROUP = re.compile(r"[^\x00-\x1f]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who is to be made."""

    name: str
    profile: Profile
    groups: tuple[str, ...] = ()


class Users:
    """Makes, proves and disables people."""

    def __init__(self, rows: UserRows, sign_ins: SignInRows) -> None:
        self._rows, self._sign_ins = rows, sign_ins
        self._passwords = Passwords()

    async def create(self, new: NewUser, password: str) -> User:
        """Make a person. Raises InvalidInputError for a name that is taken or a password that is guessed early."""
        subject = _subject(new.name)
        check_password(password, subject)
        check_groups(new.groups)
        user = User(new_id("acc"), LOCAL, subject, new.name, new.profile, datetime.now(UTC), groups=new.groups)
        if not await self._rows.add(user, await self._passwords.hash(password), _SOURCE):
            raise InvalidInputError("there is a user of this name", "$.name")
        return user

    async def prove(self, name: str, password: str) -> Account:
        """Give who has a name and password. Raises AuthenticationError, the same for both, and LockedOutError.

        An answer tells neither by its words nor by its time whether there is such a user.
        """
        subject = _normal(name)
        key = hash_of(f"sign-in {subject}")
        await self._count(key)
        user = await self._rows.by_subject(LOCAL, subject)
        known = await self._rows.password(user.id if user else "")
        if not await self._passwords.matches(password, known) or user is None or user.disabled_at is not None:
            raise AuthenticationError("the name or the password is wrong")
        await self._sign_ins.forget_attempts(key)
        if known is not None and self._passwords.is_outdated(known):
            await self._rows.set_password(user.id, await self._passwords.hash(password), datetime.now(UTC))
        return Account(user.id, user.name, "person")

    async def set_password(self, user: User, password: str) -> None:
        """Change a password. Raises InvalidInputError for one that is guessed early, or for who has none here."""
        if user.issuer != LOCAL:
            raise InvalidInputError("this user signs in elsewhere and has no password here", "$.name")
        check_password(password, user.subject)
        await self._rows.set_password(user.id, await self._passwords.hash(password), datetime.now(UTC))
        await self._sign_ins.forget_attempts(hash_of(f"sign-in {user.subject}"))

    async def all(self) -> list[User]:
        """Give all people, oldest first."""
        return await self._rows.all()

    async def any(self) -> bool:
        """Whether anyone has a password here."""
        return await self._rows.any(LOCAL)

    async def one(self, name_or_id: str) -> User:
        """Give a person by id, or by the name of a local user; raises NotFoundError."""
        found = await self._rows.by_id(name_or_id) or await self._rows.by_subject(LOCAL, _normal(name_or_id))
        if found is None:
            raise NotFoundError(f"The user {name_or_id}")
        return found

    async def disable(self, user: User, disabled: bool = True) -> None:
        """Disable a person, which ends sessions and stops tokens, or enable again."""
        await self._rows.disable(user.id, datetime.now(UTC) if disabled else None)

    async def set_groups(self, user: User, groups: Collection[str]) -> None:
        """Replace the groups that we have put a person into; those of an identity provider stay."""
        check_groups(groups)
        await self._rows.set_groups(user.id, groups, _SOURCE)

    async def disabled_groups(self) -> frozenset[str]:
        """Give the groups that give no rights."""
        return await self._rows.disabled_groups()

    async def disable_group(self, group: str, disabled: bool = True) -> None:
        """Have a group give no rights, which ends its members' sessions, or give them again."""
        await self._rows.disable_group(group, datetime.now(UTC) if disabled else None)

    async def _count(self, key: str) -> None:
        now = datetime.now(UTC)
        attempt = await self._sign_ins.attempt(key, now, _wait)
        if attempt.blocked_until is not None:
            raise LockedOutError(max(1, round((attempt.blocked_until - now).total_seconds())))


def open_users(store: Store) -> Users:
    """Give the people of a store."""
    return Users(UserRows(store), SignInRows(store))


def creating(new: NewUser) -> Act:
    """Give what the audit log says of making a person."""
    return Act(Action.USER_CREATED, {}, {"name": new.name, "email": new.profile.email, "groups": list(new.groups)})


def _wait(attempts: int) -> timedelta:
    """Give how long the next attempt must wait: nothing at first, then a second, doubled each time."""
    if attempts < FREE_ATTEMPTS:
        return timedelta()
    return min(_WAIT_MAX, timedelta(seconds=2 ** min(attempts - FREE_ATTEMPTS, 20)))


def _normal(name: str) -> str:
    return unicodedata.normalize("NFKC", name[:400]).casefold()


def _subject(name: str) -> str:
    subject = _normal(name)
    if not _NAME.match(name) or not _NAME.match(subject):
        raise InvalidInputError("a name has 1 to 100 characters, without white space, `/` and `:`", "$.name")
    return subject


def check_groups(groups: Collection[str]) -> None:
    """Raise InvalidInputError for a name that no group may have."""
    for group in groups:
        if not _GROUP.match(group):
            raise InvalidInputError("the name of a group has 1 to 200 characters", "$.groups")
