"""Records of the audit log, as values: what is done by whom, in a form that can be proven and still erased.

A record is a JSON object in the form of RFC 8785 and a leaf of the Merkle tree (model.merkle). Each names its writer,
its place in the writer's chain and the hash of the record before it. What may be personal stands in it as a commitment:
HMAC-SHA-256 of the value under a random salt. Value and salt lie beside the record, so that they can be deleted while
every proof still holds.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson
import rfc8785

from nexus_core.errors import InvalidInputError
from nexus_core.model.canonical_json import canonical
from nexus_core.model.merkle import leaf_hash

VERSION = 1
ACTOR = "actor"
"""The personal field of who did it: `{"id", "name"}`."""

SALT_BYTES = 32
BEGINNING = bytes(32)
"""Stands for the hash of the record before a writer's first."""


class Action(StrEnum):
    """What is audited; docs/audit.md tells what each one's target and personal fields hold."""

    WRITER_STARTED = "writer.started"
    SIGN_IN = "session.start"
    SIGN_OUT = "session.end"
    TOKEN_CREATED = "token.create"  # noqa: S105 no secret
    TOKEN_REVOKED = "token.revoke"  # noqa: S105 no secret
    USER_CREATED = "user.create"
    USER_CHANGED = "user.change"
    USER_DISABLED = "user.disable"
    USER_ENABLED = "user.enable"
    USER_REMOVED = "user.remove"
    PASSWORD_CHANGED = "user.password"  # noqa: S105 no secret
    GROUP_CREATED = "group.create"
    GROUP_CHANGED = "group.change"
    GROUP_REMOVED = "group.remove"
    GROUP_DISABLED = "group.disable"
    GROUP_ENABLED = "group.enable"
    SIGNED_OUT_ELSEWHERE = "session.end-elsewhere"
    ROLE_CREATED = "role.create"
    ROLE_CHANGED = "role.change"
    ROLE_DELETED = "role.delete"
    ROLE_BOUND = "role.bind"
    ROLE_UNBOUND = "role.unbind"
    DECISION = "decision"
    CURATED = "curation.edit"
    CURATION_EXPORTED = "curation.export"
    REQUEST_MADE = "request.make"
    REQUEST_DECIDED = "request.decide"
    BREAK_GLASS = "request.break-glass"
    RECERTIFICATION_STARTED = "recertification.start"
    RECERTIFIED = "recertification.decide"
    DEAD_LETTER_RETRIED = "dead-letter.retry"
    DEAD_LETTER_EDITED = "dead-letter.edit"
    DEAD_LETTER_DISCARDED = "dead-letter.discard"
    DEAD_LETTER_RESTORED = "dead-letter.restore"
    HARVEST_STARTED = "harvest.start"
    HARVEST_CANCELLED = "harvest.cancel"
    HARVEST_STATE_FORGOTTEN = "harvest.forget"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.export"
    AUDIT_SEALED = "audit.seal"
    AUDIT_PRUNED = "audit.prune"
    AUDIT_KEY_CHANGED = "audit.key"
    HOLD_PLACED = "hold.place"
    HOLD_ENDED = "hold.end"
    PERSONAL_ERASED = "audit.erase"
    EVENTS_ERASED = "events.erase"
    POLICIES_PROPOSED = "policies.propose"
    POLICIES_DECIDED = "policies.decide"
    ACTIVITY_CHANGED = "activity.change"
    ACTIVITY_REMOVED = "activity.remove"
    REPORT_MADE = "report.make"
    STATEMENT = "proxy.statement"
    PROXY_PASSWORD_MADE = "proxy.password"  # noqa: S105 no secret
    PROXY_PASSWORD_ENDED = "proxy.password-end"  # noqa: S105 no secret
    INCIDENT_OPENED = "incident.open"
    INCIDENT_CHANGED = "incident.change"
    SCENARIO_MADE = "scenario.make"
    SCENARIO_CHANGED = "scenario.change"
    SCENARIO_REMOVED = "scenario.remove"
    SOURCE_ONBOARDED = "source.onboard"
    SOURCE_OFFBOARDED = "source.offboard"
    SOURCE_RELEASED = "source.release"
    SOURCE_RECONCILED = "source.reconcile"


class Outcome(StrEnum):
    """How it ended. What changes something is `intended` first, and then `done` or `failed` in a record of its own."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that someone does: `target` names it without personal data, `personal` holds what may be such."""

    action: Action
    target: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: in the chain of a writer, counted from 0."""

    writer: str
    seq: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the value as RFC 8785 JSON, and its salt of 32 bytes."""

    value: str
    salt: bytes

    @property
    def commitment(self) -> str:
        """HMAC-SHA-256, in hex."""
        return hmac.digest(self.salt, self.value.encode(), "sha256").hex()


@dataclass(frozen=True)  # without slots, which would leave no room for its text, made once
class Record:
    """A record; `personal` are commitments by field, `of` the record in the same chain whose outcome it tells."""

    place: Place
    previous: bytes
    at: datetime
    action: str
    outcome: str
    target: Mapping[str, str]
    personal: Mapping[str, str]
    of: int | None = None

    @cached_property
    def body(self) -> bytes:
        """The record as RFC 8785 JSON."""
        return canonical(
            {
                "v": VERSION,
                "writer": self.place.writer,
                "seq": self.place.seq,
                "previous": self.previous.hex(),
                "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "action": str(self.action),
                "outcome": str(self.outcome),
                "target": dict(self.target),
                "personal": dict(self.personal),
                "of": self.of,
            }
        )

    @cached_property
    def leaf(self) -> bytes:
        """Its hash as a leaf of the tree, which is also what the next record of the chain names."""
        return leaf_hash(self.body)


def opened(value: Any) -> Opening:
    """Make what opens a commitment to a value, under a new salt."""
    return Opening(canonical(value).decode(), secrets.token_bytes(SALT_BYTES))


def read_record(body: bytes) -> Record:
    """Read a record. Raises InvalidInputError for what is no record in the form of RFC 8785."""
    try:
        said = orjson.loads(body)
        record = Record(
            Place(said["writer"], said["seq"]),
            bytes.fromhex(said["previous"]),
            datetime.fromisoformat(said["at"]),
            said["action"],
            said["outcome"],
            said["target"],
            said["personal"],
            said["of"],
        )
        exact = record.body == body
    except (ValueError, TypeError, KeyError, AttributeError, rfc8785.CanonicalizationError) as error:
        raise InvalidInputError("it is no audit record") from error
    if not exact:
        raise InvalidInputError("it is no audit record in the form of RFC 8785")
    return record
