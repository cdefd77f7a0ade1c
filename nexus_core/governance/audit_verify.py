"""Checks a whole audit log, from an export or the store, against checkpoints that the verifier holds elsewhere.

What is promised: any change of what a trusted checkpoint covers is found. Without one, a log that someone rewrote and
signed anew with the real key is consistent in itself, and the verdict says no more than that. Offline and pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nexus_core.errors import InvalidInputError
from nexus_core.governance.audit_notes import Note, VerifierKey
from nexus_core.model.audit import BEGINNING, Action, Opening, Outcome, Record, read_record
from nexus_core.model.merkle import Frontier

PROBLEMS_MAX = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf: the record's body, and what opens its commitments."""

    body: bytes
    personal: Mapping[str, Opening]


@dataclass(slots=True)
class Verdict:
    """What was found. `trusted_size` leaves are proven to be as they were when a trusted checkpoint was made.

    `erased_count` personal fields have been erased, which records must explain; `unknown_count` acts have no outcome.
    """

    size: int = 0
    trusted_size: int = 0
    trusted_count: int = 0
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

    def __init__(self, trusted: Sequence[Note], keys: Sequence[VerifierKey]) -> None:
        self._verdict = Verdict()
        self._frontier = Frontier()
        self._chains: dict[str, tuple[int, bytes]] = {}
        self._intended: set[tuple[str, int]] = set()
        self._explained_count = 0
        self._keys = keys
        self._trusted: dict[int, list[Note]] = {}
        for note in trusted:
            self._check_signature(note, "trusted checkpoint")
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
        self._check_personal(position, record, entry.personal)
        self._note_outcome(record)
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

    def finish(self, own: Sequence[Note]) -> Verdict:
        """Give the verdict on a log whose own checkpoints are these; the last one must cover all leaves."""
        verdict = self._verdict
        verdict.size, verdict.unknown_count = self._frontier.size, len(self._intended)
        if verdict.erased_count > self._explained_count:
            verdict.add(
                f"{verdict.erased_count - self._explained_count} personal fields are missing, erased by no record"
            )
        for size in sorted(self._trusted):
            verdict.add(f"a trusted checkpoint has {size} leaves, the log has {verdict.size}: its end is missing")
        for note in own:
            self._check_signature(note, "checkpoint of the log")
        last = own[-1].checkpoint if own else None
        if verdict.size and (last is None or (last.size, last.root) != (verdict.size, self._frontier.root)):
            verdict.add("the log's own last checkpoint is not that of its leaves")
        return verdict

    def _compare(self) -> None:
        size = self._frontier.size
        for note in self._trusted.pop(size, ()):
            if note.checkpoint.root == self._frontier.root:
                self._verdict.trusted_size = size
                self._verdict.trusted_count += 1
            else:
                self._verdict.add(f"the first {size} leaves are not those of the trusted checkpoint of that size")

    def _check_signature(self, note: Note, what: str) -> None:
        if self._keys and not any(note.signed_by(key) for key in self._keys):
            self._verdict.add(f"the {what} of {note.checkpoint.size} leaves is signed by no trusted key")

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
