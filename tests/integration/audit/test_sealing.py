"""Old records leave the store for sealed files, and every proof goes on; holds stop all of it."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from nexus_core.errors import BrokenAuditError, ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_export import export, verify_export, verify_store
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import SigningKey, read_note
from nexus_core.governance.audit_reading import prove_growth, prove_record
from nexus_core.governance.audit_sealing import Sealing, erase_everywhere, read_sealed
from nexus_core.governance.audit_signer import Signer
from nexus_core.governance.holds import Holder, end_hold, place_hold
from nexus_core.governance.tokens import open_tokens
from nexus_core.model.access import EVERYTHING
from nexus_core.model.audit import Act, Action
from nexus_core.model.merkle import verify_consistency, verify_inclusion
from nexus_core.store import audit as rows
from nexus_core.store.audit import Wanted
from nexus_core.store.audit_segments import segments
from nexus_core.store.database import Store, open_store
from tests.integration.audit.conftest import ANNA, LATER, Log, make_log, make_sealed_log, sealing
from tests.services import PostgreSQL
from tests.stores import postgresql_settings


@pytest.fixture
async def sealed(store: Store, signing_key: SigningKey, log: Log, tmp_path: Path) -> Log:
    return await make_sealed_log(log, tmp_path / "sealed")


async def test_the_store_and_the_files_are_proven_together(sealed: Log) -> None:
    assert sealed.folder is not None
    first, second = sealed.trusted, Trusted(sealed.trusted.keys, [sealed.first])
    verdict = await verify_store(sealed.store, first)
    assert verdict.problems == []
    assert (verdict.sealed_size, verdict.trusted_size) == (9, sealed.old.checkpoint.size)
    early = await verify_store(sealed.store, second)
    assert early.problems == ["the trusted checkpoint of 6 leaves needs the sealed files: give --sealed"]
    whole = await verify_store(sealed.store, second, read_sealed(sealed.folder, second))
    assert whole.problems == []
    assert (whole.sealed_size, whole.trusted_size, whole.size) == (0, 6, sealed.new.checkpoint.size)
    lines = [line async for line in export(sealed.store)]
    assert verify_export(lines, first).problems == []
    assert verify_export(lines, second, read_sealed(sealed.folder, second)).problems == []


async def test_what_is_sealed_is_gone_from_the_store_and_nothing_else(sealed: Log) -> None:
    assert sealed.folder is not None
    (file,) = sealed.folder.glob("*.jsonl")
    assert b"Anna" not in file.read_bytes()
    assert not file.stat().st_mode & stat.S_IWUSR
    async with sealed.store.connect() as connection:
        for table, count in (("audit_record", 10), ("audit_leaf", 11), ("audit_personal", 4)):
            found = (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
            assert found == count, table  # those of the sealing, the pruning and the key after it, and a last one
    with pytest.raises(SQLAlchemyError, match="only added to"):
        async with sealed.store.begin() as connection:
            await connection.execute(text("DELETE FROM audit_record"))


async def test_proofs_go_on_behind_what_is_sealed(sealed: Log) -> None:
    old, new = sealed.old.checkpoint, sealed.new.checkpoint
    proof, _, _ = await prove_growth(sealed.store, old.size, new.size)
    assert verify_consistency(old.size, new.size, proof, old.root, new.root)
    kept = (await rows.page(sealed.store, Wanted(actions=("audit.seal",)), 1))[0]
    found = await prove_record(sealed.store, kept.place, EVERYTHING, None)
    assert verify_inclusion(found.record.leaf, found.position, new.size, found.proof, new.root)
    with pytest.raises(NotFoundError):
        await prove_growth(sealed.store, sealed.first.checkpoint.size, new.size)


async def test_sealing_goes_on_from_where_it_was(sealed: Log) -> None:
    assert sealed.folder is not None
    made = sealing(sealed.store, sealed.folder)
    assert await made.seal(datetime.now(UTC) - timedelta(days=1)) is None
    again = await made.seal(LATER)
    assert again is not None
    assert (again.first, again.size) == (9, sealed.new.checkpoint.size)
    await sealed.signer.turn(None)
    await made.prune()
    await sealed.signer.turn(None)
    held = Trusted(sealed.trusted.keys, [sealed.first, sealed.old, sealed.new])
    verdict = await verify_store(sealed.store, held, read_sealed(sealed.folder, held))
    assert verdict.problems == []
    assert verdict.trusted_count == 3


async def test_a_changed_file_is_found_and_stops_pruning(log: Log, tmp_path: Path) -> None:
    made = sealing(log.store, tmp_path)
    segment = await made.seal(LATER)
    assert segment is not None
    assert (await verify_store(log.store, log.trusted)).ok
    with pytest.raises(NotFoundError):  # no checkpoint covers yet that it is sealed
        await made.prune()
    await Signer(log.store, log.key, ()).turn(None)
    file = tmp_path / segment.file
    file.chmod(0o600)
    file.write_bytes(file.read_bytes().replace(b"tok_0", b"tok_9"))
    with pytest.raises(BrokenAuditError, match="not what was sealed"):
        await made.prune()
    held = Trusted([log.key.verifier], [log.old])
    assert "the first 6 leaves are not those" in str(read_sealed(tmp_path, held).problems)
    assert (await verify_store(log.store, held)).ok


async def test_a_person_is_erased_beside_sealed_files(sealed: Log) -> None:
    assert sealed.folder is not None
    audit = Audit(sealed.store, "api")
    assert await erase_everywhere(audit, "acc_anna", sealed.folder) == 8
    assert b"Anna" not in b"".join(path.read_bytes() for path in sealed.folder.iterdir())
    await sealed.signer.turn(None)
    verdict = await verify_store(sealed.store, sealed.trusted, read_sealed(sealed.folder, sealed.trusted))
    assert verdict.problems == []
    assert verdict.erased_count == 8
    next(sealed.folder.glob("*.personal")).unlink()  # what lay beside may go as a whole
    assert (await verify_store(sealed.store, sealed.trusted, read_sealed(sealed.folder, sealed.trusted))).ok


async def test_nothing_is_pruned_or_erased_during_a_hold(log: Log, tmp_path: Path) -> None:
    audit, made = Audit(log.store, "cli"), sealing(log.store, tmp_path)
    by = Holder(user="tester")
    ben = (await open_tokens(log.store).create("ben", ["viewer"])).token.account.id
    with pytest.raises(InvalidInputError):
        await place_hold(audit, "case 7", "acc_nobody", by)
    hold = await place_hold(audit, "case 7", ben, by)
    await made.seal(LATER)
    await Signer(log.store, log.key, ()).turn(None)
    with pytest.raises(ForbiddenError, match="case 7"):
        await made.prune()
    with pytest.raises(ForbiddenError, match="case 7"):
        await erase_everywhere(audit, ben, None)
    assert await erase_everywhere(audit, "acc_anna", None) == 6  # whose data is not held
    await end_hold(audit, hold.id, "settled", by)
    with pytest.raises(NotFoundError):
        await end_hold(audit, hold.id, "settled", by)
    assert await made.prune() == 8
    assert [segment.size for segment in await segments(log.store)] == [9]
    placed = await rows.page(log.store, Wanted(actions=("hold.place", "hold.end")), 10)
    assert len(placed) == 4


async def test_what_was_changed_is_not_sealed(log: Log, tmp_path: Path) -> None:
    async with log.store.begin() as connection:
        if log.store.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            await connection.execute(text("DROP TRIGGER audit_record_no_update"))
        await connection.execute(text("UPDATE audit_record SET action = 'other' WHERE action = 'token.create'"))
    with pytest.raises(BrokenAuditError):
        await sealing(log.store, tmp_path).seal(LATER)
    assert await segments(log.store) == []


async def test_a_record_that_says_otherwise_is_missed(sealed: Log) -> None:
    """Who cuts the log off and says that it was sealed so needs a record of that in the signed tree."""
    lines = [line async for line in export(sealed.store)]
    assert b'"sealed"' in lines[0]
    forged = lines[0].replace(b'\\"erased\\":0', b'\\"erased\\":1')
    assert forged != lines[0]
    assert "no record says" in str(verify_export([forged, *lines[1:]], sealed.trusted).problems)


async def test_an_act_in_the_sealed_part_may_end_behind_it(
    store: Store, signing_key: SigningKey, tmp_path: Path
) -> None:
    audit, signer, made = Audit(store, "api"), Signer(store, signing_key, ()), sealing(store, tmp_path)
    async with audit.acting(ANNA, Act(Action.TOKEN_REVOKED, {"token": "t"})):
        await signer.turn(None)
        await made.seal(LATER)
        note = await signer.turn(None)
    assert note is not None
    await made.prune()
    await signer.turn(None)
    verdict = await verify_store(store, Trusted([signing_key.verifier], [read_note(note.note)]))
    assert verdict.problems == []
    assert verdict.unknown_count == 0


async def test_in_postgresql_a_second_role_prunes_and_the_first_cannot(
    postgresql: PostgreSQL, signing_key: SigningKey, tmp_path: Path
) -> None:
    settings = await postgresql_settings(postgresql, tmp_path)
    owner = open_store(settings.store_url)
    log = await make_log(owner, signing_key, settings)
    first, second = [await _role(owner, settings.store_url, name, grants) for name, grants in _GRANTS.items()]
    made = Sealing(first, second, Audit(first, "cli"), tmp_path / "sealed", "tester")
    own = Sealing(first, first, Audit(first, "cli"), tmp_path / "own", "tester")
    with pytest.raises(UnavailableError, match="permission denied"):
        await own.seal(LATER)
    await made.seal(LATER)
    await Signer(first, log.key, ()).turn(None)
    with pytest.raises(UnavailableError, match="permission denied"):
        await own.prune()
    assert await made.prune() == 8
    await Signer(first, log.key, ()).turn(None)
    assert (await verify_store(first, Trusted([log.key.verifier]))).problems == []
    for store in (first, second, owner):
        await store.dispose()


_TABLES = ("record", "leaf", "node", "checkpoint", "stamp", "segment", "prune", "key_change", "writer", "personal")
_READ = [f"SELECT ON audit_{table}" for table in _TABLES]
_ADDED = [f"INSERT ON audit_{table}" for table in _TABLES if table not in ("segment", "prune")]
_PRUNED = [f"DELETE ON audit_{table}" for table in _TABLES if table not in ("writer", "key_change")]
_GRANTS = {
    "works": [*_READ, *_ADDED, "UPDATE ON audit_writer", "DELETE ON audit_personal", "SELECT ON legal_hold"],
    "prunes": [*_READ, *_PRUNED, "INSERT ON audit_segment", "INSERT ON audit_prune"],
}


async def _role(owner: Store, url: str, name: str, grants: list[str]) -> Store:
    """Make a role with these rights alone, and open the store as it."""
    role = f"{name}_{token_hex(4)}"
    async with owner.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        for grant in (*grants, "USAGE ON SCHEMA public"):
            await connection.execute(text(f"GRANT {grant} TO {role}"))
    return open_store(make_url(url).set(username=role).render_as_string(hide_password=False))
