"""Any change of history, in the export or in the database, is found against an older trusted checkpoint."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
import rfc8785
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st

from nexus_core.governance.audit_export import export, verify_export, verify_store
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import Checkpoint, SigningKey
from nexus_core.governance.audit_sealing import read_sealed
from nexus_core.governance.audit_verify import Verdict
from nexus_core.model.audit import BEGINNING, Record, read_record
from nexus_core.model.merkle import root_of
from nexus_core.settings import Settings
from nexus_core.store.database import open_store
from tests.integration.audit.conftest import Log, make_log, make_sealed_log
from tests.stores import sqlite_settings

_UNSHRUNK = (Phase.explicit, Phase.generate)  # an example is a copy of a database

TABLES = ("audit_record", "audit_personal", "audit_leaf", "audit_node", "audit_checkpoint", "audit_writer")
_SEALED = (*TABLES, "audit_segment", "audit_key_change", "audit_prune")


@pytest.fixture(scope="module", params=["all", "sealed"])
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, signing_key: SigningKey
) -> tuple[Log, list[bytes]]:
    """A log in SQLite, and its export: all of it, or what is behind sealed records, with a change of key."""

    async def make() -> tuple[Log, list[bytes]]:
        found = await sqlite_settings(tmp_path_factory.mktemp("log"))
        store = open_store(found.store_url)
        log = await make_log(store, signing_key, found)
        if request.param == "sealed":
            log = await make_sealed_log(log, tmp_path_factory.mktemp("sealed"))
        lines = [line async for line in export(store)]
        await store.dispose()
        return log, lines

    return asyncio.run(make())


def check(log: Log, lines: list[bytes]) -> Verdict:
    return verify_export(lines, log.trusted)


def test_the_untouched_export_is_whole(whole: tuple[Log, list[bytes]]) -> None:
    assert check(*whole).problems == []


@given(st.data())
@settings(max_examples=60)
def test_a_changed_byte(whole: tuple[Log, list[bytes]], data: st.DataObject) -> None:
    log, lines = whole
    number = data.draw(st.integers(0, len(lines) - 1))
    line = bytearray(lines[number])
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= data.draw(st.integers(1, 255))
    text = b"".join([*lines[:number], bytes(line), *lines[number + 1 :]])
    assert not check(log, text.splitlines(keepends=True)).ok


@given(st.data())
def test_lines_deleted_swapped_doubled_or_cut_off(whole: tuple[Log, list[bytes]], data: st.DataObject) -> None:
    log, lines = whole
    number = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1).filter(lambda index: index != number))
    swapped = list(lines)
    swapped[number], swapped[other] = lines[other], lines[number]
    for changed in (
        lines[:number] + lines[number + 1 :],
        swapped,
        [*lines[:number], lines[number], *lines[number:]],
        lines[:number],
    ):
        assert not check(log, changed).ok


@given(st.data())
@settings(max_examples=30)
def test_a_changed_byte_of_a_sealed_file(whole: tuple[Log, list[bytes]], data: st.DataObject) -> None:
    log, lines = whole
    if log.folder is None:
        return
    path = data.draw(st.sampled_from(sorted(log.folder.iterdir())))
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    path.chmod(0o600)
    path.write_bytes(content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :])
    held = Trusted([log.key.verifier], [log.first])
    verdict = verify_export(lines, held, read_sealed(log.folder, held))
    path.write_bytes(content)
    assert not verdict.ok
    assert verify_export(lines, held, read_sealed(log.folder, held)).ok


@given(st.integers(0, 5), st.booleans())
@settings(max_examples=20)
def test_history_signed_anew_with_the_real_key(whole: tuple[Log, list[bytes]], number: int, drop: bool) -> None:
    log, lines = whole
    if log.folder is not None:
        return
    bodies = [rfc8785.dumps(_leaf(line)) for line in lines[:-1]]
    records = [read_record(body) for body in bodies]
    if drop:
        del records[number]
    forged = _rechained([_forged(record) if index == number else record for index, record in enumerate(records)])
    note = log.key.sign(Checkpoint(log.key.name, len(forged), root_of(r.leaf for r in forged), log.new.checkpoint.at))
    again = [rfc8785.dumps({"leaf": _leaf_of(record), "personal": {}}) + b"\n" for record in forged]
    again.append(rfc8785.dumps({"checkpoints": [note]}) + b"\n")
    assert verify_export(again, Trusted([log.key.verifier])).ok  # consistent in itself
    assert not verify_export(again, log.trusted).ok


def test_another_key(whole: tuple[Log, list[bytes]]) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    log, lines = whole
    other = SigningKey("lineage-nexus", Ed25519PrivateKey.generate())
    assert not verify_export(lines, Trusted([other.verifier], [log.old])).ok


@given(st.data())
@settings(max_examples=25, phases=_UNSHRUNK)
def test_a_changed_byte_in_the_database(
    whole: tuple[Log, list[bytes]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log, _ = whole
    folder = tmp_path_factory.mktemp("changed")
    with _opened(log, folder) as database:
        table = data.draw(st.sampled_from(_SEALED if log.folder else TABLES))
        row = data.draw(st.sampled_from(sorted(database.execute(f"SELECT rowid FROM {table}"))))[0]
        names = [each[1] for each in database.execute(f"PRAGMA table_info({table})")]
        name = data.draw(st.sampled_from(names))
        (value,) = database.execute(f"SELECT {name} FROM {table} WHERE rowid = ?", (row,)).fetchone()
        changed = _changed(value, data)
        try:
            database.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (changed, row))
        except sqlite3.IntegrityError:
            reject()  # such a row is there
        database.commit()
    found = _verified(folder, log)
    shutil.rmtree(folder)
    assert not found.ok, (table, name, value, changed)


def test_a_state_that_nobody_can_read_is_a_problem_of_the_log(whole: tuple[Log, list[bytes]], tmp_path: Path) -> None:
    log, _ = whole
    if log.folder is None:
        return
    with _opened(log, tmp_path) as database:
        database.execute("UPDATE audit_segment SET state = replace(state, '\"size\"', '\"sine\"')")
        database.commit()
    found = _verified(tmp_path, log)
    assert not found.ok
    assert "it is no state of an audit log" in found.problems[0]


@given(st.data())
@settings(max_examples=10, phases=_UNSHRUNK)
def test_rows_deleted_from_the_database(
    whole: tuple[Log, list[bytes]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    log, _ = whole
    folder = tmp_path_factory.mktemp("deleted")
    with _opened(log, folder) as database:
        table = data.draw(st.sampled_from(_SEALED if log.folder else TABLES))
        rows = [row for (row,) in database.execute(f"SELECT rowid FROM {table}")]
        gone = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
        if table == "audit_checkpoint":
            gone = rows  # fewer checkpoints of our own prove as much
        database.executemany(f"DELETE FROM {table} WHERE rowid = ?", [(row,) for row in gone])
        database.commit()
    found = _verified(folder, log)
    shutil.rmtree(folder)
    assert not found.ok, (table, gone)


def _verified(folder: Path, log: Log) -> Verdict:
    async def verify() -> Verdict:
        store = open_store(Settings.load(data_dir=folder).store_url)
        try:
            return await verify_store(store, log.trusted)
        finally:
            await store.dispose()

    return asyncio.run(verify())


def _opened(log: Log, folder: Path) -> sqlite3.Connection:
    """Open a copy as its owner, whom no trigger stops."""
    for each in log.settings.data_dir.glob("nexus.db*"):
        shutil.copy(each, folder / each.name)
    database = sqlite3.connect(folder / "nexus.db")
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        if name.startswith("audit_"):
            database.execute(f"DROP TRIGGER {name}")
    return database


def _changed(value: object, data: st.DataObject) -> object:
    if value is None:
        return "acc_other"
    if isinstance(value, int):
        return value ^ 1 << data.draw(st.integers(0, 40))
    content = bytearray(value if isinstance(value, bytes) else str(value).encode())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 127))
    return bytes(content) if isinstance(value, bytes) else content.decode(errors="replace")


def _leaf(line: bytes) -> object:
    import orjson

    return orjson.loads(line)["leaf"]


def _leaf_of(record: Record) -> object:
    import orjson

    return orjson.loads(record.body)


def _forged(record: Record) -> Record:
    from dataclasses import replace

    return replace(record, target={**record.target, "forged": "yes"})


def _rechained(records: list[Record]) -> list[Record]:
    """Give chains whose every link is right again."""
    from dataclasses import replace

    ends: dict[str, tuple[int, bytes]] = {}
    found = []
    for record in records:
        seq, previous = ends.get(record.place.writer, (0, BEGINNING))
        of = None if record.of is None else seq - 1
        again = replace(record, place=replace(record.place, seq=seq), previous=previous, of=of, personal={})
        ends[record.place.writer] = seq + 1, again.leaf
        found.append(again)
    return found
