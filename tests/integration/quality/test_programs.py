"""Real clients of others against our API over HTTP: Marquez's Python client, and an MCP client with `nexus mcp`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
import uvicorn
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client
from pydantic import SecretStr

from nexus_core.client import NexusClient
from nexus_core.mcp.server import make_server
from tests.emulators import environment
from tests.integration.quality.conftest import Running
from tests.merging import HARVESTER, SPACE, column_facet, dataset, dataset_event, envelope, run_event
from tests.services import free_port

pytestmark = pytest.mark.service

READS = Path(__file__).parents[2] / "data" / "marquez_reads.py"
RUN = "0198f0d0-0000-7000-8000-000000000001"
A, B, SECRET = "shop.public.pr_a", "shop.public.pr_b", "shop.public.pr_secret"


@asynccontextmanager
async def served(running: Running) -> AsyncIterator[str]:
    """The application on a port, on the loop that it runs on already."""
    port = free_port()
    config = uvicorn.Config(running.app, port=port, lifespan="off", log_level="warning", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 it has no event
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def fill(running: Running) -> None:
    written = {**dataset("pr_b"), "facets": {"columnLineage": column_facet({"total": [("pr_a", "id")]})}}
    failing = {"assertion": "not_null", "column": "id", "success": False}
    tested = {**dataset("pr_a"), "inputFacets": {"dataQualityAssertions": {"assertions": [failing]}}}
    await running.merge.merge(
        envelope(
            dataset_event(0, dataset("pr_a", {"id": "int"}, documentation={"description": "All of it"})), HARVESTER
        ),
        envelope(dataset_event(0, dataset("pr_b", {"total": "int"})), HARVESTER),
        envelope(dataset_event(0, dataset("pr_secret", {"x": "int"})), HARVESTER),
        envelope(run_event("COMPLETE", 1, RUN, job="pr_load", inputs=[dataset("pr_a")], outputs=[written])),
        envelope(run_event("COMPLETE", 2, "pr2", job="pr_test", inputs=[tested])),
    )


async def token_of(running: Running, *grants: str) -> str:
    made = await running.app.state.services.tokens.create("-".join(("programs", *grants)), grants)
    secret: str = made.secret
    return secret


def test_marquez_python_reads_from_us(running: Running) -> None:
    running.run(_marquez(running))


async def _marquez(running: Running) -> None:
    await fill(running)
    token = await token_of(running, "viewer:dataset=*pr_[ab]")
    calls = [
        ["list_namespaces"],
        ["get_namespace", SPACE],
        ["list_datasets", SPACE],
        ["get_dataset", SPACE, A],
        ["list_jobs", "airflow"],
        ["get_job", "airflow", "pr_load"],
        ["get_column_lineage_by_dataset", SPACE, B],
        ["get_column_lineage_by_dataset_field", SPACE, B, "total"],
        ["get_column_lineage_by_job", "airflow", "pr_load"],
        ["list_sources"],
        ["get_source", SPACE],
        ["list_dataset_versions", SPACE, A],
        ["list_job_runs", "airflow", "pr_load"],
        ["list_tags"],
        ["get_dataset", SPACE, SECRET],
        ["list_dataset_versions", SPACE, SECRET],
        ["get_job", "airflow", "none"],
        ["get_namespace", "nowhere"],
    ]
    python = environment("marquez") / "bin" / "python"
    async with served(running) as url:
        said = await _asked(python, url, token, calls)
        version, run = said[11]["versions"][0]["version"], said[12]["runs"][0]["id"]
        one_by_one = [["get_dataset_version", SPACE, A, version], ["get_job_run", run], ["get_job_run", str(uuid4())]]
        said += await _asked(python, url, token, one_by_one)
    spaces, space, datasets, one, jobs, job, columns, field, by_job, *said = said
    sources, source, versions, runs, tags, *missing = said
    assert {SPACE, "airflow"} <= {each["name"] for each in spaces["namespaces"]}
    assert space["name"] == SPACE
    assert [each["name"] for each in datasets["datasets"]] == [A, B]
    assert (one["description"], one["fields"][0]["name"]) == ("All of it", "id")
    assert "pr_load" in [each["name"] for each in jobs["jobs"]]
    assert (job["inputs"], job["outputs"]) == ([{"namespace": SPACE, "name": A}], [{"namespace": SPACE, "name": B}])
    assert f"datasetField:{SPACE}:{A}:id" in {node["id"] for node in columns["graph"]}
    assert f"datasetField:{SPACE}:{B}:total" in {node["id"] for node in field["graph"]}
    assert f"datasetField:{SPACE}:{A}:id" in {node["id"] for node in by_job["graph"]}
    assert (type(sources), source["connectionUrl"]) == (list, SPACE)
    assert versions["versions"][0]["fields"][0]["name"] == "id"
    assert runs["runs"][0]["state"] == "COMPLETED"
    assert tags["tags"] is not None
    assert (missing[-3]["version"], missing[-2]["id"]) == (version, run)
    assert [*missing[:-3], missing[-1]] == [None] * 5


async def _asked(python: Path, url: str, token: str, calls: list[list[str]]) -> list[Any]:
    """Let Marquez's client ask, in its own environment."""
    process = await asyncio.create_subprocess_exec(
        python, READS, url, token, json.dumps(calls), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    found: list[Any] = json.loads(said)
    return found


def test_our_own_client(running: Running) -> None:
    running.run(_own(running))


async def _own(running: Running) -> None:
    await fill(running)
    async with served(running) as url:
        with NexusClient(url, SecretStr(await token_of(running, "viewer:dataset=*pr_[ab]"))) as client:
            await asyncio.to_thread(_read_as_ourselves, client)


def _read_as_ourselves(client: NexusClient) -> None:
    (check,) = client.checks("failing")
    assert (check.name, check.assertion, check.passed) == (A, "not_null", False)
    assert [each.name for each in client.blast(SPACE, A, "id").reached] == [B]
    assert client.incidents() == []
    assert client.metric_series("assets") == {}
    assert client.unused(1) == []


def test_an_mcp_client_reads_and_sees_no_more_than_its_account(running: Running, tmp_path: Path) -> None:
    running.run(_mcp(running, tmp_path))


async def _mcp(running: Running, folder: Path) -> None:
    await fill(running)
    secret = await token_of(running, "viewer:dataset=*pr_[ab]")
    (folder / "token").write_text(secret)
    async with served(running) as url:
        command = ["-m", "nexus_core", "mcp", "--api", url, "--token-file", str(folder / "token")]
        parameters = StdioServerParameters(command=sys.executable, args=command, env=dict(os.environ))
        async with Client(stdio_client(parameters)) as client:
            tools = (await client.list_tools()).tools
            assert {tool.name for tool in tools} >= {"search_assets", "get_lineage", "explain_class"}
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
            found = await _called(client, "search_assets", text="pr")
            assert [each["name"] for each in found["items"]] == [A, B]
        with NexusClient(url, SecretStr(secret), patience_s=5) as ours:
            async with Client(make_server(ours)) as client:
                await _read_as_a_model(client)


async def _read_as_a_model(client: Client) -> None:
    asset = await _called(client, "get_asset", namespace=SPACE, name=A)
    assert asset["description"] == "All of it"
    graph = await _called(client, "get_lineage", namespace=SPACE, name=B, field="total", direction="upstream")
    assert f"datasetField:{SPACE}:{A}:id" in {node["id"] for node in graph["nodes"]}
    for tool in ("get_history", "get_usage", "get_quality", "get_blast_radius", "explain_visibility"):
        assert await _called(client, tool, namespace=SPACE, name=A)
    unclassified = await client.call_tool("explain_class", {"namespace": SPACE, "name": A, "field": "id"})
    assert "classifications/field is not known" in str(unclassified.content)
    await _called(client, "explain_policy", column=f"{A}.id")
    gone = await _called(client, "simulate_impact", kind="drop_field", namespace=SPACE, name=A, field="id")
    assert {"assets", "hidden"} <= gone.keys()
    hidden = await client.call_tool("get_asset", {"namespace": SPACE, "name": SECRET})
    assert hidden.is_error
    assert "not visible to you" in str(hidden.content)
    wrong = await client.call_tool("get_lineage", {"namespace": SPACE, "name": A, "depth": 1000})
    assert wrong.is_error


async def _called(client: Client, tool: str, **arguments: Any) -> Any:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return orjson.loads(answer.content[0].text)  # type: ignore[union-attr]
