"""Records, group commit, the signer and witnesses."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from nexus_core.errors import BrokenAuditError, NotFoundError, UnavailableError
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_export import export, verify_export, verify_store
from nexus_core.governance.audit_keys import Trusted, read_trusted
from nexus_core.governance.audit_notes import SigningKey, read_note
from nexus_core.governance.audit_reading import prove_growth, prove_record, read_page
from nexus_core.governance.audit_signer import Signer
from nexus_core.governance.audit_witness import FileWitness
from nexus_core.model.access import EVERYTHING, Scope
from nexus_core.model.audit import Act, Action, Outcome, read_record
from nexus_core.model.merkle import verify_consistency, verify_inclusion
from nexus_core.store import audit as rows
from nexus_core.store.audit import Wanted
from nexus_core.store.database import Store
from tests.integration.audit.conftest import ANNA, BEN, Log


async def test_a_whole_log_is_proven_by_a_trusted_checkpoint(log: Log) -> None:
    verdict = await verify_store(log.store, Trusted([log.key.verifier], [log.old]))
    assert verdict.problems == []
    assert (verdict.size, verdict.trusted_size, verdict.unknown_count) == (9, 6, 0)
    lines = [line async for line in export(log.store)]
    again = verify_export(lines, Trusted([log.key.verifier], [log.old, log.new]))
    assert again.problems == []
    assert again.trusted_size == again.size == 9


async def test_many_at_once_stand_in_one_chain_and_cost_few_transactions(store: Store, signing_key: SigningKey) -> None:
    audit = Audit(store, "api")
    acts = [Act(Action.SIGN_IN, {"n": str(number)}) for number in range(300)]
    places = await asyncio.gather(*(audit.record(ANNA, act) for act in acts))
    assert sorted(place.seq for place in places) == list(range(1, 301))
    assert len({place.writer for place in places}) == 1
    await Signer(store, signing_key, ()).turn(None)
    assert (await verify_store(store, Trusted())).ok


async def test_an_act_whose_record_fails_does_not_happen(store: Store) -> None:
    audit, happened = Audit(store, "api"), []
    await audit.record(ANNA, Act(Action.SIGN_IN))
    async with store.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_record RENAME TO elsewhere"))
    with pytest.raises(UnavailableError):
        async with audit.acting(ANNA, Act(Action.TOKEN_REVOKED, {"token": "t"})):
            happened.append(1)
    assert happened == []
    async with store.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO audit_record"))
    place = await audit.record(ANNA, Act(Action.SIGN_IN))
    assert place.seq == 1  # of another chain


async def test_failures_and_unknown_outcomes_are_told(store: Store, signing_key: SigningKey) -> None:
    audit = Audit(store, "api")
    with pytest.raises(UnavailableError):
        async with audit.acting(ANNA, Act(Action.TOKEN_REVOKED, {"token": "t"})):
            raise UnavailableError("Neo4j", "it is away")
    await audit.record(BEN, Act(Action.TOKEN_REVOKED, {"token": "u"}), Outcome.INTENDED)
    await Signer(store, signing_key, ()).turn(None)
    found = [read_record(kept.body) for kept in await rows.page(store, Wanted(), 10)]
    assert [record.outcome for record in found] == ["intended", "failed", "intended", "done"]
    assert found[1].target["reason"] == "UnavailableError"
    assert (await verify_store(store, Trusted())).unknown_count == 1


async def test_rows_are_only_added(log: Log) -> None:
    for table in ("audit_record", "audit_leaf", "audit_node", "audit_checkpoint"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {_COLUMN[table]} = {_COLUMN[table]}"):
            with pytest.raises(SQLAlchemyError, match="only added to"):
                async with log.store.begin() as connection:
                    await connection.execute(text(change))


_COLUMN = {"audit_record": "seq", "audit_leaf": "seq", "audit_node": "level", "audit_checkpoint": "at"}


async def test_pages_are_filtered(log: Log) -> None:
    def names(found: list[rows.Kept]) -> list[str]:
        return [read_record(kept.body).action for kept in found]

    assert names(await rows.page(log.store, Wanted(account_id="acc_ben"), 10)) == ["decision", *["token.revoke"] * 2]
    assert names(await rows.page(log.store, Wanted(actions=("session.start",)), 10)) == ["session.start"]
    assert len(await rows.page(log.store, Wanted(target=("token", "tok_1")), 10)) == 3
    first = await rows.page(log.store, Wanted(), 4)
    rest = await rows.page(log.store, Wanted(before=(first[-1].at, first[-1].place)), 10)
    assert len({kept.place for kept in (*first, *rest)}) == len(first) + len(rest) == 9


async def test_erasing_keeps_every_proof(log: Log) -> None:
    assert await Audit(log.store, "api").erase(BEN, "acc_anna") == 6
    await Signer(log.store, log.key, ()).turn(None)
    verdict = await verify_store(log.store, Trusted([log.key.verifier], [log.old]))
    assert verdict.problems == []
    assert verdict.erased_count == 6
    assert await rows.page(log.store, Wanted(account_id="acc_anna"), 10) == []
    lines = b"".join([line async for line in export(log.store)])
    assert b"Anna" not in lines
    assert b"n 1" not in lines


async def test_a_personal_field_that_no_record_erased_is_missed(log: Log) -> None:
    await rows.erase(log.store, "acc_anna")
    verdict = await verify_store(log.store, Trusted([log.key.verifier], [log.old]))
    assert verdict.problems == ["6 personal fields are missing, erased by no record"]


async def test_inclusion_is_proven_for_one_record(log: Log) -> None:
    kept = (await rows.page(log.store, Wanted(actions=("decision",)), 1))[0]
    found = await prove_record(log.store, kept.place, EVERYTHING, None)
    root, size = log.new.checkpoint.root, log.new.checkpoint.size
    assert found.signed.size == size
    assert verify_inclusion(found.record.leaf, found.position, size, found.proof, root)
    with pytest.raises(NotFoundError):
        await prove_record(log.store, kept.place, Scope.of("mysql://*"), None)
    proof, first, second = await prove_growth(log.store, 6, 9)
    old, new = (read_note(each.note).checkpoint for each in (first, second))
    assert verify_consistency(6, 9, proof, old.root, new.root)


async def test_records_of_hidden_sources_are_not_seen(log: Log) -> None:
    seen, following = await read_page(log.store, Wanted(), Scope.of("postgres://db:*"), 2)
    assert [one.record.action for one in seen] == ["decision"]
    assert following is None


async def test_the_signer_signs_no_rewritten_history(log: Log) -> None:
    await _without_triggers(log.store, "UPDATE audit_node SET hash = :other WHERE level = 3", other=bytes(32))
    await Audit(log.store, "api").record(ANNA, Act(Action.SIGN_OUT))
    with pytest.raises(BrokenAuditError, match="does not go on"):
        await Signer(log.store, log.key, ()).turn(None)


async def test_the_signer_takes_no_record_that_was_changed(log: Log) -> None:
    place = await Audit(log.store, "api").record(ANNA, Act(Action.SIGN_OUT))
    change = "UPDATE audit_record SET body = :other WHERE writer = :writer AND seq = :seq"
    await _without_triggers(log.store, change, other=b"{}", writer=place.writer, seq=place.seq)
    with pytest.raises(BrokenAuditError, match="no audit record"):
        await Signer(log.store, log.key, ()).turn(None)


async def test_a_file_witness_is_what_verify_takes(log: Log, tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "witness.txt")
    signer = Signer(log.store, log.key, (witness,))
    await signer.turn(None)
    await Audit(log.store, "api").record(ANNA, Act(Action.SIGN_OUT))
    await signer.turn(None)
    await Signer(log.store, log.key, (FileWitness(witness.path),)).turn(None)  # a new process writes nothing twice
    held = read_trusted(witness.path.read_text())
    assert held.keys == [log.key.verifier]
    assert [note.checkpoint.size for note in held.notes] == [9, 11]
    assert (await verify_store(log.store, held)).trusted_size == 11


async def test_a_witness_that_is_away_gets_a_later_checkpoint(log: Log, tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "absent" / "witness.txt")
    signer = Signer(log.store, log.key, (witness,))
    await signer.turn(None)
    witness.path.parent.mkdir()
    await signer.turn(None)
    assert "\n9\n" in witness.path.read_text()


async def _without_triggers(store: Store, change: str, **values: object) -> None:
    """Change rows as someone who owns the database can."""
    async with store.begin() as connection:
        if store.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            found = (await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))).scalars()
            for name in [name for name in found if name.startswith("audit_")]:
                await connection.execute(text(f"DROP TRIGGER {name}"))
        await connection.execute(text(change), values)
