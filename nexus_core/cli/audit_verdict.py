"""What `nexus audit verify` reads and says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from nexus_core.errors import ConfigurationError, NexusError
from nexus_core.governance.audit_export import beginning, verify_export, verify_store
from nexus_core.governance.audit_keys import Trusted, read_trusted
from nexus_core.governance.audit_sealing import read_sealed
from nexus_core.governance.audit_stamps import Stamped, read_roots
from nexus_core.governance.audit_verify import Verdict, Verifier
from nexus_core.settings import Settings
from nexus_core.store.audit_segments import pruned
from nexus_core.store.database import open_store


@dataclass(frozen=True, slots=True)
class Held:
    """What a verifier holds beside the log: a witness's file, sealed files, and roots of time stamps."""

    trusted: Trusted
    sealed: Path | None
    stamped: Stamped | None

    @classmethod
    def read(cls, trusted: Path | None, sealed: Path | None, roots: Path | None) -> Held:
        """Read the files; raises ConfigurationError."""
        try:
            held = read_trusted(trusted.read_text(encoding="utf-8")) if trusted else Trusted()
        except OSError as error:
            raise ConfigurationError(f"{trusted} cannot be read: {error.strerror}", "Give a witness's file") from error
        return cls(held, sealed, Stamped(read_roots(roots)) if roots else None)

    def before(self, size: int) -> Verifier | None:
        """Give the verifier that has read what is sealed below a size, if the files are given."""
        return read_sealed(self.sealed, self.trusted, size) if self.sealed and size else None


def verdict_of(export: Path | None, held: Held) -> Verdict:
    """Check an export, or the store."""
    return _of_export(export, held) if export else asyncio.run(_of_store(held))


def _of_export(export: Path, held: Held) -> Verdict:
    try:
        with export.open("rb") as lines:
            size = _begins(lines.readline())
            lines.seek(0)
            return verify_export(lines, held.trusted, held.before(size), held.stamped)
    except OSError as error:
        raise ConfigurationError(
            f"{export} cannot be read: {error.strerror}", "Make one: nexus audit export"
        ) from error


def _begins(first: bytes) -> int:
    try:
        start = beginning(first)
    except NexusError:
        return 0  # the check itself tells what is wrong with it
    return start.size if start else 0


async def _of_store(held: Held) -> Verdict:
    store = open_store(Settings.load().store_url)
    try:
        begins = await pruned(store)
        return await verify_store(store, held.trusted, held.before(begins.size if begins else 0), held.stamped)
    finally:
        await store.dispose()


def verdict_json(verdict: Verdict) -> str:
    """Give all of a verdict as JSON."""
    return json.dumps({name: getattr(verdict, name) for name in ("ok", *verdict.__slots__)}, default=str)


def told(verdict: Verdict) -> str:
    """Give a verdict in sentences."""
    erased, unknown = f"{verdict.erased_count} personal fields erased", f"{verdict.unknown_count} unknown outcomes"
    lines = [f"{verdict.size} records, {erased}, {unknown}.", *verdict.problems]
    if verdict.problem_count > len(verdict.problems):
        lines.append(f"… and {verdict.problem_count - len(verdict.problems)} more.")
    if verdict.sealed_size:
        lines.append(f"The first {verdict.sealed_size} lie in sealed files, which were not read: give --sealed.")
    if verdict.stamped_at is not None:
        lines.append(f"The first {verdict.stamped_size} were there at {verdict.stamped_at.isoformat()}, as stamped.")
    return "\n".join([*lines, _conclusion(verdict)])


def _conclusion(verdict: Verdict) -> str:
    if not verdict.ok:
        return "The log was changed."
    if verdict.trusted_count:
        count = verdict.trusted_count
        return f"The first {verdict.trusted_size} are proven unchanged by {count} trusted checkpoints."
    return "Internally consistent, completeness unproven: give --trusted a witness's checkpoints."
