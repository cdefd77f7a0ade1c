"""`nexus curate`, `nexus requests` and `nexus policy` against a running API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from typer.testing import CliRunner

from nexus_core.cli import app
from tests.merging import SPACE
from tests.services import free_port

NAME = "shop.public.orders"
OF = ["--namespace", SPACE]


@pytest.fixture
async def address(nexus: FastAPI) -> AsyncIterator[str]:
    """Where the API listens."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(nexus, port=port, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 it tells nobody otherwise
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


Run = Callable[..., "asyncio.Future[str]"]


@pytest.fixture
def run(nexus: FastAPI, address: str, tmp_path: Path) -> Run:
    """Run a command as an account; gives what it prints, and fails unless it ends with the status."""

    async def command(who: str, *words: str, status: int = 0) -> str:
        token = tmp_path / f"{who}.token"
        if not token.exists():
            secret = (await nexus.state.services.tokens.create(who, [who])).secret
            token.write_text(secret)
        options = ["--api", address, "--token-file", str(token)]
        result = await asyncio.to_thread(CliRunner().invoke, app, [*words, *options])
        assert result.exit_code == status, (result.output, result.exception)
        return result.output

    return lambda *words, **more: asyncio.ensure_future(command(*words, **more))


async def test_what_is_in_force_beside_a_document_is_told(run: Run, tmp_path: Path) -> None:
    document = tmp_path / "policies.yaml"
    policy = "version: 1\npolicies: [{name: %s, match: {classes: [PII]}, mask: {kind: 'null'}}]\n"
    document.write_text(policy % "personal")
    assert "personal" in await run("admin", "policy", "drift", str(document), status=1)
    await run("admin", "policy", "apply", str(document))
    assert "personal" in await run("admin", "policy", "drift", str(document), status=1)
    await run("steward", "policy", "approve", "1")
    assert "Version 1" in await run("admin", "policy", "drift", str(document))
    document.write_text(policy % "changed")
    told = await run("admin", "policy", "drift", str(document), status=1)
    assert ("personal" in told, "changed" in told) == (True, True)


async def test_curating_by_commands(run: Run, tmp_path: Path) -> None:
    assert "version 1" in await run("curator", "curate", "set", NAME, "description", "By hand", *OF)
    await run("curator", "curate", "add", NAME, "tags", "gold", "silver", *OF)
    await run("curator", "curate", "remove", NAME, "tags", "raw", *OF)
    shown = await run("curator", "curate", "show", NAME, *OF)
    assert '{"add":["gold","silver"],"remove":["raw"]}' in shown
    history = await run("curator", "curate", "history", NAME, "description", *OF)
    assert "curator" in history
    assert "- nothing" in history
    assert "version 2" in await run("curator", "curate", "revert", NAME, "description", "null", *OF)
    assert await run("curator", "curate", "set", NAME, "description", "x", *OF, "--etag", "none", status=1) == ""
    await run("curator", "curate", "set", "sales", "content", '{"title":"Sales"}', "--kind", "domain")
    assert "version 1" in await run("curator", "curate", "set", NAME, "domain", "sales", *OF)
    table = tmp_path / "curated.csv"
    await run("curator", "curate", "export", str(table), "--q", "orders", "--fields")
    table.write_text(table.read_text().replace("gold; silver", "gold"))
    assert "1 edits would be made" in await run("curator", "curate", "import", str(table))
    assert "1 edits made, 0 problems" in await run("curator", "curate", "import", str(table), "--apply")
    assert "2 problems" not in await run("curator", "curate", "import", str(table), "--apply", status=1)


async def test_deciding_by_commands(run: Run, address: str, tmp_path: Path) -> None:
    await run("viewer", "requests", "list")
    headers = {"Authorization": f"Bearer {(tmp_path / 'viewer.token').read_text()}"}
    edit = {"namespace": SPACE, "name": NAME, "facet": "tags", "add": ["seen"]}
    async with httpx.AsyncClient(base_url=address, headers=headers) as api:
        for _ in range(2):
            asked = await api.post("/api/v1/requests/changes", json={"edits": [edit], "reason": "because"})
            assert asked.status_code == 201, asked.text
    listed = await run("curator", "requests", "list")
    first, second = (line.split()[1] for line in listed.splitlines() if line.startswith("*"))
    assert "1 edits" in await run("curator", "requests", "approve", first, "--note", "fine")
    await run("curator", "requests", "reject", second)
    assert "1 rejected" in await run("viewer", "requests", "list", "--state", "rejected")
