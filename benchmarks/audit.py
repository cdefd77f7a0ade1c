"""Audit records a second by eight tasks that each wait until theirs is durable, then one after another; and signing."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nexus_core.governance.audit import GROUP_MAX, Audit
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
_LEFT = Act(Action.TOKEN_REVOKED, {"token": "tok_0123456789abcdef"}, {"reason": "left"})
_STATEMENT = Act(
    Action.STATEMENT,
    {
        "source": "shop",
        "profile": "p_0123456789ab",
        "generation": "12",
        "session": "ses_0123456789abcdef",
        "kinds": "SelectStmt",
        "fingerprint": "0123456789abcdef",
        "statement": "1",
        "on_masked_values": "no",
        "masked": '["public.customers.email:null"]',
        "clear": '["public.customers.id"]',
    },
    {"statement": "SELECT id, email FROM customers WHERE id = $1"},
)


def measure() -> Iterator[tuple[str, str]]:
    """Give (what, figure) rows for SQLite and PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="nexus-bench-") as folder:
        yield from asyncio.run(_measured("SQLite", Settings(data_dir=Path(folder)).store_url))
    with postgresql() as server:
        yield from asyncio.run(_measured("PostgreSQL", server.url()))


async def _measured(kind: str, url: str) -> list[tuple[str, str]]:
    await migrate(url)
    store = open_store(url)
    rows = [
        (
            f"{kind}: audit records, {WRITERS} writers with {AHEAD} acts under way each",
            await _paced([Audit(store, f"bench{number}") for number in range(WRITERS)], _LEFT, AHEAD),
        ),
        (
            f"{kind}: statements of the proxy, in batches of {GROUP_MAX}",
            await _paced([Audit(store, "proxy")], _STATEMENT, GROUP_MAX),
        ),
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


async def _paced(audits: Sequence[Audit], act: Act, ahead: int) -> str:
    await asyncio.gather(*(_write(audit, act, 10, ahead) for audit in audits))
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_write(audit, act, RECORDS // len(audits), ahead) for audit in audits))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return f"{RECORDS / wall:.0f}/s durable, {cpu / RECORDS * 1e6:.0f} µs CPU each, load {os.getloadavg()[0]:.0f}"


async def _write(audit: Audit, act: Act, count: int, ahead: int) -> None:
    """Record it so many times, `ahead` of them at once, each until it is durable."""
    left = iter(range(count))

    async def client() -> None:
        for _ in left:
            await audit.record(_ANNA, act)

    await asyncio.gather(*(client() for _ in range(ahead)))
