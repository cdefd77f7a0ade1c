"""Terms of the glossary: how they relate, and that none is broader than itself."""

from __future__ import annotations

from typing import Any

import httpx

from tests.integration.curation.conftest import Client


async def term(client: httpx.AsyncClient, name: str, *relations: tuple[str, str], etag: str = "none") -> httpx.Response:
    said = [{"kind": kind, "term": of} for kind, of in relations]
    return await client.put(
        "/api/v1/curated/facet",
        params={"kind": "term", "name": name, "facet": "content"},
        json={"value": {"title": name.title(), "relations": said}},
        headers={"If-Match": f'"{etag}"'},
    )


async def test_terms_relate_to_terms_that_are_there_and_never_in_a_circle(client: Client) -> None:
    curator = await client("curator", "curator")
    assert (await term(curator, "party")).status_code == 200
    assert (await term(curator, "customer", ("broader", "party"))).status_code == 200
    made = await term(curator, "buyer", ("synonym", "customer"), ("broader", "customer"), ("related", "party"))
    assert made.status_code == 200
    for wrong in (("broader", "nothing"), ("narrower", "party")):
        assert (await term(curator, "seller", wrong)).status_code == 422
    version = next(each for each in await glossary(curator) if each["name"] == "party")["etag"].strip('"')
    circle = await term(curator, "party", ("broader", "buyer"), etag=version)
    assert (circle.status_code, "broader than itself" in circle.text) == (422, True)
    shown = {each["name"]: each["value"]["relations"] for each in await glossary(await client("viewer", "viewer"))}
    assert shown["party"] == []
    assert {(each["kind"], each["term"]) for each in shown["buyer"]} == {
        ("synonym", "customer"),
        ("broader", "customer"),
        ("related", "party"),
    }


async def glossary(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/glossary")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
