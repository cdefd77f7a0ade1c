"""A small audit log with a checkpoint in its middle and one at its end, in both kinds of store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import Note, SigningKey, read_note
from nexus_core.governance.audit_sealing import Sealing
from nexus_core.governance.audit_signer import Signer
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action, Outcome
from nexus_core.settings import Settings
from nexus_core.store.database import Store, open_store
from tests.stores import STORES

ANNA = Caller("acc_anna", "Anna", ())
BEN = Caller("acc_ben", "Ben", ())


@dataclass
class Log:
    settings: Settings
    store: Store
    key: SigningKey
    old: Note
    new: Note
    first: Note
    signer: Signer
    folder: Path | None = None

    @property
    def trusted(self) -> Trusted:
        """What a verifier holds: the key from the beginning, and an older checkpoint."""
        return Trusted([self.key.verifier], [self.old])


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    return SigningKey("lineage-nexus", Ed25519PrivateKey.generate())


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    settings = await STORES[request.param](request, tmp_path)
    store = open_store(settings.store_url)
    yield store
    await store.dispose()


@pytest.fixture
async def log(store: Store, signing_key: SigningKey, tmp_path: Path) -> Log:
    return await make_log(store, signing_key, Settings.load(data_dir=tmp_path))


async def make_log(store: Store, key: SigningKey, settings: Settings) -> Log:
    signer, api, worker = Signer(store, key, ()), Audit(store, "api"), Audit(store, "worker")
    for number in range(3):
        await api.record(
            ANNA, Act(Action.TOKEN_CREATED, {"token": f"tok_{number}"}, {"after": {"name": f"n {number}"}})
        )
    await worker.record(None, Act(Action.SIGN_IN, {}, {"address": "127.0.0.1"}), Outcome.REFUSED)
    old = await signer.turn(None)
    async with api.acting(BEN, Act(Action.TOKEN_REVOKED, {"token": "tok_1"})):
        pass
    await worker.record(BEN, Act(Action.DECISION, {"namespace": "postgres://db:5432", "kind": "alias"}))
    new = await signer.turn(None)
    assert old is not None
    assert new is not None
    notes = read_note(old.note), read_note(new.note)
    return Log(settings, store, key, *notes, notes[0], signer)


async def make_sealed_log(log: Log, folder: Path) -> Log:
    """Go on with a log: its records are sealed and pruned, `old` covers that, and then the key is changed."""
    made, signer = sealing(log.store, folder), Signer(log.store, log.key, ())
    await made.seal(LATER)
    old = await signer.turn(None)
    await made.prune()
    again = Signer(log.store, SigningKey(log.key.name, Ed25519PrivateKey.generate()), ())
    await again.change_key(log.key)
    await Audit(log.store, "api").record(ANNA, Act(Action.SIGN_OUT, {}, {"address": "::1"}))
    new = await again.turn(None)
    assert old is not None
    assert new is not None
    return replace(log, old=read_note(old.note), new=read_note(new.note), first=log.old, folder=folder, signer=again)


def sealing(store: Store, folder: Path) -> Sealing:
    return Sealing(store, store, Audit(store, "cli"), folder, "tester")


LATER = datetime(2100, 1, 1, tzinfo=UTC)
