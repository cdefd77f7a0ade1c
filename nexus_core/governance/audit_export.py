"""The audit log as JSON Lines: a leaf a line in the tree's order, and at the end the checkpoints.

Each line is a JSON object in the form of RFC 8785, so that a change of any byte shows: `{"leaf": RECORD, "personal":
{FIELD: {"salt": HEX, "value": JSON TEXT}}}`, then `{"checkpoints": [NOTE, …], "key_changes": [NOTE, …], "time_stamps":
{SIZE: DER in base64}}`. Where the log begins behind sealed files, the first line is `{"sealed": STATE}`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
import rfc8785

from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.governance.audit_keys import KeyChange, Trusted, read_change
from nexus_core.governance.audit_notes import Note, read_note
from nexus_core.governance.audit_stamps import Stamped
from nexus_core.governance.audit_state import State, read_state
from nexus_core.governance.audit_verify import Entry, Verdict, Verifier
from nexus_core.model.audit import BEGINNING, Action, Opening
from nexus_core.model.canonical_json import canonical
from nexus_core.model.merkle import peaks_of
from nexus_core.store import audit_seals, audit_segments, audit_tree
from nexus_core.store.audit_segments import Segment
from nexus_core.store.database import Store

Stamps = Mapping[int, bytes]
"""Time stamps (RFC 3161, DER) by the size of the checkpoint that they are of."""


@dataclass(slots=True)
class Ending:
    """What stands behind the leaves."""

    notes: list[Note] = field(default_factory=list)
    changes: list[KeyChange] = field(default_factory=list)
    stamps: dict[int, bytes] = field(default_factory=dict)


async def export(store: Store) -> AsyncIterator[bytes]:
    """Give the lines of all that the newest checkpoint covers; raises NotFoundError while there is none."""
    newest = await audit_tree.newest_checkpoint(store)
    if newest is None:
        raise NotFoundError("A checkpoint of the audit log (the signer makes the first within a minute)")
    begin = await audit_segments.pruned(store)
    if begin is not None:
        yield line({"sealed": begin.state})
    async for kept, _ in audit_tree.entries(store, newest.size, begin.size if begin else 0):
        yield line({"leaf": orjson.loads(kept.body), "personal": shown(kept.personal)})
    yield line(await ending_of(store, newest.size))


async def ending_of(store: Store, size: int, first: int = 0) -> dict[str, Any]:
    """Give the last line of a tree of a size: checkpoints, changes of key and time stamps of more than `first`."""
    notes = [each.note for each in await audit_tree.checkpoints(store) if first < each.size <= size]
    stamps = {at: token for at, token in (await audit_seals.stamps(store)).items() if first < at <= size}
    return {
        "checkpoints": notes,
        "key_changes": [note for *_, note in await audit_seals.key_changes(store)],
        "time_stamps": {str(at): base64.b64encode(token).decode() for at, token in stamps.items()},
    }


@dataclass(slots=True)
class Reading:
    """An export that is read line by line, never held whole."""

    verifier: Verifier
    entry: Callable[[dict[str, Any]], Entry]
    ending: Ending | None = None

    def take(self, lines: Iterable[bytes], place: str = "") -> None:
        """Read leaves, and the line that ends them."""
        self.ending = None
        for number, each in enumerate(lines, start=1):
            if self.ending is not None:
                self.verifier.flaw(f"{place}line {number}: it stands after the checkpoints")
                break
            try:
                self._line(read_line(each))
            except InvalidInputError as error:
                self.verifier.flaw(f"{place}line {number}: {error.reason}")
        if self.ending is None:
            self.verifier.flaw(f"{place}the checkpoints at the end are missing")

    def _line(self, said: dict[str, Any]) -> None:
        if "checkpoints" in said:
            self.ending = read_ending(said)
        elif "leaf" in said:
            self.verifier.take(self.entry(said))
        else:
            raise InvalidInputError("it is no leaf")


def _entry(said: dict[str, Any]) -> Entry:
    if "personal" not in said:
        raise InvalidInputError("what opens it is missing")
    return Entry(canonical(said["leaf"]), openings(said["personal"]))


def beginning(first: bytes) -> State | None:
    """Give where a log begins by its first line; None at its beginning. Raises InvalidInputError."""
    said = read_line(first)
    return read_state(str(said["sealed"])) if "sealed" in said else None


def verify_export(
    lines: Iterable[bytes], trusted: Trusted, before: Verifier | None = None, stamped: Stamped | None = None
) -> Verdict:
    """Check an export; `before` has read the sealed files before it, `stamped` checks time stamps."""
    rest = iter(lines)
    first = next(rest, b"")
    flaw, start = "", None
    try:
        start = beginning(first)
    except InvalidInputError as error:
        flaw = f"line 1: {error.reason}"
    verifier = follow(before, start, trusted)
    if flaw:
        verifier.flaw(flaw)
    reading = Reading(verifier, _entry)
    reading.take(rest if start is not None or flaw else _again(first, rest))
    return _finished(verifier, reading.ending or Ending(), stamped)


def follow(before: Verifier | None, start: State | None, trusted: Trusted) -> Verifier:
    """Give the verifier that goes on: one that read what is sealed, which must be that, or one that begins there."""
    if before is None:
        return Verifier(trusted, start)
    if not before.state.continues(start or State()):
        before.flaw("the sealed files do not end where the log begins")
    return before


async def verify_store(
    store: Store, trusted: Trusted, before: Verifier | None = None, stamped: Stamped | None = None
) -> Verdict:
    """Check the log in a store, up to its newest checkpoint."""
    start = None
    if begin := await audit_segments.pruned(store):
        try:
            start = read_state(begin.state)
        except InvalidInputError as error:  # what stands behind it cannot be checked
            verifier = before or Verifier(trusted)
            verifier.flaw(f"the sealed part of {begin.size} leaves: {error.reason}")
            return _finished(verifier, Ending(), stamped)
    verifier = follow(before, start, trusted)
    signed = await audit_tree.checkpoints(store)
    if signed:
        await _take_store(store, verifier, start or State(), signed[-1].size)
    ending = Ending()
    for each in signed:
        try:
            ending.notes.append(note := read_note(each.note))
        except InvalidInputError as error:
            verifier.flaw(f"checkpoint of {each.size} leaves: {error.reason}")
        else:
            if (note.checkpoint.size, note.checkpoint.at) != (each.size, each.at):
                verifier.flaw(f"checkpoint of {each.size} leaves: the table repeats it wrongly")
    for after, at, text in await audit_seals.key_changes(store):
        try:
            ending.changes.append(change := read_change(text))
        except InvalidInputError as error:
            verifier.flaw(f"a change of key: {error.reason}")
        else:
            if (change.after, change.at) != (after, at):
                verifier.flaw(f"the change of key after {after} leaves: the table repeats it wrongly")
    ending.stamps = dict(await audit_seals.stamps(store))
    return _finished(verifier, ending, stamped)


async def _take_store(store: Store, verifier: Verifier, start: State, size: int) -> None:
    async for kept, repeats in audit_tree.entries(store, size, start.size):
        verifier.take(Entry(kept.body, kept.personal))
        if not repeats:
            verifier.flaw(f"leaf {kept.position}: the tables repeat it wrongly")
    async for level, index in audit_tree.false_nodes(store, verifier.size, start.size):
        verifier.flaw(f"node {index} of level {level} is not that of what is below it")
    peaks = peaks_of(start.size)
    kept_peaks = await audit_tree.nodes_of(store, peaks)
    if [kept_peaks.get(place) for place in peaks] != list(start.peaks):
        verifier.flaw("the tree does not go on from what is sealed")
    for segment in await audit_segments.segments(store):
        said = verifier.told(Action.AUDIT_SEALED, segment.size)
        if said and said != target_of(segment):
            verifier.flaw(f"the sealed part of {segment.size} leaves: the table repeats it wrongly")
    for released, at in (await audit_segments.releases(store)).items():
        if verifier.told(Action.AUDIT_PRUNED, released).get("at", at.isoformat()) != at.isoformat():
            verifier.flaw(f"the pruning of {released} leaves: the table repeats it wrongly")
    for flaw in _wrong_chains(verifier.chains, start.chains, await audit_tree.read_chains(store, start.size)):
        verifier.flaw(flaw)


def target_of(segment: Segment) -> dict[str, str]:
    """Give what the record of sealing says of a segment."""
    told = {name: str(getattr(segment, name)) for name in ("first", "size", "file", "digest")}
    return {**told, "at": segment.at.isoformat(), "state": sha256(segment.state.encode()).hexdigest()}


def _finished(verifier: Verifier, ending: Ending, stamped: Stamped | None) -> Verdict:
    verdict = verifier.finish(ending.notes, ending.changes)
    if stamped is not None:
        for problem in stamped.check(ending.notes, ending.stamps):
            verdict.add(problem)
        verdict.stamped_size, verdict.stamped_at = stamped.size, stamped.at
    return verdict


def _wrong_chains(
    taken: Mapping[str, tuple[int, bytes]],
    sealed: Mapping[str, tuple[int, bytes]],
    kept: Mapping[str, tuple[int, bytes, int]],
) -> Iterator[str]:
    """Say which chains go on from elsewhere than where the tree has them; more may be in it than is signed."""
    for writer, (sequenced, last, found) in kept.items():
        count, end = taken.get(writer, (0, BEGINNING))
        leaves = sealed.get(writer, (0, BEGINNING))[0] + found
        if sequenced != leaves or leaves < count or (leaves == count and last != end):
            yield f"the chain of {writer} goes on from elsewhere"
    yield from (f"the chain of {writer} is not known" for writer in taken.keys() - kept.keys())


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def line(content: dict[str, Any]) -> bytes:
    """Give a line of an export."""
    return canonical(content) + b"\n"


def shown(personal: Mapping[str, Opening]) -> dict[str, Any]:
    """Give what opens commitments as an export has it."""
    return {name: {"salt": opening.salt.hex(), "value": opening.value} for name, opening in personal.items()}


def read_line(text: bytes) -> dict[str, Any]:
    """Read a line of an export or a sealed file; raises InvalidInputError."""
    try:
        said = orjson.loads(text)
        if not isinstance(said, dict) or line(said) != text or said.keys() not in _FORMS:
            raise ValueError
    except (ValueError, rfc8785.CanonicalizationError) as error:
        raise InvalidInputError("it is no line of an audit export") from error
    return said


_FORMS = (
    {"leaf", "personal"},
    {"leaf"},
    {"sealed"},
    {"position", "personal"},
    {"checkpoints"},
    {"checkpoints", "key_changes", "time_stamps"},
)


def read_ending(said: dict[str, Any]) -> Ending:
    """Read what stands behind the leaves; raises InvalidInputError."""
    try:
        stamps = {
            int(size): base64.b64decode(each, validate=True) for size, each in said.get("time_stamps", {}).items()
        }
    except (AttributeError, ValueError, TypeError, binascii.Error) as error:
        raise InvalidInputError("its time stamps cannot be read") from error
    notes = [read_note(note) for note in said["checkpoints"]]
    return Ending(notes, [read_change(note) for note in said.get("key_changes", ())], stamps)


def openings(said: Any) -> dict[str, Opening]:
    """Read what opens commitments; raises InvalidInputError."""
    try:
        found = {name: Opening(each["value"], bytes.fromhex(each["salt"])) for name, each in said.items()}
        if any(each.keys() != {"salt", "value"} for each in said.values()):
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("its personal fields cannot be read") from error
    return found
