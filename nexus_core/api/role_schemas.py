"""Shapes of roles, bindings and the answer to why somebody sees a dataset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nexus_core.model.access import Permission

_Text = Annotated[str, Field(min_length=1, max_length=2048)]
_Texts = Annotated[list[_Text], Field(max_length=100)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ScopeReach(_Asked):
    """A part of a scope: what all of its limits let through; an absent one limits nothing (docs/access.md)."""

    namespaces: Annotated[_Texts | None, Field(description="Patterns (fnmatch) of namespaces.")] = None
    datasets: Annotated[_Texts | None, Field(description="Patterns (fnmatch) of `NAMESPACE/NAME`.")] = None
    domains: _Texts | None = None
    ceiling: Annotated[
        str | None,
        Field(min_length=1, max_length=100, description="The highest class that is visible, built-in or defined."),
    ] = None


class RoleRequest(_Asked):
    """A role to make."""

    name: Annotated[str, Field(min_length=1, max_length=63)]
    permissions: Annotated[list[Permission], Field(min_length=1, max_length=20)]


class RoleChange(_Asked):
    """What a role is to allow from now on."""

    permissions: Annotated[list[Permission], Field(min_length=1, max_length=20)]


class RoleAnswer(_Answer):
    """A role; `built_in` ones cannot be changed."""

    name: str
    permissions: list[Permission]
    built_in: bool


class BindingRequest(_Asked):
    """That an account (by id) or a group (by name) is to have a role."""

    role: Annotated[str, Field(min_length=1, max_length=63)]
    subject_kind: Literal["account", "group"]
    subject: Annotated[str, Field(min_length=1, max_length=500)]
    scope: Annotated[
        list[ScopeReach] | None, Field(max_length=20, description="What any of them shows; absent: everything.")
    ] = None
    purpose: Annotated[str, Field(max_length=1000)] = ""
    expires_at: Annotated[datetime | None, Field(description="RFC 3339; absent: never.")] = None


class BindingAnswer(_Answer):
    """That an account or group has a role; `created_by` is an account's id, "" for who has the machine."""

    id: str
    role: str
    subject_kind: Literal["account", "group"]
    subject: str
    scope: list[ScopeReach]
    purpose: str
    expires_at: datetime | None
    created_by: str
    created_at: datetime


class RightsGrant(_Answer):
    """Permissions that hold within any part of a scope, and where they come from; without a part nothing is in it."""

    origin: str
    role: str | None
    permissions: list[Permission]
    scope: list[ScopeReach]


class SightReason(_Answer):
    """A grant to read: where it comes from, how far it reaches, and which of its limits hide the dataset."""

    origin: str
    role: str | None
    reach: ScopeReach
    hidden_by: list[Literal["namespaces", "datasets", "domains", "ceiling", "account"]]


class SightAnswer(_Answer):
    """Why somebody sees a dataset, or does not; a reason with an empty `hidden_by` shows it."""

    namespace: str
    name: str
    visible: bool
    domain: str | None
    class_name: str | None
    reasons: list[SightReason]
