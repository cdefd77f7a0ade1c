"""The signer: gives audit records their place in the tree and signs checkpoints that go to witnesses.

It runs as a process of its own with the only copy of the key. Before each signature it proves to itself that the tree
goes on from the checkpoint before; it never signs a history that was rewritten.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from nexus_core.errors import BrokenAuditError, ConfigurationError, ConflictError, NexusError
from nexus_core.governance import audit_figures as figures
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_keys import KeyChange, read_change
from nexus_core.governance.audit_notes import Checkpoint, SigningKey, read_note
from nexus_core.governance.audit_stamps import TimeStamper
from nexus_core.governance.audit_witness import Witness
from nexus_core.model.audit import Act, Action
from nexus_core.model.merkle import consistency_proof, verify_consistency
from nexus_core.store import audit_seals, audit_tree
from nexus_core.store.audit_tree import Signed
from nexus_core.store.database import Store, reading

_BATCH = 2_000
_IDLE_SECONDS = 1.0
_STAMPS = "time stamps"
_LOG = structlog.get_logger()


@dataclass(slots=True)
class Signer:
    """Signs the log of one store at least every `every`, as long as it grows."""

    store: Store
    key: SigningKey
    witnesses: Sequence[Witness]
    every: timedelta = timedelta(minutes=1)
    stamper: TimeStamper | None = None
    _published: dict[str, int] = field(default_factory=dict)
    _introduced: dict[str, int] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. A log that is not what was written is told again and again, and never signed."""
        while not stop.is_set():
            try:
                await self.turn(datetime.now(UTC))
                figures.BROKEN.set(0)
            except BrokenAuditError as error:
                figures.BROKEN.set(1)
                _LOG.critical("audit_log_broken", place=error.place, reason=error.reason)
            except NexusError as error:
                figures.WAITS.inc()
                _LOG.warning("audit_signing_waits", reason=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _IDLE_SECONDS)
        with contextlib.suppress(NexusError):
            await self.turn(None)

    async def turn(self, now: datetime | None) -> Signed | None:
        """Take new records in, and sign if it is time to (None: it is); gives the new checkpoint.

        Raises BrokenAuditError or UnavailableError.
        """
        with contextlib.suppress(ConflictError):  # another signer has done it
            while await audit_tree.sequence(self.store, _BATCH) == _BATCH:
                pass
        await self._check_key()
        last = await audit_tree.newest_checkpoint(self.store)
        signed = None
        if last is None or now is None or now - last.at >= self.every:
            signed = await self._sign(last)
        await self._publish(signed or last)
        return signed

    async def change_key(self, old: SigningKey) -> None:
        """Take over from another key, which says so by its signature, and record it; once more changes nothing.

        Raises ConflictError if the other key has handed over to a third.
        """
        last = await audit_tree.newest_checkpoint(self.store)
        changes = await self._changes()
        if last is None or any(change.key == self.key.verifier for change in changes):
            return
        if any(change.signed_by(old.verifier) and change.key != old.verifier for change in changes):
            raise ConflictError("The signer's key")
        change = KeyChange(self.key.name, self.key.verifier, last.size, datetime.now(UTC).replace(microsecond=0))
        target = {"key": str(change.key), "after": str(change.after)}
        async with Audit(self.store, "signer").acting(None, Act(Action.AUDIT_KEY_CHANGED, target)):
            await audit_seals.add_key_change(self.store, change.after, change.at, change.sign(old, self.key))

    async def _changes(self) -> list[KeyChange]:
        return [read_change(note) for *_, note in await audit_seals.key_changes(self.store)]

    async def _check_key(self) -> None:
        """Raise ConfigurationError if the key has handed over: what it signs from then on convinces nobody."""
        for change in await self._changes():
            if change.key != self.key.verifier and change.signed_by(self.key.verifier):
                now = f"{change.key.name}+{change.key.id.hex()}"
                raise ConfigurationError(f"The signer's key has handed over to {now}", "Set NEXUS_AUDIT__KEY to that")

    async def _sign(self, last: Signed | None) -> Signed | None:
        async with reading(self.store) as connection:
            frontier = await audit_tree.read_frontier(connection)
        if frontier.size == (last.size if last else 0):
            return None
        if last:
            await self._check_growth(last, frontier.size, frontier.root)
        checkpoint = Checkpoint(self.key.name, frontier.size, frontier.root, datetime.now(UTC).replace(microsecond=0))
        signed = Signed(checkpoint.size, checkpoint.at, self.key.sign(checkpoint))
        await audit_tree.add_checkpoint(self.store, signed)
        return signed

    async def _check_growth(self, last: Signed, size: int, root: bytes) -> None:
        """Raise BrokenAuditError unless the tree of the last checkpoint is the beginning of the present one."""
        place = f"checkpoint of {last.size} leaves"
        note = read_note(last.note)
        introduced = any(change.key == self.key.verifier for change in await self._changes())
        if not introduced and not note.signed_by(self.key.verifier):
            _LOG.warning("audit_key_changed", before=note.signatures[0][0], now=str(self.key.verifier))
        if size < last.size:
            raise BrokenAuditError(place, f"the tree has only {size}")
        proof = await audit_tree.prove(self.store, partial(consistency_proof, last.size, size))
        if not verify_consistency(last.size, size, proof, note.checkpoint.root, root):
            raise BrokenAuditError(place, "the tree does not go on from it")

    async def _publish(self, signed: Signed | None) -> None:
        """Hand a checkpoint to every witness that lacks it; one that fails gets it, or a later one, next time."""
        if signed is None:
            return
        figures.CHECKPOINT_AT.set(signed.at.timestamp())
        figures.SIGNED_RECORDS.set(signed.size)
        for witness in self.witnesses:
            if self._published.get(witness.name, -1) < signed.size:
                try:
                    await self._introduce(witness)
                    await witness.take(signed.note, self.key.verifier)
                except NexusError as error:
                    _LOG.warning("audit_witness_waits", witness=witness.name, reason=str(error))
                else:
                    self._published[witness.name] = signed.size
        figures.UNWITNESSED.set(sum(self._published.get(each.name, -1) < signed.size for each in self.witnesses))
        await self._stamp(signed)

    async def _introduce(self, witness: Witness) -> None:
        """Hand over the changes of key that a witness lacks: it takes checkpoints of keys that it knows."""
        notes = await audit_seals.key_changes(self.store)
        for *_, note in notes[self._introduced.get(witness.name, 0) :]:
            await witness.take(note, read_change(note).key)
            self._introduced[witness.name] = self._introduced.get(witness.name, 0) + 1

    async def _stamp(self, signed: Signed) -> None:
        if self.stamper is not None and self._published.get(_STAMPS, -1) < signed.size:
            try:
                await self.stamper.take(signed.note)
            except NexusError as error:
                _LOG.warning("audit_time_stamp_waits", authority=self.stamper.name, reason=str(error))
            else:
                self._published[_STAMPS] = signed.size
