"""Audit records a second by eight tasks that each wait until theirs is durable, then one after another; and signing."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_export import verify_store
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import SigningKey
from nexus_core.governance.audit_signer import Signer
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.settings import Settings
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate
from tests.services import postgresql

WRITERS = 8
AHEAD = 64  # acts that each has under way, as an API with that many requests
RECORDS = 20_000
_ANNA = Caller("acc_anna", "Anna", ())


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows for SQLite and PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        yield from asyncio.run(_measured("SQLite", Settings(data_dir=Path(folder)).store_url))
    with postgresql() as server:
        yield from asyncio.run(_measured("PostgreSQL", server.url()))


async def _measured(kind: str, url: str) -> list[tuple[str, str]]:
    await migrate(url)
    store = open_store(url)
    audits = [Audit(store, f"bench{number}") for number in range(WRITERS)]
    await asyncio.gather(*(_write(audit, 10) for audit in audits))
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_write(audit, RECORDS // WRITERS) for audit in audits))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rows = [
        (
            f"{kind}: audit records, {WRITERS} writers with {AHEAD} acts under way each",
            f"{RECORDS / wall:.0f}/s durable, {cpu / RECORDS * 1e6:.0f} µs CPU each, load {os.getloadavg()[0]:.0f}",
        )
    ]
    key = SigningKey("lineage-nexus", Ed25519PrivateKey.generate())
    wall = time.perf_counter()
    signed = await Signer(store, key, ()).turn(None)
    assert signed is not None
    rows.append(
        (f"{kind}: audit records put into the tree and signed", f"{signed.size / (time.perf_counter() - wall):.0f}/s")
    )
    wall = time.perf_counter()
    assert (await verify_store(store, Trusted([key.verifier]))).ok
    rows.append((f"{kind}: audit records verified", f"{signed.size / (time.perf_counter() - wall):.0f}/s"))
    await store.dispose()
    return rows


async def _write(audit: Audit, count: int) -> None:
    acts = iter(range(count))

    async def client() -> None:
        for number in acts:
            await audit.record(_ANNA, Act(Action.TOKEN_REVOKED, {"token": f"tok_{number}"}, {"reason": "left"}))

    await asyncio.gather(*(client() for _ in range(AHEAD)))
