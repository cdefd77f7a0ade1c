"""The audit log handed on to a SIEM: in order, without gaps, each record once, and only what can be proven."""

from __future__ import annotations

from pathlib import Path

import httpx
import orjson
import pytest
from fastapi import FastAPI

from nexus_core.cli.audit_feed import _some
from nexus_core.errors import NotFoundError
from nexus_core.governance.audit import Audit
from nexus_core.governance.audit_notes import SigningKey
from nexus_core.governance.audit_reading import read_from
from nexus_core.governance.audit_signer import Signer
from tests.integration.audit.conftest import Log, make_sealed_log
from tests.integration.audit.test_audit_api import AUDIT, app, client

__all__ = ["app", "client"]

FEED = f"{AUDIT}/feed"


async def test_a_collector_reads_all_in_parts_and_goes_on(
    app: FastAPI, client: httpx.AsyncClient, signing_key: SigningKey
) -> None:
    for number in range(3):
        await client.post("/api/v1/tokens", json={"name": f"t{number}", "authority": ["viewer"]})
    assert (await client.get(FEED)).content == b""  # nothing that a checkpoint covers
    signer = Signer(app.state.services.main, signing_key, ())
    await signer.turn(None)
    first, rest = await read(client, 0, 4), await read(client, 4, 1000)
    assert [each["position"] for each in first + rest] == list(range(len(first) + len(rest)))
    assert [each["personal"]["account"] for each in first + rest if each["outcome"] == "intended"] == ["t0", "t1", "t2"]
    assert await read(client, len(first) + len(rest), 10) == []
    await signer.turn(None)  # what was handed over is a record itself
    later = await read(client, len(first) + len(rest), 10)
    assert [each["action"] for each in later] == ["audit.export", "audit.export"]
    assert [each["target"] for each in later] == [{"from": "0"}, {"from": "4"}]


async def read(client: httpx.AsyncClient, start: int, limit: int) -> list[dict[str, object]]:
    answer = await client.get(FEED, params={"from": start, "limit": limit})
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def test_only_who_sees_all_is_fed(app: FastAPI, client: httpx.AsyncClient) -> None:
    for grant, status in (
        ("admin", 200),
        ("auditor", 200),
        ("auditor:postgres://one:*", 403),
        ("steward", 403),
        ("viewer", 403),
        ("producer:x", 403),
    ):
        made = await app.state.services.tokens.create(grant, [grant])
        client.headers["authorization"] = f"Bearer {made.secret}"
        assert (await client.get(FEED)).status_code == status, grant


async def test_the_command_remembers_how_far_it_came(
    log: Log, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    audit, state = Audit(log.store, "cli"), tmp_path / "state"
    assert await _some(audit, state)
    told = [orjson.loads(line)["position"] for line in capfdbinary.readouterr().out.splitlines()]
    assert told == list(range(log.new.checkpoint.size))
    assert not await _some(audit, state)
    assert capfdbinary.readouterr().out == b""


async def test_what_was_pruned_is_told_to_be_elsewhere(log: Log, tmp_path: Path) -> None:
    sealed = await make_sealed_log(log, tmp_path / "sealed")
    with pytest.raises(NotFoundError, match="sealed files"):
        await read_from(sealed.store, 0, 10)
    found = await read_from(sealed.store, log.new.checkpoint.size, 1000)
    assert found[0].kept.position == log.new.checkpoint.size
