"""Events in, answers out: the routes of graph, catalogue and Marquez over one merged store and graph."""

import uuid

import httpx
import pytest

from nexus_core.api.app import create_app
from nexus_core.governance.admin_token import ensure_admin_token
from nexus_core.settings import Settings
from nexus_core.sql import ParsePool
from tests.merging import HARVESTER, SPACE, dataset, dataset_event, envelope, merging, run_event

pytestmark = pytest.mark.service
NAME = "shop.public.totals"
SQL = (
    "insert into public.totals (id, total) select id, sum(amount) from public.orders where note <> 'secret' group by id"
)


@pytest.fixture
async def api(neo4j, tmp_path):
    settings = Settings(data_dir=tmp_path, graph=neo4j)
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, tmp_path, parser) as merge:
        await merge.merge(*events())
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            await ensure_admin_token(app.state.services.tokens, tmp_path / "admin-token")
            token = (tmp_path / "admin-token").read_text().strip()
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://localhost:8000",
                headers={"Authorization": f"Bearer {token}"},
            ) as client:
                yield client


def events():
    orders = dataset(
        "orders",
        {"id": "int", "amount": "numeric", "note": "text"},
        documentation={"description": "One row an order"},
        ownership={"owners": [{"name": "team:sales"}]},
        tags={"tags": [{"key": "gold"}, {"key": "sensitive", "field": "note"}]},
        lineageNexus_profile={"row_count": 12, "size_bytes": 8192},
        lineageNexus_constraints={"primary_key": ["id"]},
        lineageNexus_columns={"fields": {"id": {"nullable": False, "default": "1"}}},
    )
    totals = dataset("totals", {"id": "int", "total": "numeric"}, datasetType={"datasetType": "TABLE"})
    view = {
        "eventTime": "2026-01-01T00:00:00+00:00",
        "producer": "https://example.org/test",
        "job": {
            "namespace": SPACE,
            "name": "shop.public.v",
            "facets": {
                "jobType": {"integration": "POSTGRESQL", "jobType": "VIEW", "processingType": "BATCH"},
                "sql": {"query": "create view public.v as select total from public.totals", "dialect": "postgres"},
                "lineageNexus_origin": {"origin": "view"},
            },
        },
        "inputs": [dataset("totals")],
        "outputs": [dataset("v", {"total": "numeric"}, datasetType={"datasetType": "VIEW"})],
    }
    run = run_event(
        "COMPLETE", 1, str(uuid.UUID(int=1)), "dag.load", SQL, inputs=[dataset("orders")], outputs=[dataset("totals")]
    )
    return [
        envelope(dataset_event(0, orders), HARVESTER),
        envelope(dataset_event(0, totals), HARVESTER),
        envelope(view, HARVESTER),
        envelope(run),
    ]


async def get(api, path, status=200, **query):
    answer = await api.get(f"/api/v1{path}", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def dataset_id(name):
    return f"dataset:{SPACE}:shop.public.{name}"


async def test_graph_catalogue_and_marquez_tell_the_same(api):
    await check_graph(api)
    await check_refusals(api)
    await check_detail(api)
    await check_search(api)
    await check_marquez(api)


async def check_graph(api):
    graph = await get(api, "/lineage/graph", namespace=SPACE, name=NAME)
    assert {node["id"] for node in graph["nodes"]} == {dataset_id("orders"), dataset_id("totals"), dataset_id("v")}
    edge = next(edge for edge in graph["edges"] if edge["source"] == dataset_id("orders"))
    assert edge["job"] == {"namespace": "airflow", "name": "dag.load"}
    assert graph["truncated"] is False
    assert graph["nodes"][0]["upstream_count"] == graph["nodes"][0]["downstream_count"] == 1
    fields = await get(
        api, "/lineage/graph", namespace=SPACE, name="shop.public.orders", field="amount", direction="downstream"
    )
    assert [node["id"].rpartition(":")[2] for node in fields["nodes"]] == ["amount", "total", "total"]
    indirect = await get(
        api, "/lineage/graph", namespace=SPACE, name="shop.public.orders", field="note", indirect="true", depth=1
    )
    assert {node.get("field") for node in indirect["nodes"]} == {"note", "id", "total"}
    job = await get(api, "/lineage/graph", namespace="airflow", name="dag.load", kind="job", depth=1)
    assert {edge["kind"] for edge in job["edges"]} == {"READS", "WRITES", "DATASET"}


async def check_refusals(api):
    asked = {"namespace": SPACE, "name": NAME}
    for wrong in (
        {"depth": 0},
        {"depth": 51},
        {"limit": 10_001},
        {"direction": "sideways"},
        {"as_of": "yesterday"},
        {"as_of": "2026-01-01T00:00:00"},
        {"known_at": "2026-01-01T00:00:00"},
        {"field": "id", "granularity": "dataset"},
    ):
        problem = await get(api, "/lineage/graph", 422, **asked, **wrong)
        assert problem["title"]
    await get(api, "/lineage/graph", 404, namespace=SPACE, name="nobody")
    await get(api, "/datasets/one", 404, namespace=SPACE, name="nobody")
    await get(api, "/datasets", 422, cursor="broken")
    before = await get(api, "/lineage/graph", **asked, as_of="2025-12-31T00:00:00Z")
    assert [node["id"] for node in before["nodes"]] == [dataset_id("totals")]


async def check_detail(api):
    orders = await get(api, "/datasets/one", namespace="postgresql://DB", name="shop.public.orders")
    assert (orders["description"], orders["owners"], orders["tags"]) == ("One row an order", ["team:sales"], ["gold"])
    assert (orders["row_count"], orders["size_bytes"], orders["downstream_count"]) == (12, 8192, 1)
    by_name = {field["name"]: field for field in orders["fields"]}
    assert by_name["id"]["primary_key"] is True
    assert by_name["id"]["nullable"] is False
    assert (by_name["amount"]["downstream_count"], by_name["amount"]["upstream_count"]) == (1, 0)
    assert by_name["note"]["tags"] == ["sensitive"]
    totals = await get(api, "/datasets/one", namespace=SPACE, name=NAME)
    load = next(job for job in totals["jobs"] if job["role"] == "writes")
    assert (load["name"], load["last_state"]) == ("dag.load", "COMPLETE")
    assert "secret" not in load["sql"]
    assert [version["field_count"] for version in totals["versions"]] == [2]
    view = await get(api, "/datasets/one", namespace=SPACE, name="shop.public.v")
    assert (view["kind"], view["definition_dialect"]) == ("view", "postgres")
    assert view["definition"].startswith("create view public.v")
    first = await api.get("/api/v1/datasets/one", params={"namespace": SPACE, "name": NAME})
    again = await api.get(
        "/api/v1/datasets/one",
        params={"namespace": SPACE, "name": NAME},
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


async def check_search(api):
    page = await get(api, "/datasets", q="amount")
    assert [(item["name"], item["matched"]) for item in page["items"]] == [("shop.public.orders", ["amount"])]
    assert page["facets"]["tag"] == [{"value": "gold", "count": 1}, {"value": "sensitive", "count": 1}]
    assert (await get(api, "/datasets", kind="view"))["total"] == 1


async def check_marquez(api):
    spaces = await get(api, "/namespaces")
    assert {space["name"] for space in spaces["namespaces"]} == {SPACE, "airflow"}
    quoted = SPACE.replace(":", "%3A").replace("/", "%2F")
    datasets = await get(api, f"/namespaces/{quoted}/datasets")
    assert [each["name"] for each in datasets["datasets"]] == [
        f"shop.public.{name}" for name in ("orders", "totals", "v")
    ]
    jobs = await get(api, "/namespaces/airflow/jobs")
    assert jobs["jobs"][0]["outputs"] == [{"namespace": SPACE, "name": NAME}]
    lineage = await get(api, "/lineage", nodeId=dataset_id("totals"))
    by_id = {node["id"]: node for node in lineage["graph"]}
    assert by_id["job:airflow:dag.load"]["outEdges"][0]["destination"] == dataset_id("totals")
    columns = await get(api, "/column-lineage", nodeId=f"datasetField:{SPACE}:{NAME}:total", withDownstream="true")
    total = next(node for node in columns["graph"] if node["id"].endswith("totals:total"))
    assert [source["field"] for source in total["data"]["inputFields"]] == ["amount"]
    await get(api, "/lineage", 422, nodeId="nonsense")
