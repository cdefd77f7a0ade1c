"""The audit log through the real application: what routes record, who reads it, proofs that a client checks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from nexus_core.api.app import create_app
from nexus_core.governance.audit_export import verify_export
from nexus_core.governance.audit_keys import Trusted
from nexus_core.governance.audit_notes import SigningKey, read_note
from nexus_core.governance.audit_signer import Signer
from nexus_core.model.audit import Action
from nexus_core.model.merkle import leaf_hash, verify_inclusion
from nexus_core.settings import GraphSettings
from tests.stores import STORES

AUDIT = "/api/v1/audit"


@pytest.fixture(params=STORES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FastAPI]:
    empty = await STORES[request.param](request, tmp_path)
    app = create_app(empty.model_copy(update={"graph": GraphSettings(uri="bolt://127.0.0.1:1")}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    made = await app.state.services.tokens.create("admin", ["admin"])
    headers = {"Authorization": f"Bearer {made.secret}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


async def records(client: httpx.AsyncClient, **query: Any) -> list[tuple[str, str]]:
    answer = await client.get(AUDIT, params=query)
    assert answer.status_code == 200, answer.text
    return [(each["action"], each["outcome"]) for each in answer.json()["items"]]


async def test_changes_are_recorded_with_their_outcome(client: httpx.AsyncClient) -> None:
    made = (await client.post("/api/v1/tokens", json={"name": "etl", "authority": ["producer:airflow"]})).json()
    assert (await client.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await client.delete("/api/v1/tokens/absent")).status_code == 404
    assert await records(client, action=["token.create", "token.revoke"]) == [
        ("token.revoke", "failed"),
        ("token.revoke", "intended"),
        ("token.revoke", "done"),
        ("token.revoke", "intended"),
        ("token.create", "done"),
        ("token.create", "intended"),
    ]
    items = (await client.get(AUDIT, params={"action": "token.create"})).json()["items"]
    assert items[1]["personal"] == {"account": "etl", "actor": items[0]["personal"]["actor"]}
    assert items[0]["personal"]["actor"]["name"] == "admin"
    assert made["token"] not in str(items)


async def test_sign_ins_are_recorded_refused_ones_too(client: httpx.AsyncClient) -> None:
    secret = client.headers["authorization"].removeprefix("Bearer ")
    assert (await client.post("/api/v1/session", json={"token": "nxt_wrong"})).status_code == 401
    assert (await client.post("/api/v1/session", json={"token": secret})).status_code == 201
    assert await records(client, action="session.start") == [("session.start", "done"), ("session.start", "refused")]


async def test_what_cannot_be_recorded_does_not_happen(app: FastAPI, client: httpx.AsyncClient) -> None:
    async with app.state.services.main.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_record RENAME TO elsewhere"))
    answer = await client.post("/api/v1/tokens", json={"name": "etl", "authority": ["admin"]})
    assert answer.status_code == 503
    assert [token.account.name for token in await app.state.services.tokens.all()] == ["admin"]


async def test_only_auditors_read_it_and_only_what_they_may_see(app: FastAPI, client: httpx.AsyncClient) -> None:
    side = {"namespace": "postgres://one:5432", "name": "a.b.c"}
    asked = {"left": side, "right": {**side, "name": "a.b.d"}, "action": "accept"}
    assert (await client.post("/api/v1/names/decisions", json=asked)).status_code == 201
    viewer = await app.state.services.tokens.create("viewer", ["viewer"])
    there = await app.state.services.tokens.create("there", ["auditor:postgres://one:*"])
    elsewhere = await app.state.services.tokens.create("elsewhere", ["auditor:mysql://*"])
    client.headers["authorization"] = f"Bearer {viewer.secret}"
    assert (await client.get(AUDIT)).status_code == 403
    client.headers["authorization"] = f"Bearer {there.secret}"
    assert await records(client) == [("decision", "done"), ("decision", "intended")]
    assert (await client.get(f"{AUDIT}/export")).status_code in (403, 404)
    client.headers["authorization"] = f"Bearer {elsewhere.secret}"
    assert await records(client) == []


async def test_a_client_checks_a_proof_and_an_export(
    app: FastAPI, client: httpx.AsyncClient, signing_key: SigningKey
) -> None:
    await client.post("/api/v1/tokens", json={"name": "etl", "authority": ["producer:airflow"]})
    assert (await client.get(f"{AUDIT}/checkpoint")).status_code == 404
    assert (await client.get(f"{AUDIT}/export")).status_code == 404
    await Signer(app.state.services.main, signing_key, ()).turn(None)
    checkpoint = (await client.get(f"{AUDIT}/checkpoint")).json()
    note = read_note(checkpoint["note"])
    assert note.signed_by(signing_key.verifier)

    wanted = (await client.get(AUDIT, params={"action": Action.TOKEN_CREATED})).json()["items"][0]
    place = {"writer": wanted["writer"], "seq": wanted["seq"]}
    proof = (await client.get(f"{AUDIT}/proof", params=place)).json()
    leaf = leaf_hash(proof["record"].encode())
    steps = [bytes.fromhex(step) for step in proof["proof"]]
    assert verify_inclusion(leaf, proof["position"], proof["size"], steps, note.checkpoint.root)
    exported = await client.get(f"{AUDIT}/export")
    lines = exported.content.splitlines(keepends=True)
    verdict = verify_export(lines, Trusted([signing_key.verifier], [note]))
    assert (verdict.ok, verdict.trusted_size) == (True, checkpoint["size"])


async def test_pages_go_on_where_they_ended(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.post("/api/v1/tokens", json={"name": f"t{number}", "authority": ["viewer"]})
    first = (await client.get(AUDIT, params={"limit": 4, "action": "token.create"})).json()
    rest = (await client.get(AUDIT, params={"limit": 4, "action": "token.create", "cursor": first["next"]})).json()
    places = [(each["writer"], each["seq"]) for each in (*first["items"], *rest["items"])]
    assert len(set(places)) == len(places) == 6
    assert rest["next"] is None
    assert (await client.get(AUDIT, params={"cursor": "x"})).status_code == 422
    assert (await client.get(AUDIT, params={"target": "x"})).status_code == 422
