"""Records what dbt-ol and Great Expectations really send, over tables of a PostgreSQL; the files beside this are its.

Run by an environment of its own, with the URL of an empty database:

    uv venv E && uv pip install --python E/bin/python great-expectations==1.24.1 sqlalchemy==2.0.58 \\
        openlineage-dbt==1.54.0 dbt-core==1.11.16 dbt-postgres==1.10.2 psycopg2-binary==2.9.13
    E/bin/python record.py postgresql://postgres@127.0.0.1:5432/shop
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
TABLES = (
    "create table orders (id int, status text, amount int)",
    "insert into orders values (1, 'new', 10), (2, 'paid', null), (2, 'lost', 5)",
)
PROJECT = "name: shop\nconfig-version: 2\nprofile: shop\nmodels:\n  shop:\n    +materialized: table\n"
MODEL = "select id, status, amount from {{ source('raw', 'orders') }}"
TESTS = """
version: 2
sources:
  - {name: raw, schema: public, tables: [{name: orders}]}
models:
  - name: clean
    columns:
      - {name: id, data_tests: [not_null, unique]}
      - {name: amount, data_tests: [{not_null: {config: {severity: warn}}}]}
      - {name: status, data_tests: [{accepted_values: {arguments: {values: [new, paid]}}}]}
"""


def main() -> None:
    """Make the tables, then record both."""
    import sqlalchemy

    url = sys.argv[1]
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in TABLES:
            connection.execute(sqlalchemy.text(statement))
    _write("great_expectations.json", [_great_expectations(url)])
    _write("dbt.json", _dbt(url))


def _write(name: str, events: list[object]) -> None:
    port = str(urlsplit(sys.argv[1]).port)
    text = json.dumps(events, indent=1, sort_keys=True).replace(f":{port}", ":5432")
    (HERE / name).write_text(text + "\n")


def _great_expectations(url: str) -> object:
    import great_expectations as gx
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )
    from openlineage.common.provider.great_expectations.action import OpenLineageValidationAction

    context = gx.get_context(mode="ephemeral")
    driver = url.replace("postgresql:", "postgresql+psycopg2:")
    source = context.data_sources.add_postgres("shop", connection_string=driver)
    asset = source.add_table_asset("orders", table_name="orders", schema_name="public")
    batch = asset.add_batch_definition_whole_table("all").build_batch_request()
    validator = context.get_validator(batch_request=batch, create_expectation_suite_with_name="orders")
    validator.expect_column_values_to_not_be_null("id")
    validator.expect_column_values_to_be_unique("id")
    validator.expect_column_values_to_be_in_set("status", ["new", "paid"])
    validator.expect_table_row_count_to_be_between(1, 10)
    validator.expect_column_max_to_be_between("amount", 0, 100)
    result = validator.validate()
    identifier = ValidationResultIdentifier(ExpectationSuiteIdentifier("orders"), None, "all")
    action = OpenLineageValidationAction(
        name="openlineage", openlineage_namespace="gx", job_name="check orders", do_publish=False
    )
    return action._run(result, identifier, validator)


def _dbt(url: str) -> list[object]:
    place = urlsplit(url)
    output = {
        "type": "postgres",
        "host": place.hostname,
        "port": place.port,
        "user": place.username,
        "password": "",
        "dbname": place.path[1:],
        "schema": "mart",
        "threads": 1,
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "models").mkdir()
        (root / "dbt_project.yml").write_text(PROJECT)
        (root / "models" / "clean.sql").write_text(MODEL)
        (root / "models" / "schema.yml").write_text(TESTS)
        profile = {"shop": {"target": "dev", "outputs": {"dev": output}}}
        (root / "profiles.yml").write_text(json.dumps(profile))
        log = root / "events.jsonl"
        transport = {"transport": {"type": "file", "log_file_path": str(log), "append": True}}
        (root / "openlineage.yml").write_text(json.dumps(transport))
        bin_folder = Path(sys.executable).parent
        variables = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "OPENLINEAGE_CONFIG": str(root / "openlineage.yml"),
            "OPENLINEAGE_NAMESPACE": "dbt",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        command = [str(bin_folder / "dbt-ol"), "build", "--profiles-dir", folder, "--project-dir", folder]
        subprocess.run(command, cwd=folder, env=variables, check=False, timeout=300)
        return [json.loads(line) for line in log.read_text().splitlines() if line.strip()]


main()
