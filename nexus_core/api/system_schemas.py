"""Shapes of what administrators are told of the installation."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class SystemPart(_Answer):
    """A part of the installation: whether it works, what was seen of it, and what to do if it does not."""

    name: str
    ok: bool
    seen: str
    advice: str = ""


class SystemState(_Answer):
    """Version, parts and queues; `oldest_pending_at` is since when the oldest event waits that is not merged."""

    version: str
    embedded: bool
    parts: list[SystemPart]
    lag_events: int
    oldest_pending_at: datetime | None
    dead_count: int
    quarantined_count: int


class ProviderState(_Answer):
    """An identity provider; `problem` is why no sign-in by it can begin now.

    The times are of the last sign-in that succeeded, and of the last that was refused.
    """

    key: str
    title: str
    issuer: str | None
    asks_step_up: bool
    problem: str | None
    last_done_at: datetime | None
    last_refused_at: datetime | None


class ScimState(_Answer):
    """A token by which an identity provider manages people and groups of an issuer."""

    issuer: str
    token: str
    last_used_at: datetime | None
    expires_at: datetime | None


class SignInState(_Answer):
    """How people sign in, and how that goes; SCIM has a row for each token."""

    password: bool
    providers: list[ProviderState]
    scim: list[ScimState]
