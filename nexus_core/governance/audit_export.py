"""The audit log as JSON Lines: a leaf a line in the tree's order, and at the end the checkpoints.

Each line is a JSON object in the form of RFC 8785, so that a change of any byte shows: `{"leaf": RECORD, "personal":
{FIELD: {"salt": HEX, "value": JSON TEXT}}}`, then `{"checkpoints": [NOTE, …]}`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import orjson
import rfc8785

from nexus_core.errors import InvalidInputError, NotFoundError
from nexus_core.governance.audit_notes import Note, VerifierKey, read_note
from nexus_core.governance.audit_verify import Entry, Verdict, Verifier
from nexus_core.model.audit import BEGINNING, Opening
from nexus_core.store import audit_tree
from nexus_core.store.database import Store


async def export(store: Store) -> AsyncIterator[bytes]:
    """Give the lines of all that the newest checkpoint covers; raises NotFoundError while there is none."""
    newest = await audit_tree.newest_checkpoint(store)
    if newest is None:
        raise NotFoundError("A checkpoint of the audit log (the signer makes the first within a minute)")
    async for kept, _ in audit_tree.entries(store, newest.size):
        yield _line({"leaf": orjson.loads(kept.body), "personal": _shown(kept.personal)})
    notes = [each.note for each in await audit_tree.checkpoints(store) if each.size <= newest.size]
    yield _line({"checkpoints": notes})


def verify_export(lines: Iterable[bytes], trusted: list[Note], keys: list[VerifierKey]) -> Verdict:
    """Check an export; it is read line by line and never held whole."""
    verifier = Verifier(trusted, keys)
    notes: list[Note] | None = None
    flaws: list[str] = []
    for number, line in enumerate(lines, start=1):
        if notes is not None:
            flaws.append(f"line {number}: it stands after the checkpoints")
            break
        try:
            said = _read(line)
            if "checkpoints" in said:
                notes = [read_note(note) for note in said["checkpoints"]]
            else:
                verifier.take(Entry(rfc8785.dumps(said["leaf"]), _openings(said["personal"])))
        except InvalidInputError as error:
            flaws.append(f"line {number}: {error.reason}")
    verdict = verifier.finish(notes or [])
    if notes is None:
        flaws.append("the checkpoints at the end are missing")
    for flaw in flaws:
        verdict.add(flaw)
    return verdict


async def verify_store(store: Store, trusted: list[Note], keys: list[VerifierKey]) -> Verdict:
    """Check the log in a store, up to its newest checkpoint."""
    verifier = Verifier(trusted, keys)
    signed = await audit_tree.checkpoints(store)
    notes, flaws = [], []
    if signed:
        async for kept, repeats in audit_tree.entries(store, signed[-1].size):
            verifier.take(Entry(kept.body, kept.personal))
            if not repeats:
                flaws.append(f"leaf {kept.position}: the tables repeat it wrongly")
        async for level, index in audit_tree.false_nodes(store, verifier.size):
            flaws.append(f"node {index} of level {level} is not that of what is below it")
        flaws += _wrong_chains(verifier.chains, await audit_tree.read_chains(store))
    for each in signed:
        try:
            notes.append(note := read_note(each.note))
        except InvalidInputError as error:
            flaws.append(f"checkpoint of {each.size} leaves: {error.reason}")
        else:
            if (note.checkpoint.size, note.checkpoint.at) != (each.size, each.at):
                flaws.append(f"checkpoint of {each.size} leaves: the table repeats it wrongly")
    verdict = verifier.finish(notes)
    for flaw in flaws:
        verdict.add(flaw)
    return verdict


def _wrong_chains(taken: Mapping[str, tuple[int, bytes]], kept: Mapping[str, tuple[int, bytes, int]]) -> Iterator[str]:
    """Say which chains go on from elsewhere than where the tree has them; more may be in it than is signed."""
    for writer, (sequenced, last, leaves) in kept.items():
        count, end = taken.get(writer, (0, BEGINNING))
        if sequenced != leaves or leaves < count or (leaves == count and last != end):
            yield f"the chain of {writer} goes on from elsewhere"
    yield from (f"the chain of {writer} is not known" for writer in taken.keys() - kept.keys())


def _line(content: dict[str, Any]) -> bytes:
    return rfc8785.dumps(content) + b"\n"


def _shown(personal: Mapping[str, Opening]) -> dict[str, Any]:
    return {name: {"salt": opening.salt.hex(), "value": opening.value} for name, opening in personal.items()}


def _read(line: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(line)
        if not isinstance(said, dict) or _line(said) != line or said.keys() not in _FORMS:
            raise ValueError
    except (ValueError, rfc8785.CanonicalizationError) as error:
        raise InvalidInputError("it is no line of an audit export") from error
    return said


_FORMS = ({"leaf", "personal"}, {"checkpoints"})


def _openings(said: Any) -> dict[str, Opening]:
    try:
        found = {name: Opening(each["value"], bytes.fromhex(each["salt"])) for name, each in said.items()}
        if any(each.keys() != {"salt", "value"} for each in said.values()):
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("its personal fields cannot be read") from error
    return found
