"""Requests that another person decides: edits, roles, emergencies; and bindings that end unless confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from nexus_core.governance.roles import Roles, Wanted
from nexus_core.model.access import EVERYTHING
from nexus_core.model.audit import Action
from nexus_core.store.audit import Wanted as WantedRecords
from nexus_core.store.audit import page
from tests.integration.curation.conftest import Client
from tests.merging import SPACE

ORDERS = {"namespace": SPACE, "name": "shop.public.orders"}
TEXT = {**ORDERS, "facet": "description", "value": {"text": "better"}}


async def post(api: httpx.AsyncClient, path: str, body: Any, status: int = 201) -> Any:
    answer = await api.post(f"/api/v1{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def decide(api: httpx.AsyncClient, request: Any, action: str, status: int = 200) -> Any:
    return await post(api, f"/requests/{request['id']}/decision", {"action": action, "note": "seen"}, status)


async def description(api: httpx.AsyncClient) -> Any:
    facets = (await api.get("/api/v1/curated", params=ORDERS)).json()["facets"]
    return next(each["value"] for each in facets if each["facet"] == "description")


async def test_a_change_is_proposed_by_who_may_not_edit_and_made_by_who_may(client: Client) -> None:
    viewer, steward, other = (
        await client("vera", "viewer"),
        await client("stef", "curator"),
        await client("hid", "viewer:mysql://*"),
    )
    await post(viewer, "/curated/edits", {"edits": [TEXT]}, 403)
    asked = await post(viewer, "/requests/changes", {"edits": [TEXT], "reason": "it is wrong"})
    await post(other, "/requests/changes", {"edits": [TEXT], "reason": "mine"}, 404)
    await decide(viewer, asked, "approve", 403)
    await decide(other, asked, "approve", 404)
    found = (await steward.get("/api/v1/requests")).json()["items"]
    assert [(each["id"], each["account"], each["decidable"]) for each in found] == [(asked["id"], "vera", True)]
    done = await decide(steward, asked, "approve")
    assert (done["results"][0]["changed"], await description(viewer)) == (True, {"text": "better"})
    await decide(steward, asked, "reject", 422)


async def test_a_facet_is_read_with_the_etag_that_an_edit_sends_back(client: Client) -> None:
    steward, place = await client("stef", "curator"), {**ORDERS, "facet": "description"}
    for number in range(2):
        etag = (await steward.get("/api/v1/curated/facet", params=place)).headers["ETag"]
        body = {"value": {"text": f"{number}"}}
        answer = await steward.put("/api/v1/curated/facet", params=place, json=body, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.text
        assert answer.headers["ETag"] != etag
    again = await steward.put("/api/v1/curated/facet", params=place, json=body, headers={"If-Match": etag})
    assert again.status_code == 412


async def test_a_change_that_rests_on_an_older_text_waits_for_a_new_proposal(client: Client) -> None:
    viewer, steward = await client("vera", "viewer"), await client("stef", "curator")
    asked = await post(viewer, "/requests/changes", {"edits": [TEXT], "reason": "it is wrong"})
    await post(steward, "/curated/edits", {"edits": [{**TEXT, "value": {"text": "meanwhile"}}]}, 200)
    await decide(steward, asked, "approve", 412)
    assert await description(viewer) == {"text": "meanwhile"}
    assert [each["state"] for each in (await viewer.get("/api/v1/requests")).json()["items"]] == ["pending"]
    await decide(viewer, asked, "withdraw")


async def test_a_role_is_given_by_somebody_else_for_a_purpose_until_a_moment(client: Client, nexus: FastAPI) -> None:
    nobody, admin = await client("nora", "producer:x"), await client("ada", "admin")
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    body = {"role": "viewer", "scope": [{"namespaces": [SPACE]}], "purpose": "a report", "expires_at": until}
    await post(nobody, "/requests/access", {**body, "expires_at": datetime.now(UTC).isoformat()}, 422)
    await post(nobody, "/requests/access", {**body, "role": "king"}, 422)
    asked = await post(nobody, "/requests/access", body)
    done = await decide(admin, asked, "approve")
    (binding,) = await Roles(nexus.state.services.main).bindings()
    assert (binding.id, binding.role, binding.purpose) == (done["binding"], "viewer", f"access {asked['id']}: a report")
    assert binding.expires_at == datetime.fromisoformat(until)
    own = await post(admin, "/requests/access", body)
    await decide(admin, own, "approve", 403)


async def test_breaking_the_glass_needs_a_second_person_and_is_short_and_loud(client: Client, nexus: FastAPI) -> None:
    nobody, admin = await client("nora", "producer:x"), await client("ada", "admin")
    body = {"role": "steward", "reason": "the shop is down", "minutes": 30}
    await post(nobody, "/requests/break-glass", {**body, "minutes": 241}, 422)
    asked = await post(nobody, "/requests/break-glass", body)
    await decide(nobody, asked, "approve", 403)
    await decide(admin, asked, "approve")
    (binding,) = await Roles(nexus.state.services.main).bindings()
    assert binding.expires_at is not None
    assert timedelta(minutes=29) < binding.expires_at - datetime.now(UTC) <= timedelta(minutes=30)
    records = await page(nexus.state.services.main, WantedRecords(actions=(Action.BREAK_GLASS,)), 10)
    assert len(records) == 2
    metrics = (await admin.get("/metrics")).text
    assert 'nexus_break_glass_total{state="approved"}' in metrics


async def test_what_nobody_confirms_ends_and_what_is_confirmed_goes_on_as_before(
    client: Client, nexus: FastAPI
) -> None:
    admin, roles = await client("ada", "admin"), Roles(nexus.state.services.main)
    later = datetime.now(UTC) + timedelta(days=300)
    kept, gone, ended = [
        await roles.bind(Wanted("viewer", "group", name, EVERYTHING, "", later)) for name in ("a", "b", "c")
    ]
    due = datetime.now(UTC) + timedelta(days=14)
    begun = await post(admin, "/recertifications", {"title": "Spring", "due_at": due.isoformat()})
    assert begun["binding_count"] == 3
    again = await post(admin, "/recertifications", {"title": "Again", "due_at": due.isoformat()})
    assert again["binding_count"] == 0
    place = f"/recertifications/{begun['id']}/bindings"
    await post(admin, f"{place}/{kept.id}", {"action": "confirm"}, 204)
    await post(admin, f"{place}/{ended.id}", {"action": "end"}, 204)
    await post(admin, f"{place}/{kept.id}", {"action": "end"}, 422)
    ends = {each.id: each.expires_at for each in await roles.bindings()}
    assert ends == {kept.id: later, gone.id: due}
    states = {each["binding_id"]: each["state"] for each in (await admin.get(f"/api/v1{place}")).json()}
    assert states == {kept.id: "confirmed", gone.id: "open", ended.id: "ended"}
