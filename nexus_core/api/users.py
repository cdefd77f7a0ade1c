"""People and groups, for who manages them."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter

from nexus_core.api.access import Admin
from nexus_core.api.identity_schemas import GroupChange, GroupSummary, NewPassword, UserChange, UserRequest, UserSummary
from nexus_core.api.services import Services, UsesServices
from nexus_core.governance.users import NewUser, creating
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.store.account_users import Profile, User

router = APIRouter(prefix="/api/v1", tags=["users"])


@router.get("/users", operation_id="listUsers")
async def list_users(services: UsesServices, _caller: Admin) -> list[UserSummary]:
    """List people, those of identity providers too, oldest first."""
    return [_shown(user) for user in await services.users.all()]


@router.post("/users", operation_id="createUser", status_code=201)
async def create_user(services: UsesServices, caller: Admin, asked: UserRequest) -> UserSummary:
    """Make a person who signs in with a name and password; roles are bound to the account or its groups."""
    new = NewUser(asked.name, Profile(asked.email, asked.display_name), tuple(asked.groups))
    async with services.audit.acting(caller, creating(new)):
        return _shown(await services.users.create(new, asked.password.get_secret_value()))


@router.patch("/users/{user_id}", operation_id="changeUser")
async def change_user(services: UsesServices, caller: Admin, user_id: str, asked: UserChange) -> UserSummary:
    """Disable a person, which ends sessions and tokens, enable again, or replace the groups that are given here."""
    user = await services.users.one(user_id)
    if asked.groups is not None:
        act = Act(Action.USER_CHANGED, {"user": user.id}, {"groups": asked.groups})
        async with services.audit.acting(caller, act):
            await services.users.set_groups(user, asked.groups)
    if asked.disabled is not None:
        await _disable(services, caller, user, asked.disabled)
    return _shown(await services.users.one(user_id))


@router.put("/users/{user_id}/password", operation_id="setPassword", status_code=204)
async def set_password(services: UsesServices, caller: Admin, user_id: str, asked: NewPassword) -> None:
    """Give a person another password, which ends the sessions."""
    user = await services.users.one(user_id)
    async with services.audit.acting(caller, Act(Action.PASSWORD_CHANGED, {"user": user.id})):
        await services.users.set_password(user, asked.password.get_secret_value())
        await services.sessions.end_others(user.id, "")


@router.get("/groups", operation_id="listGroups")
async def list_groups(services: UsesServices, _caller: Admin) -> list[GroupSummary]:
    """List the groups that people are in, and those that were disabled, by name."""
    counts = Counter(group for user in await services.users.all() for group in user.groups)
    disabled = await services.users.disabled_groups()
    return [
        GroupSummary(name=name, member_count=counts[name], disabled=name in disabled)
        for name in sorted(counts.keys() | disabled)
    ]


@router.put("/groups/{group}", operation_id="changeGroup", status_code=204)
async def change_group(services: UsesServices, caller: Admin, group: str, asked: GroupChange) -> None:
    """Have a group give no rights, which ends its members' sessions, or give them again."""
    action = Action.GROUP_DISABLED if asked.disabled else Action.GROUP_ENABLED
    async with services.audit.acting(caller, Act(action, {}, {"group": group})):
        await services.users.disable_group(group, asked.disabled)


async def _disable(services: Services, caller: Caller, user: User, disabled: bool) -> None:
    action = Action.USER_DISABLED if disabled else Action.USER_ENABLED
    async with services.audit.acting(caller, Act(action, {"user": user.id})):
        await services.users.disable(user, disabled)


def _shown(user: User) -> UserSummary:
    return UserSummary(
        id=user.id,
        name=user.name,
        issuer=user.issuer,
        email=user.profile.email,
        display_name=user.profile.display_name,
        groups=list(user.groups),
        created_at=user.created_at,
        disabled_at=user.disabled_at,
    )
