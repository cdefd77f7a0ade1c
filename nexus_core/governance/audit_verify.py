"""Checks a whole audit log, from an export or the store, against checkpoints that the verifier holds elsewhere.

What is promised: any change of what a trusted checkpoint covers is found. Without one, a log that someone rewrote and
signed anew with the real key is consistent in itself, and the verdict says no more than that. Offline and pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nexus_core.errors import InvalidInputError
from nexus_core.governance.audit_keys import KeyChange, KeyRing, Trusted
from nexus_core.governance.audit_notes import Note
from nexus_core.governance.audit_state import State
from nexus_core.model.audit import BEGINNING, Action, Opening, Outcome, Record, read_record
from nexus_core.model.merkle import Frontier

PROBLEMS_MAX = 100
_OF_SEALING = (Action.AUDIT_SEALED, Action.AUDIT_PRUNED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf: the record's body, and what opens its commitments; None if that is kept elsewhere."""

    body: bytes
    personal: Mapping[str, Opening] | None


@dataclass(slots=True)
class Verdict:
    """What was found. `trusted_size` leaves are proven to be as they were when a trusted checkpoint was made.

    `stamped_size` leaves were there at `stamped_at`, as an authority of time stamps says.
    The first `sealed_size` leaves were not read: what is behind them proves that they are those that were sealed.
    `erased_count` personal fields have been erased, which records must explain; `unknown_count` acts have no outcome.
    """

    size: int = 0
    sealed_size: int = 0
    trusted_size: int = 0
    trusted_count: int = 0
    stamped_size: int = 0
    stamped_at: datetime | None = None
    erased_count: int = 0
    unknown_count: int = 0
    problem_count: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing contradicts."""
        return self.problem_count == 0

    def add(self, problem: str) -> None:
        """Note a problem; the first hundred are kept."""
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)


class Verifier:
    """Takes the leaves of a log one by one, in the tree's order, then gives the verdict."""

    def __init__(self, trusted: Trusted, start: State | None = None) -> None:
        begin = start or State()
        self._verdict = Verdict(sealed_size=begin.size, erased_count=begin.erased_count)
        self._frontier = Frontier(begin.size, list(begin.peaks))
        self._chains = dict(begin.chains)
        self._intended = set(begin.intended)
        self._explained_count = begin.explained_count
        self._start = start
        self._told: dict[tuple[str, str], Mapping[str, str]] = {}
        self._trust = trusted
        self._trusted: dict[int, list[Note]] = {}
        for note in trusted.notes:
            self._trusted.setdefault(note.checkpoint.size, []).append(note)
        self._compare()

    def take(self, entry: Entry) -> None:
        """Check the next leaf."""
        position = self._frontier.size
        try:
            record = read_record(entry.body)
        except InvalidInputError as error:
            self._verdict.add(f"leaf {position}: {error.reason}")
            self._frontier.add(BEGINNING)  # what follows is still compared among itself
            return
        self._check_chain(position, record)
        if entry.personal is not None:
            self._check_personal(position, record, entry.personal)
        self._note_outcome(record)
        self._note_seal(position, record)
        self._frontier.add(record.leaf)
        self._compare()

    def take_all(self, entries: Iterable[Entry]) -> Verifier:
        """Check leaves."""
        for entry in entries:
            self.take(entry)
        return self

    @property
    def size(self) -> int:
        """How many leaves were taken."""
        return self._frontier.size

    @property
    def chains(self) -> Mapping[str, tuple[int, bytes]]:
        """How many records of each chain were taken, and the hash of the last one."""
        return self._chains

    @property
    def state(self) -> State:
        """What is known behind the leaves so far."""
        return State(
            self._frontier.size,
            tuple(self._frontier.peaks),
            dict(self._chains),
            frozenset(self._intended),
            self._verdict.erased_count,
            self._explained_count,
        )

    @property
    def root(self) -> bytes:
        """The root over the leaves so far."""
        return self._frontier.root

    @property
    def problems(self) -> Sequence[str]:
        """What contradicts so far."""
        return self._verdict.problems

    def told(self, action: Action, size: int) -> Mapping[str, str]:
        """Give what the log's own record of sealing or pruning leaves below a size says; nothing if there is none."""
        return self._told.get((action, str(size)), {})

    def flaw(self, problem: str) -> None:
        """Note what contradicts elsewhere."""
        self._verdict.add(problem)

    def finish(self, own: Sequence[Note], changes: Sequence[KeyChange] = ()) -> Verdict:
        """Give the verdict on a log whose own checkpoints are these; the last one must cover all leaves.

        `changes` are the log's changes of key.
        """
        verdict = self._verdict
        verdict.size, verdict.unknown_count = self._frontier.size, len(self._intended)
        if verdict.erased_count > self._explained_count:
            verdict.add(
                f"{verdict.erased_count - self._explained_count} personal fields are missing, erased by no record"
            )
        self._check_sealed()
        for size in sorted(size for size in self._trusted if size > verdict.size):
            verdict.add(f"a trusted checkpoint has {size} leaves, the log has {verdict.size}: its end is missing")
        self._check_signatures(own, changes)
        last = own[-1].checkpoint if own else None
        if verdict.size and (last is None or (last.size, last.root) != (verdict.size, self._frontier.root)):
            verdict.add("the log's own last checkpoint is not that of its leaves")
        return verdict

    def _check_sealed(self) -> None:
        """What was not read must be what the log itself says that it sealed; some trusted checkpoint must be behind."""
        start, verdict = self._start, self._verdict
        if start is None:
            return
        if self.told(Action.AUDIT_SEALED, start.size).get("state") != start.digest:
            verdict.add(f"no record says that the first {start.size} leaves were sealed so")
        early = [size for size in self._trusted if size < start.size]
        if early and not verdict.trusted_count:
            verdict.add(f"the trusted checkpoint of {max(early)} leaves needs the sealed files: give --sealed")

    def _check_signatures(self, own: Sequence[Note], changes: Sequence[KeyChange]) -> None:
        if not self._trust.keys:
            return
        ring = KeyRing.of(self._trust.keys)
        for change in ring.follow((*self._trust.changes, *changes)):
            if change.key not in ring.spans:
                self._verdict.add(f"the change to the key {change.key.name}+{change.key.id.hex()} is not trusted")
        for what, notes in (("trusted checkpoint", self._trust.notes), ("checkpoint of the log", own)):
            for note in notes:
                if not ring.may_sign(note):
                    self._verdict.add(f"the {what} of {note.checkpoint.size} leaves is signed by no trusted key")

    def _compare(self) -> None:
        size = self._frontier.size
        for note in self._trusted.pop(size, ()):
            if note.checkpoint.root == self._frontier.root:
                self._verdict.trusted_size = size
                self._verdict.trusted_count += 1
            else:
                self._verdict.add(f"the first {size} leaves are not those of the trusted checkpoint of that size")

    def _check_chain(self, position: int, record: Record) -> None:
        seq, previous = self._chains.get(record.place.writer, (0, BEGINNING))
        if (record.place.seq, record.previous) != (seq, previous):
            self._verdict.add(f"leaf {position}: the chain of {record.place.writer} is broken at {record.place.seq}")
        self._chains[record.place.writer] = record.place.seq + 1, record.leaf

    def _check_personal(self, position: int, record: Record, personal: Mapping[str, Opening]) -> None:
        for name, opening in personal.items():
            if record.personal.get(name) != opening.commitment:
                self._verdict.add(f"leaf {position}: {name} is not what was recorded")
        self._verdict.erased_count += len(record.personal.keys() - personal.keys())

    def _note_outcome(self, record: Record) -> None:
        if record.action == Action.PERSONAL_ERASED and record.outcome == Outcome.DONE:
            self._explained_count += int(record.target["fields"])
        of = record.place.writer, record.of if record.of is not None else -1
        if record.outcome == Outcome.INTENDED:
            self._intended.add((record.place.writer, record.place.seq))
        elif record.of is not None:
            self._intended.discard(of)
        elif "writer" in record.target and "seq" in record.target:
            self._intended.discard((record.target["writer"], int(record.target["seq"])))

    def _note_seal(self, position: int, record: Record) -> None:
        size = record.target.get("size", "")
        if record.action in _OF_SEALING and size.isdecimal() and int(size) <= position:
            self._told[record.action, size] = record.target
