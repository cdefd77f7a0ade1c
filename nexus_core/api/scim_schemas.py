"""People and groups in the words of SCIM 2.0 (RFC 7643): those of its attributes that we keep; others are ignored."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import orjson
from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Context,
    Email,
    GroupMembership,
    Meta,
    Mutability,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    Uniqueness,
)

from nexus_core.governance.scim import Told, ToldGroup
from nexus_core.store.account_users import Profile
from nexus_core.store.scim_groups import ScimGroup
from nexus_core.store.scim_users import ScimUser

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What large providers send beside the standard is understood."""

_KEPT = {"name", "display_name", "emails"}


class Name(ComplexAttribute):
    """A person's name in parts."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class User(Resource[Any]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None


class Member(ComplexAttribute):
    """A person who belongs to a group; groups belong to none."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group; its name is what roles are bound to."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    members: list[Member] | None = None


def told(user: User, is_active: bool = True) -> Told:
    """Give what a provider tells of a person; `is_active` where it does not tell."""
    emails = user.emails or []
    first = next((each for each in emails if each.primary), emails[0] if emails else None)
    shown = user.display_name or (user.name.formatted if user.name else None)
    profile = Profile(str(first.value) if first and first.value else None, shown)
    active = is_active if user.active is None else user.active
    return Told(user.user_name or "", user.external_id, profile, active, user.model_dump(include=_KEPT))


def told_group(group: Group) -> ToldGroup:
    """Give what a provider tells of a group."""
    members = dict.fromkeys(member.value for member in group.members or () if member.value)
    return ToldGroup(group.display_name or "", group.external_id, tuple(members))


def shown_user(user: ScimUser, base: str) -> User:
    """Give a person as SCIM tells it; `base` is the address of our SCIM routes."""
    groups = [
        GroupMembership(value=group_id, ref=f"{base}/Groups/{group_id}", display=name, type="direct")
        for group_id, name in user.groups
    ]
    found = User.model_validate({"schemas": [User.__schema__], "userName": user.name, **user.body}, scim_policy=POLICY)
    found.id, found.external_id, found.active, found.groups = user.id, user.external_id, user.is_active, groups or None
    found.meta = _meta(found, user, f"{base}/Users/{user.id}")
    return found


def shown_group(group: ScimGroup, base: str) -> Group:
    """Give a group as SCIM tells it."""
    members = [
        Member(value=account_id, ref=f"{base}/Users/{account_id}", type="User") for account_id, _ in group.members
    ]
    found = Group(id=group.id, external_id=group.external_id, display_name=group.name, members=members or None)
    found.meta = _meta(found, group, f"{base}/Groups/{group.id}")
    return found


def _meta(shown: User | Group, of: ScimUser | ScimGroup, location: str) -> Meta:
    digest = hashlib.sha256(orjson.dumps(shown.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))).hexdigest()
    return Meta(
        resource_type=type(shown).__name__,
        created=of.created_at,
        last_modified=of.updated_at,
        location=location,
        version=f'W/"{digest[:32]}"',
    )
