"""A backup of one kind of store, restored into another: the same graph, an audit log that is proven, keys apart."""

from __future__ import annotations

import asyncio
import base64
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from sqlalchemy import func, select

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.backup import back_up, back_up_keys, restore, restore_keys
from nexus_core.eventlog.event_keys import keys_url
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_export import verify_store
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import SigningKey, read_note
from nexus_core.governance.audit_signer import Signer
from nexus_core.governance.tokens import open_tokens
from nexus_core.graph.hash import graph_hash
from nexus_core.model.audit import Act, Action
from nexus_core.settings import GraphSettings, SecretsSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.account_tables import tokens
from nexus_core.store.database import Store, reading
from nexus_core.store.event_tables import events
from nexus_core.store.ledger_making import MAIN_TABLES
from nexus_core.store.tables import metadata
from tests.merging import Merging, dataset, envelope, merging, run_event
from tests.services import PostgreSQL
from tests.stores import postgresql_settings, sqlite_settings

pytestmark = pytest.mark.service

SECRETS = SecretsSettings(key=SecretStr(base64.b64encode(bytes(32)).decode()))
CANARY = "canary-4471"


def load(number: int) -> dict:
    sql = f"insert into public.d{number % 4} (a) select a from public.s where note = '{CANARY}'"
    return run_event(
        "COMPLETE", number, f"r{number}", f"j{number % 4}", sql, [dataset("s")], [dataset(f"d{number % 4}")]
    )


async def settings_of(kind: str, folder: Path, server: PostgreSQL) -> Settings:
    if kind == "postgresql":
        return await postgresql_settings(server, folder)
    return (await sqlite_settings(folder)).model_copy(update={"secrets": SECRETS})


async def govern(store: Store, folder: Path) -> tuple[Signer, str]:
    """Make an account and audit records, and sign them; the signer, and the checkpoint that a witness would keep."""
    await ensure_admin_token(open_tokens(store), folder / "admin-token")
    audit = Audit(store, "api")
    for number in range(5):
        async with audit.acting(None, Act(Action.TOKEN_CREATED, {"token": str(number)})):
            pass
    signer = Signer(store, SigningKey("test", Ed25519PrivateKey.generate()), (), timedelta(minutes=1))
    signed = await signer.turn(None)
    assert signed is not None
    return signer, signed.note


async def count_pending(store: Store) -> int:
    async with reading(store) as connection:
        query = select(func.count()).select_from(events).where(events.c.status == "pending")
        return int((await connection.execute(query)).scalar_one())


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
async def test_a_restored_store_gives_the_same_graph_and_a_proven_audit_log(
    source: str, target: str, neo4j: GraphSettings, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    made = [envelope(load(number)) for number in range(24)]
    first, second = [await settings_of(kind, tmp_path / kind, postgresql) for kind in (source, target)]
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        async with merging(neo4j, tmp_path / source, parser, first) as merge:
            await merge.merge(*made)
            whole = await graph_hash(merge.graph, bitemporal=True)
            signer, witnessed = await govern(merge.store, tmp_path)
            await back_up(first, tmp_path / "store.backup")
            await back_up_keys(keys_url(first), tmp_path / "keys.backup")
        assert CANARY.encode() not in (tmp_path / "store.backup").read_bytes()
        began = time.monotonic()
        await restore(second, tmp_path / "store.backup")
        await restore_keys(keys_url(second), tmp_path / "keys.backup")
        async with merging(neo4j, tmp_path / target, parser, second) as again:
            assert await count_pending(again.store) == len(made)
            await again.merge()
            assert await graph_hash(again.graph, bitemporal=True) == whole
            assert time.monotonic() - began < 120
            await goes_on(again, signer, witnessed)
    with pytest.raises(ConfigurationError, match="in use"):
        await restore(second, tmp_path / "store.backup")


async def goes_on(again: Merging, signer: Signer, witnessed: str) -> None:
    """What was signed before is the beginning of what is signed now; tokens and the log's numbers go on."""
    checkpoint = read_note(witnessed)
    verdict = await verify_store(again.store, Trusted([signer.key.verifier], [checkpoint]))
    assert verdict.ok
    assert verdict.trusted_size == checkpoint.checkpoint.size > 0
    async with Audit(again.store, "api").acting(None, Act(Action.TOKEN_CREATED, {"token": "new"})):
        pass
    await Signer(again.store, signer.key, ()).turn(datetime.now(UTC) + timedelta(hours=1))
    assert (await verify_store(again.store, Trusted([signer.key.verifier], [checkpoint]))).ok
    async with reading(again.store) as connection:
        assert (await connection.execute(select(func.count()).select_from(tokens))).scalar_one() == 1
    await again.merge(envelope(load(99)))


async def test_another_key_and_a_damaged_file_are_refused(postgresql: PostgreSQL, tmp_path: Path) -> None:
    first = await settings_of("sqlite", tmp_path / "first", postgresql)
    await back_up(first, tmp_path / "store.backup")
    whole = (tmp_path / "store.backup").read_bytes()
    (tmp_path / "damaged").write_bytes(whole[:600])
    with pytest.raises(ConfigurationError, match="no whole backup"):
        await restore(Settings(data_dir=tmp_path / "second"), tmp_path / "damaged")
    assert not await asyncio.to_thread((tmp_path / "second").exists)


def test_each_table_is_of_the_store_or_of_a_projection() -> None:
    """A new table must be put on one side: what is a projection's is removed with it, and is in no backup."""
    derived = {table.name for table in metadata.sorted_tables} - set(MAIN_TABLES)
    assert {
        name for name in derived if name.startswith(("masking_", "proxy_", "account", "audit_", "role", "policy"))
    } == set()
