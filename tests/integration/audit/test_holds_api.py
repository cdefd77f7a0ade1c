"""Legal holds by the API: who may, what they stop, and what the audit log says."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from nexus_core.errors import ForbiddenError
from nexus_core.governance.holds import check_holds
from tests.integration.audit.test_audit_api import AUDIT, app, client

__all__ = ["app", "client"]

HOLDS = "/api/v1/holds"
ROLES = {
    "admin": (200, 201),
    "steward": (200, 201),
    "auditor": (200, 403),
    "steward:postgres://one:*": (403, 403),
    "auditor:postgres://one:*": (403, 403),
    "curator": (403, 403),
    "viewer": (403, 403),
    "producer:x": (403, 403),
    "events-raw": (403, 403),
}
"""What each gets for listing, and for placing and ending."""


async def test_a_hold_stops_erasing_until_it_ends_and_both_are_recorded(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    etl = (await app.state.services.tokens.create("etl", ["producer:x"])).token.account.id
    placed = await client.post(HOLDS, json={"reason": "case 7", "account_id": etl})
    assert placed.status_code == 201, placed.text
    hold = placed.json()
    assert (hold["account"], hold["placed_by"], hold["ended_at"]) == ("etl", "admin", None)
    with pytest.raises(ForbiddenError, match="case 7"):
        await check_holds(app.state.services.main, "erasing", etl)
    await check_holds(app.state.services.main, "erasing", "acc_other")
    ended = await client.post(f"{HOLDS}/{hold['id']}/end", json={"reason": "settled"})
    assert ended.status_code == 200, ended.text
    assert (await client.get(HOLDS)).json() == [ended.json()]
    assert (ended.json()["ended_by"], ended.json()["end_reason"]) == ("admin", "settled")
    await check_holds(app.state.services.main, "erasing", etl)
    assert (await client.post(f"{HOLDS}/{hold['id']}/end", json={"reason": "again"})).status_code == 404
    told = (await client.get(AUDIT, params={"target": f"hold={hold['id']}"})).json()["items"]
    assert [(each["action"], each["outcome"]) for each in reversed(told)] == [
        ("hold.place", "intended"),
        ("hold.place", "done"),
        ("hold.end", "intended"),
        ("hold.end", "done"),
    ]
    assert told[1]["personal"]["reason"] == "settled"
    assert told[3]["personal"]["account"] == etl


async def test_who_may_hold_what(app: FastAPI, client: httpx.AsyncClient) -> None:
    for body in ({}, {"reason": ""}, {"reason": "a", "account_id": "acc_none"}, {"reason": "a", "id": "hold_1"}):
        assert (await client.post(HOLDS, json=body)).status_code == 422
    assert (await client.get(HOLDS)).json() == []
    for role, (listing, placing) in ROLES.items():
        made = await app.state.services.tokens.create(role, [role])
        client.headers["authorization"] = f"Bearer {made.secret}"
        assert (await client.get(HOLDS)).status_code == listing, role
        placed = await client.post(HOLDS, json={"reason": role})
        assert placed.status_code == placing, role
        hold = placed.json()["id"] if placing == 201 else "hold_none"
        ended = await client.post(f"{HOLDS}/{hold}/end", json={"reason": role})
        assert ended.status_code == (200 if placing == 201 else 403), role


async def test_nobody_ends_a_hold_of_their_own_data(app: FastAPI, client: httpx.AsyncClient) -> None:
    made = await app.state.services.tokens.create("held", ["steward"])
    hold = (await client.post(HOLDS, json={"reason": "case", "account_id": made.token.account.id})).json()["id"]
    admin = client.headers["authorization"]
    client.headers["authorization"] = f"Bearer {made.secret}"
    assert (await client.post(f"{HOLDS}/{hold}/end", json={"reason": "mine"})).status_code == 403
    client.headers["authorization"] = admin
    assert (await client.post(f"{HOLDS}/{hold}/end", json={"reason": "settled"})).status_code == 200
