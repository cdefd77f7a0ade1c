"""Shapes of the answers about the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class AuditRecord(_Answer):
    """A record; `personal` holds what is not erased, `erased` the names of fields that are.

    `position` is its place in the tree, null until the signer has taken it in. `of` is the record of the same chain
    whose outcome this one tells.
    """

    writer: str
    seq: int
    at: datetime
    action: str
    outcome: str
    target: dict[str, str]
    personal: dict[str, Any]
    erased: list[str]
    of: int | None = None
    position: int | None = None


class AuditPage(_Answer):
    """Records, the newest first, and the cursor of the next page."""

    items: list[AuditRecord]
    next: str | None = None


class AuditCheckpoint(_Answer):
    """The newest signed checkpoint: `note` is what was signed, with the signature; `key` checks it."""

    size: int
    root: str
    at: datetime
    note: str
    key_id: str


class AuditProof(_Answer):
    """That a record is in the tree of a checkpoint (RFC 6962 §2.1.1); hashes are hex.

    `record` is the leaf's text, whose hash with a byte 0 before it is `leaf`.
    """

    position: int
    size: int
    record: str
    leaf: str
    proof: list[str]
    checkpoint: str


class AuditConsistency(_Answer):
    """That the tree of one checkpoint is the beginning of that of another (RFC 6962 §2.1.2)."""

    first: int
    second: int
    proof: list[str]
    first_checkpoint: str
    second_checkpoint: str
