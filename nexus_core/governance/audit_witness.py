"""Witnesses: places outside of the platform's trust that keep checkpoints, so that no history can be rewritten unseen.

A file (on another volume, a WORM bucket that is mounted, a folder under git) gets every note appended and is then what
`nexus audit verify --trusted` takes. A URL (a SIEM's collector, a witness of transparency logs) gets each note posted.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from nexus_core import egress
from nexus_core.errors import ConfigurationError, InvalidInputError, UnavailableError
from nexus_core.governance.audit_keys import KeyRing, is_change, read_change, read_trusted
from nexus_core.governance.audit_notes import VerifierKey


class Witness(Protocol):
    """Takes checkpoints."""

    @property
    def name(self) -> str:
        """What logs and errors call it."""
        ...

    async def take(self, note: str, key: VerifierKey) -> None:
        """Keep a note, signed with a key, or introducing one. Raises UnavailableError."""
        ...


@dataclass(slots=True)
class FileWitness:
    """Appends to a file, which is read once: a note that it has already is not written again.

    It takes what the key signs that it met first, and the keys that follow from it.
    """

    path: Path
    _ring: KeyRing | None = None

    @property
    def name(self) -> str:
        """Its path."""
        return f"file:{self.path}"

    async def take(self, note: str, key: VerifierKey) -> None:
        """Append, durably."""
        try:
            await asyncio.to_thread(self._append, note, key)
        except (OSError, InvalidInputError) as error:
            raise UnavailableError(self.name, str(error), "The checkpoints wait until it can be written.") from error

    def _append(self, note: str, key: VerifierKey) -> None:
        if self._ring is None:
            known = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
            held = read_trusted(known)
            self._ring = KeyRing.of(held.keys)
            self._ring.follow(held.changes)
            if note in known:
                return
        line = "" if self._ring.spans else f"key {key}\n\n"
        if is_change(note):
            self._ring.follow([read_change(note)])
        if self._ring.spans and key not in self._ring.spans:
            raise InvalidInputError(f"the key {key.name}+{key.id.hex()} is not introduced by one that it knows")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{line}{note}\n")
            file.flush()
            os.fsync(file.fileno())
        self._ring.spans.setdefault(key, (-1, None))


@dataclass(frozen=True, slots=True)
class HttpWitness:
    """Posts to a URL as text/plain."""

    url: str
    allow: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its host: a path or a query may hold a secret."""
        return urlsplit(self.url).hostname or "witness"

    async def take(self, note: str, key: VerifierKey) -> None:  # noqa: ARG002 a service knows its keys
        """Post."""
        purpose = egress.Purpose("audit witness", (self.name,), (self.name, *self.allow), 2**16, 10.0)
        status = await asyncio.to_thread(self._post, purpose, note)
        if status // 100 != 2:
            raise UnavailableError(self.name, f"it answered {status}", "The checkpoints wait until it takes them.")

    def _post(self, purpose: egress.Purpose, note: str) -> int:
        with egress.client(purpose) as client:
            return client.post(
                self.url, content=note, headers={"Content-Type": "text/plain; charset=utf-8"}
            ).status_code


def open_witness(address: str, allow: tuple[str, ...]) -> Witness:
    """Make a witness of `file:PATH` or `https://…`; raises ConfigurationError."""
    scheme, _, rest = address.partition(":")
    if scheme == "file" and rest:
        return FileWitness(Path(rest))
    if scheme in ("https", "http") and urlsplit(address).hostname:
        return HttpWitness(address, allow)
    raise ConfigurationError("NEXUS_AUDIT__WITNESSES: no witness", "Write file:PATH or https://…; see docs/audit.md")
