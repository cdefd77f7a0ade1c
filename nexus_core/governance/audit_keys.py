"""Which keys may sign checkpoints: those that a verifier holds, and those that these introduced.

A change of key is a signed note like a checkpoint, with the signatures of both keys. Its text is the origin,
`introduces NAME+ID+KEY` of the new one, `after SIZE` and `time …`: trees of more leaves are signed by the new key
alone. A thief of the old key can sign nothing that comes later, and who has only the new key can introduce none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from nexus_core.errors import InvalidInputError
from nexus_core.governance.audit_notes import (
    Note,
    Signatures,
    SigningKey,
    VerifierKey,
    blocks,
    read_note,
    read_verifier,
    signed_by,
    split,
)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """That `key` signs trees of more than `after` leaves, said by those who signed it."""

    origin: str
    key: VerifierKey
    after: int
    at: datetime
    signatures: Signatures = ()

    @property
    def text(self) -> str:
        """What is signed."""
        stamp = self.at.astimezone(UTC).isoformat(timespec="seconds")
        return f"{self.origin}\nintroduces {self.key}\nafter {self.after}\ntime {stamp}\n"

    def sign(self, old: SigningKey, new: SigningKey) -> str:
        """Give the note, signed by both."""
        return f"{self.text}\n{old.signature(self.text)}{new.signature(self.text)}"

    def signed_by(self, key: VerifierKey) -> bool:
        """Whether a key signed it."""
        return signed_by(self.text, self.signatures, key)


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a verifier holds."""

    keys: Sequence[VerifierKey] = ()
    notes: Sequence[Note] = ()
    changes: Sequence[KeyChange] = ()


@dataclass(slots=True)
class KeyRing:
    """Keys with the sizes of trees that they may sign: more than the first number, at most the second."""

    spans: dict[VerifierKey, tuple[int, int | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[VerifierKey]) -> KeyRing:
        """Trust keys for all that nobody else took over."""
        return cls(dict.fromkeys(keys, (-1, None)))

    def follow(self, changes: Iterable[KeyChange]) -> list[KeyChange]:
        """Take in changes, by whom a key that is trusted hands over; gives those that nobody trusted signed."""
        left = sorted(set(changes), key=lambda change: change.after)
        while taken := [each for each in left if self._take(each)]:  # two may follow each other at one size
            left = [each for each in left if each not in taken]
        return left

    def _take(self, change: KeyChange) -> bool:
        old = next(
            (
                key
                for key, (_, until) in self.spans.items()
                if until is None and change.signed_by(key) and key != change.key
            ),
            None,
        )
        if old is None or not change.signed_by(change.key):
            return False
        self.spans[old] = self.spans[old][0], change.after
        self.spans.setdefault(change.key, (change.after, None))
        return True

    def may_sign(self, note: Note) -> bool:
        """Whether a checkpoint is signed by a key that may."""
        size = note.checkpoint.size
        return any(
            after < size and (until is None or size <= until) and note.signed_by(key)
            for key, (after, until) in self.spans.items()
        )


def read_change(note: str) -> KeyChange:
    """Read a change of key; raises InvalidInputError."""
    try:
        text, signatures = split(note)
        origin, key, after, time, _ = text.split("\n")
        at = datetime.fromisoformat(time.removeprefix("time "))
        change = KeyChange(
            origin, read_verifier(key.removeprefix("introduces ")), int(after.removeprefix("after ")), at, signatures
        )
        if change.text != text:
            raise ValueError
    except ValueError as error:
        raise InvalidInputError("it is no change of key") from error
    return change


def read_trusted(text: str) -> Trusted:
    """Read what a verifier holds: keys, checkpoints and changes of key; raises InvalidInputError."""
    keys, found = blocks(text)
    changes = [note for note in found if is_change(note)]
    return Trusted(keys, [read_note(note) for note in found if note not in changes], list(map(read_change, changes)))


def is_change(note: str) -> bool:
    """Whether a note looks like a change of key."""
    return note.partition("\n")[2].startswith("introduces ")
