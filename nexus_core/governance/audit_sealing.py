"""Sealed parts of the audit log: written to files, recorded, and only then taken out of the store.

A file has a line `{"sealed": STATE}` (what the verifier knows before its first leaf), a line `{"leaf": RECORD}` each,
and the checkpoints. What opens the commitments lies in a second file beside it, so that it can be erased while the
sealed one never changes. A record in the log names the file's digest and the state behind it: so the log goes on from
the sealed part provably, and the file proves to be that part.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from nexus_core.errors import BrokenAuditError, InvalidInputError, NotFoundError
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_export import Reading, ending_of, line, openings, read_line, shown, target_of
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import read_note
from nexus_core.governance.audit_state import State, read_state
from nexus_core.governance.audit_verify import Entry, Verifier
from nexus_core.governance.holds import check_holds
from nexus_core.model.audit import ACTOR, Act, Action, Opening, read_record
from nexus_core.model.canonical_json import canonical
from nexus_core.store import audit as rows
from nexus_core.store import audit_segments, audit_tree
from nexus_core.store.audit_segments import Segment
from nexus_core.store.database import Store

_PERSONAL = ".personal"


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seals the log of a store into a folder; `retention` is the same store as a role that may delete what is sealed.

    `user` is the account of the machine that does it.
    """

    store: Store
    retention: Store
    audit: Audit
    folder: Path
    user: str

    async def seal(self, before: datetime) -> Segment | None:
        """Write the records older than a moment, as far as a checkpoint covers them, to a file; None if there is none.

        Raises BrokenAuditError if they are not what was written.
        """
        known = await audit_segments.segments(self.store)
        start = read_state(known[-1].state) if known else State()
        size = await audit_segments.size_before(self.store, before)
        if size is None or size <= start.size:
            return None
        path = self.folder / f"audit-{start.size:012}-{size:012}.jsonl"
        state = await self._write(path, start, size)
        segment = Segment(start.size, size, datetime.now(UTC), path.name, _digest(path), state.text)
        act = Act(Action.AUDIT_SEALED, target_of(segment), {"user": self.user})
        async with self.audit.acting(None, act):
            await audit_segments.add_segment(self.retention, segment)
        return segment

    async def prune(self) -> int:
        """Take what is sealed out of the store; gives how many records went.

        Only what a checkpoint shows to be sealed, and whose files are there unchanged. Raises ForbiddenError during a
        legal hold, NotFoundError if there is nothing to take out, BrokenAuditError for a file that is not as sealed.
        """
        await check_holds(self.store, "pruning the audit log")
        known = await audit_segments.segments(self.store)
        sealed = [each for each in known if await self._is_witnessed(each)]
        if not sealed:
            raise NotFoundError("A sealed part whose record a checkpoint covers")
        for each in sealed:
            if _digest(self.folder / each.file) != each.digest:
                raise BrokenAuditError(each.file, "it is not what was sealed")
        count, size = 0, sealed[-1].size
        at = (await audit_segments.releases(self.store)).get(size, datetime.now(UTC))
        act = Act(Action.AUDIT_PRUNED, {"size": str(size), "at": at.isoformat()}, {"user": self.user})
        async with self.audit.acting(None, act):
            await audit_segments.release(self.retention, size, at)
            async for part in audit_segments.prune(self.retention, size):
                count += part
        return count

    async def _write(self, path: Path, start: State, size: int) -> State:
        verifier = Verifier(Trusted(), start if start.size else None)
        opened = path.with_suffix(_PERSONAL + ".new")
        new = path.with_suffix(".new")
        self.folder.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file, _private(opened) as personal:
            file.write(line({"sealed": start.text}))
            async for kept, repeats in audit_tree.entries(self.store, size, start.size):
                verifier.take(Entry(kept.body, kept.personal))
                if not repeats:
                    verifier.flaw(f"leaf {kept.position}: the tables repeat it wrongly")
                file.write(line({"leaf": orjson.loads(kept.body)}))
                if kept.personal:
                    personal.write(line({"position": kept.position, "personal": shown(kept.personal)}))
            ending = await ending_of(self.store, size, start.size)
            file.write(line(ending))
            for each in (file, personal):
                each.flush()
                os.fsync(each.fileno())
        state = verifier.state
        if verifier.problems or verifier.root != read_note(ending["checkpoints"][-1]).checkpoint.root:
            problem = next(iter(verifier.problems), "they are not those that were signed")
            raise BrokenAuditError(f"the first {size} leaves", problem)
        _put(opened, path.with_suffix(_PERSONAL), 0o600)
        _put(new, path, 0o444)
        return state

    async def _is_witnessed(self, segment: Segment) -> bool:
        """Whether the record of sealing is in a signed tree."""
        newest = await audit_tree.newest_checkpoint(self.store)
        wanted = rows.Wanted((Action.AUDIT_SEALED,), target=("digest", segment.digest))
        found = await rows.page(self.store, wanted, 10)
        said = [read_record(each.body).target for each in found if newest and _below(each.position, newest.size)]
        return any(target == target_of(segment) for target in said)


def read_sealed(folder: Path, trusted: Trusted, until: int | None = None) -> Verifier:
    """Read all sealed files of a folder in their order, at most up to a size, and give the verifier behind them.

    Raises InvalidInputError if there is none.
    """
    verifier = Verifier(trusted)
    files = sorted(folder.glob("audit-*-*.jsonl"))
    if not files:
        raise InvalidInputError(f"{folder} has no sealed file")
    for path in files:
        if until is None or int(path.stem.rpartition("-")[2]) <= until:
            _read(path, verifier)
    return verifier


async def erase_everywhere(audit: Audit, account_id: str, folder: Path | None) -> int:
    """Erase the personal fields of all that an account did, from beside sealed files, too; gives how many.

    Raises ForbiddenError during a legal hold. Those in files are recorded as erased before they are.
    """
    await check_holds(audit.store, "erasing from the audit log", account_id)
    count = await audit.erase(None, account_id)
    sealed = erase_sealed(folder, account_id, apply=False) if folder else 0
    if folder and sealed:
        await audit.record(None, Act(Action.PERSONAL_ERASED, {"fields": str(sealed)}))
        erase_sealed(folder, account_id)
    return count + sealed


def erase_sealed(folder: Path, account_id: str, *, apply: bool = True) -> int:
    """Erase the personal fields of all that an account did from beside sealed files; gives how many."""
    count = 0
    for path in sorted(folder.glob(f"audit-*-*{_PERSONAL}")):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [each for each in lines if not _is_by(each, account_id)]
        if len(kept) < len(lines):
            count += sum(len(read_line(each)["personal"]) for each in lines if _is_by(each, account_id))
        if apply and len(kept) < len(lines):
            with _private(new := path.with_suffix(".new")) as file:
                file.writelines(kept)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
    return count


def _read(path: Path, verifier: Verifier) -> None:
    with path.open("rb") as lines, _opened(path.with_suffix(_PERSONAL)) as personal:
        try:
            begins = read_state(str(read_line(next(lines, b"")).get("sealed")))
            if not verifier.state.continues(begins):
                verifier.flaw(f"{path.name}: it does not go on from the file before it")
            reading = Reading(verifier, partial(_entry, verifier, None if personal is None else _Openings(personal)))
            reading.take(lines, f"{path.name}: ")
        except InvalidInputError as error:
            verifier.flaw(f"{path.name}: {error.reason}")
            return
    last = reading.ending.notes[-1].checkpoint if reading.ending and reading.ending.notes else None
    if last is None or (last.size, last.root) != (verifier.size, verifier.root):
        verifier.flaw(f"{path.name}: its last checkpoint is not that of its leaves")


def _entry(verifier: Verifier, opened: _Openings | None, said: dict[str, Any]) -> Entry:
    return Entry(canonical(said["leaf"]), None if opened is None else opened.at(verifier.size))


class _Openings:
    """What opens commitments, by the position of leaves in rising order."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = map(read_line, lines)
        self._next = next(self._lines, None)

    def at(self, position: int) -> Mapping[str, Opening]:
        """Give what opens the leaf at a position; raises InvalidInputError."""
        while self._next is not None and self._next.get("position", -1) < position:
            self._next = next(self._lines, None)
        if self._next is None or self._next["position"] != position:
            return {}
        return openings(self._next["personal"])


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """Open what lies beside a sealed file; None if it is not there."""
    if not path.exists():
        yield None
        return
    with path.open("rb") as file:
        yield file


def _below(position: int | None, size: int) -> bool:
    return position is not None and position < size


def _is_by(text: bytes, account_id: str) -> bool:
    actor = read_line(text)["personal"].get(ACTOR)
    with suppress(ValueError, TypeError, KeyError):
        return actor is not None and bool(orjson.loads(actor["value"])["id"] == account_id)
    return False


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BrokenAuditError(path.name, f"it cannot be read: {error.strerror}") from error


def _put(new: Path, path: Path, mode: int) -> None:
    new.chmod(mode)
    new.rename(path)


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
