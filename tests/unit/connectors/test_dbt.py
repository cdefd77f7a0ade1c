"""What dbt's artifacts tell, and what becomes of those that are old, broken, missing or elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nexus_core.connectors import open_connector
from nexus_core.connectors._dbt_artifacts import Artifacts
from nexus_core.connectors._dbt_jobs import Jobs
from nexus_core.connectors._dbt_warehouse import Warehouse, of_settings
from nexus_core.connectors.objects import JobKind, SourceJob
from nexus_core.connectors.report import Report
from nexus_core.errors import ForbiddenError, SourceError
from nexus_core.harvest import HarvestState, harvest
from nexus_core.model.naming import canonical
from nexus_core.sql.engine import SqlRequest, derive
from tests.sources.dbt import TARGET

WAREHOUSE = "postgres://me:s3cret@warehouse:5432/shop"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    shutil.copytree(TARGET, tmp_path / "target")
    return tmp_path / "target"


def change(file: Path, how: Callable[[Any], None]) -> None:
    content = json.loads(file.read_text())
    how(content)
    file.write_text(json.dumps(content))


def opened(target: Path, **options: Any) -> Any:
    return open_connector(f"dbt://{target}", **({"warehouse": WAREHOUSE} | options))


def job(connector: Any, name: str) -> SourceJob:
    return next(
        each for each in connector.jobs(None) if each.name.name.startswith(f"dbt:{name}") and not each.execution
    )


@pytest.mark.parametrize("version", [9, 10, 11, 12])
def test_manifests_from_dbt_1_5_on_are_read(target: Path, version: int) -> None:
    url = f"https://schemas.getdbt.com/dbt/manifest/v{version}.json"
    change(target / "manifest.json", lambda found: found["metadata"].update(dbt_schema_version=url))
    connector = opened(target)
    assert len(list(connector.datasets())) == 7
    assert all(canonical(each.name) == each.name for each in connector.datasets())


def test_older_manifests_are_refused(target: Path) -> None:
    url = "https://schemas.getdbt.com/dbt/manifest/v8.json"
    change(target / "manifest.json", lambda found: found["metadata"].update(dbt_schema_version=url))
    with pytest.raises(SourceError, match="v8"):
        next(opened(target).datasets())


def test_a_model_is_read_through_ephemeral_ones_with_its_owner(target: Path) -> None:
    customers = job(opened(target), "model.shop.customers")
    assert [each.name for each in customers.inputs] == [
        "shop.raw.customers",
        "shop.mart.countries",
        "shop.mart.stg_orders",
    ]
    assert customers.text
    assert customers.text.sql.startswith('CREATE TABLE "shop"."mart"."customers" AS\nwith __dbt__cte__int_totals')
    assert (customers.text.dialect, customers.text.default_schema) == ("postgres", "mart")
    assert job(opened(target), "exposure.shop.revenue_board").owner == "user:ann@example.com"


def test_compiled_sql_gives_columns_through_ephemeral_models(target: Path) -> None:
    text = job(opened(target), "model.shop.customers").text
    assert text
    found = derive(SqlRequest(text.sql, text.dialect, None, text.default_database, text.default_schema))
    columns = {each.column: {(source.table, source.column) for source in each.inputs} for each in found.columns}
    assert columns["total"] == {("shop.mart.stg_orders", "total")}
    assert columns["country"] == {("shop.mart.countries", "name")}
    assert found.resolved == {"shop.mart.customers"}


def test_without_a_catalog_only_contracts_tell_columns(target: Path) -> None:
    (target / "catalog.json").unlink()
    connector = opened(target)
    columns = {each.name.name: [field.name for field in each.fields] for each in connector.datasets() if each.fields}
    assert columns == {"shop.mart.customers": ["customer_id", "name", "country", "total"]}
    assert [each.missing for each in connector.test().missing] == ["catalog.json"]


def test_a_model_that_was_not_compiled_has_no_sql(target: Path) -> None:
    change(target / "manifest.json", lambda found: found["nodes"]["model.shop.customers"].update(compiled_code=None))
    connector = opened(target)
    customers = job(connector, "model.shop.customers")
    assert customers.text is None
    assert len(customers.inputs) == 3
    assert connector.report.skipped.samples


def test_results_of_docs_generate_are_no_runs(target: Path) -> None:
    change(target / "run_results.json", lambda found: found.update(args={"which": "generate"}))
    (target / "sources.json").unlink()
    assert [each for each in opened(target).jobs(None) if each.execution] == []


def test_runs_are_told_once_and_failures_as_such(target: Path) -> None:
    def broken(found: Any) -> None:
        results = {each["unique_id"]: each for each in found["results"]}
        results["model.shop.customers"]["status"] = "error"
        results["model.shop.stg_orders"]["status"] = "skipped"

    change(target / "run_results.json", broken)
    connector = opened(target)
    runs = {each.name.name: each.execution for each in connector.jobs(None) if each.execution}
    assert runs["dbt:model.shop.customers"].failed
    assert "dbt:model.shop.stg_orders" not in runs
    assert [each for each in opened(target).jobs(connector.watermark) if each.execution] == []


def test_what_a_test_found_stands_on_its_input(target: Path) -> None:
    events: list[dict[str, Any]] = []
    harvest(opened(target), events.extend, state=HarvestState())
    (failed,) = (
        event
        for event in events
        if event.get("job", {}).get("name") == "dbt:test.shop.totals_are_small" and "run" in event
    )
    (found,) = failed["inputs"]
    assert found["inputFacets"]["dataQualityAssertions"]["assertions"] == [
        {"assertion": "totals_are_small", "success": False, "severity": "error"}
    ]
    assert failed["eventType"] == "COMPLETE"
    assert "s3cret" not in json.dumps(events)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"metadata": 1}', '{"metadata": {}}'])
def test_what_is_no_manifest_is_explained(target: Path, content: str) -> None:
    (target / "manifest.json").write_text(content)
    connector = opened(target)
    with pytest.raises(SourceError):
        next(connector.datasets())
    assert connector.test().problem
    assert connector.namespace == f"dbt://{target}"


def test_the_warehouse_must_be_told(target: Path) -> None:
    with pytest.raises(SourceError, match="warehouse=SCHEME"):
        next(opened(target, warehouse=None).datasets())


def test_profiles_tell_the_warehouse(target: Path) -> None:
    profiles = {"shop": {"target": "dev", "outputs": {"dev": {"type": "postgres", "host": "PG", "password": "s3cret"}}}}
    (target / "profiles.yml").write_text(json.dumps(profiles))
    (first, *_) = opened(target, warehouse=None, profiles_dir=target).datasets()
    assert first.name.namespace == "postgres://pg:5432"
    profiles["shop"]["outputs"]["dev"]["host"] = "{{ env_var('HOST') }}"
    (target / "profiles.yml").write_text(json.dumps(profiles))
    with pytest.raises(SourceError, match="template") as raised:
        next(opened(target, warehouse=None, profiles_dir=target).datasets())
    assert "s3cret" not in str(raised.value)


def test_only_the_operator_may_name_a_folder(target: Path) -> None:
    with pytest.raises(ForbiddenError):
        open_connector(f"dbt://{target}", allow_hosts=("0.0.0.0/0",))


@pytest.mark.parametrize(
    ("adapter", "url", "written", "expected"),
    [
        ("snowflake", "snowflake://ACME-PROD", "raw.shop.orders", ("snowflake://acme-prod", "RAW.SHOP.ORDERS")),
        ("snowflake", "snowflake://acme-prod", '"RAW"."shop"."o"', ("snowflake://acme-prod", 'RAW."shop"."o"')),
        ("bigquery", None, "`acme-prod`.`mart`.`orders`", ("bigquery", "acme-prod.mart.orders")),
        ("mysql", "mysql://db", "`mart`.`orders`", ("mysql://db:3306", "mart.orders")),
        ("duckdb", "duckdb:///srv/shop.duckdb", '"shop"."main"."o"', ("duckdb:///srv/shop.duckdb", "shop.main.o")),
    ],
)
def test_relations_are_named_as_the_warehouse_does(
    adapter: str, url: str | None, written: str, expected: tuple[str, str]
) -> None:
    name = of_settings(adapter, url, None, None).relation({"relation_name": written})
    assert name
    assert (name.namespace, name.name) == expected


def test_dependencies_that_turn_in_circles_end() -> None:
    def model(name: str, other: str, relation: str | None) -> dict[str, Any]:
        needed = {"depends_on": {"nodes": [f"model.p.{other}"]}, "relation_name": relation}
        return {"unique_id": f"model.p.{name}", "resource_type": "model"} | needed

    models = [model("a", "b", None), model("b", "a", None), model("c", "a", "d.s.c")]
    nodes = {each["unique_id"]: each for each in models}
    artifacts = Artifacts({"metadata": {}, "nodes": nodes}, {}, {}, {})
    jobs = list(Jobs("dbt://p", artifacts, Warehouse("postgres://h:5432", "postgres"), Report()).defined())
    assert [(each.kind, each.inputs) for each in jobs] == [(JobKind.MODEL, ())]
