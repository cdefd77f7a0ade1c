"""Time stamps of checkpoints (RFC 3161): an authority that nobody here rules says that one was there at a time.

Whoever holds the signer's key can rewrite history and sign it anew, but gets no stamp of yesterday for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography.x509 import Certificate, load_pem_x509_certificates

from nexus_core import egress
from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.governance.audit_notes import Note, read_note
from nexus_core.store import audit_seals
from nexus_core.store.database import Store

_SKEW = timedelta(minutes=5)  # between our clock, which a checkpoint tells, and theirs
_MAX_BYTES = 2**20
_LATER = "This or a later checkpoint is stamped next time."


@dataclass(slots=True)
class Stamped:
    """Checks time stamps against roots; `size` is the largest checkpoint that is stamped, `at` when."""

    roots: Sequence[Certificate]
    size: int = 0
    at: datetime | None = None

    def check(self, notes: Sequence[Note], stamps: Mapping[int, bytes]) -> Iterator[str]:
        """Give what is wrong with stamps of a log's checkpoints."""
        by_size = {note.checkpoint.size: note for note in notes}
        for size, token in sorted(stamps.items()):
            note = by_size.get(size)
            try:
                at = stamped_at(token, note.full, self.roots) if note else None
            except ValueError as error:
                yield f"the time stamp of the checkpoint of {size} leaves: {error}"
                continue
            if note is None or at is None or at < note.checkpoint.at - _SKEW:
                yield f"the time stamp of {size} leaves is of no checkpoint that was there"
            else:
                self.size, self.at = size, at


@dataclass(slots=True)
class TimeStamper:
    """Has checkpoints stamped by an authority, at most one every `every`."""

    store: Store
    url: str
    roots: Sequence[Certificate]
    every: timedelta
    allow: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its host."""
        return urlsplit(self.url).hostname or "time stamps"

    async def take(self, note: str) -> None:
        """Have a checkpoint stamped and keep the stamp; raises UnavailableError if it is not to be had, or is wrong."""
        newest = await audit_seals.newest_stamp_at(self.store)
        if newest is not None and datetime.now(UTC) - newest < self.every:
            return
        token = await asyncio.to_thread(self._ask, note.encode())
        try:
            at = stamped_at(token, note.encode(), self.roots)
        except ValueError as error:
            raise UnavailableError(self.name, f"its time stamp is wrong: {error}", _LATER) from error
        await audit_seals.add_stamp(self.store, read_note(note).checkpoint.size, at, token)

    def _ask(self, content: bytes) -> bytes:
        from rfc3161_client import TimestampRequestBuilder

        purpose = egress.Purpose("time stamps", (self.name,), (self.name, *self.allow), _MAX_BYTES, 20.0)
        asked = TimestampRequestBuilder().data(content).build().as_bytes()
        try:
            with egress.client(purpose) as client:
                answer = client.post(self.url, content=asked, headers={"Content-Type": "application/timestamp-query"})
                answer.raise_for_status()
                return answer.content
        except httpx.HTTPError as error:
            raise UnavailableError(self.name, f"{type(error).__name__}: {error}", _LATER) from error


def stamped_at(token: bytes, content: bytes, roots: Sequence[Certificate]) -> datetime:
    """Give when an authority below one of the roots stamped a content; raises ValueError if none did."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        answer = decode_timestamp_response(token)
        VerifierBuilder(roots=list(roots)).build().verify_message(answer, content)
        return answer.tst_info.gen_time.replace(tzinfo=UTC)
    except VerificationError as error:
        raise ValueError(str(error)) from error


def read_roots(path: Path) -> list[Certificate]:
    """Read certificates of authorities in PEM; raises ConfigurationError."""
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} holds no certificates in PEM", "See docs/audit.md") from error
