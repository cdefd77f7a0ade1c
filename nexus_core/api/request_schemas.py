"""Bodies of the routes of requests and recertifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from nexus_core.api.curation_schemas import CuratedEdit, CuratedResult
from nexus_core.governance.requests import BREAK_GLASS_MAX, RequestKind

_Reason = Annotated[str, Field(min_length=1, max_length=1000)]
_Role = Annotated[str, Field(min_length=1, max_length=63)]
_Scope = Annotated[list[dict[str, Any]], Field(max_length=20)]
_MINUTES_MAX = int(BREAK_GLASS_MAX.total_seconds() // 60)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChangeRequest(_Asked):
    """Edits that somebody who may not make them proposes; each rests on what is curated now."""

    edits: Annotated[list[CuratedEdit], Field(min_length=1, max_length=500)]
    reason: _Reason


class AccessRequest(_Asked):
    """A role that an account asks for itself; `scope` as of role bindings, a list of reaches (docs/access.md)."""

    role: _Role
    scope: Annotated[_Scope, Field(min_length=1)]
    purpose: _Reason
    expires_at: AwareDatetime


class BreakGlassRequest(_Asked):
    """A role for an emergency, for minutes from the approval on."""

    role: _Role
    scope: _Scope = [{}]
    reason: _Reason
    minutes: Annotated[int, Field(ge=1, le=_MINUTES_MAX)]


class RequestDecision(_Asked):
    """What is decided, and why; withdrawing is the asker's."""

    action: Literal["approve", "reject", "withdraw"]
    note: Annotated[str, Field(max_length=1000)] = ""


class RequestAnswer(BaseModel):
    """A request; `asked` is what it asks for, `decidable` whether the caller may decide it."""

    id: str
    kind: RequestKind
    state: Literal["pending", "approved", "rejected", "withdrawn"]
    asked: dict[str, Any]
    reason: str
    account_id: str
    account: str
    created_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    decidable: bool = False


class RequestPage(BaseModel):
    """Requests, the newest first; `next` continues, as `before`."""

    items: list[RequestAnswer]
    next: datetime | None = None


class RequestDecided(BaseModel):
    """The request's state now, and what its approval did: edits made, or the binding's id."""

    id: str
    state: Literal["approved", "rejected", "withdrawn"]
    results: list[CuratedResult] = []
    binding: str | None = None


class RecertificationRequest(_Asked):
    """Bindings to look through until a moment: all, or those of a role."""

    title: Annotated[str, Field(min_length=1, max_length=300)]
    due_at: AwareDatetime
    role: _Role | None = None


class RecertificationAnswer(BaseModel):
    """A recertification; bindings that nobody confirms end at `due_at`."""

    id: str
    title: str
    due_at: datetime
    created_by: str
    created_at: datetime
    binding_count: int | None = None


class RecertifiedBinding(BaseModel):
    """A binding as it was when the recertification began; `open` ones have ended once it is due."""

    binding_id: str
    binding: dict[str, Any]
    expires_at: datetime | None
    state: Literal["open", "confirmed", "ended"]
    decided_by: str | None
    decided_at: datetime | None


class RecertificationDecision(_Asked):
    """Whether a binding goes on."""

    action: Literal["confirm", "end"]
