"""Records dbt's artifacts of `project`, shortened: `python tests/golden/harvest/dbt/record.py DBT`.

DBT is the dbt command of an environment of its own with dbt-core 1.10 and dbt-postgres; it runs against a PostgreSQL
that this starts. Macros, docs and file checksums are left out of the manifest, since nobody reads them; paths of this
machine, too. Tests read the recorded files and never run dbt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from tests.services import postgresql

HERE = Path(__file__).parent
ARTIFACTS = ("manifest.json", "catalog.json", "run_results.json", "sources.json")
DROPPED = ("macros", "docs", "disabled", "selectors", "parent_map", "child_map", "unit_tests", "saved_queries")
DROPPED_OF_NODES = (
    "checksum",
    "raw_code",
    "root_path",
    "macros",
    "compiled_path",
    "build_path",
    "patch_path",
    "config_call_dict",
    "unrendered_config",
)
DROPPED_OF_RESULTS = ("compiled_code", "thread_id", "message")
TABLES = """
CREATE SCHEMA raw;
CREATE TABLE raw.customers (id int PRIMARY KEY, name text NOT NULL, country text);
CREATE TABLE raw.orders (id int, customer_id int, amount int, placed_at timestamptz DEFAULT now(), deleted boolean);
INSERT INTO raw.customers VALUES (1, 'Ann', 'DE'), (2, 'Bob', 'FR');
INSERT INTO raw.orders VALUES (1, 1, 1200, now(), false), (2, 2, 3400, now(), false), (3, 9, 1, now(), true);
"""


def main(dbt: str) -> None:
    """Run the project and keep its artifacts."""
    with postgresql() as server, TemporaryDirectory() as work:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE shop")
        with psycopg.connect(server.url("shop"), autocommit=True) as connection:
            connection.execute(TABLES)
        output = {"type": "postgres", "host": server.host, "port": server.port, "user": "postgres", "password": "x"}
        output |= {"dbname": "shop", "schema": "mart", "threads": 1}
        (Path(work) / "profiles.yml").write_text(json.dumps({"shop": {"target": "dev", "outputs": {"dev": output}}}))
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        for command in (["source", "freshness"], ["build"], ["docs", "generate", "--no-compile"]):
            told = ["--project-dir", str(HERE / "project"), "--profiles-dir", work]
            where = ["--target-path", work, "--log-path", work]
            subprocess.run([dbt, *command, *told, *where], env=environment, check=command != ["build"])
        for name in ARTIFACTS:
            text = json.dumps(shortened(json.loads((Path(work) / name).read_text())), indent=1)
            (HERE / "target" / name).write_text(text.replace(str(HERE), "") + "\n")


def shortened(artifact: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody reads."""
    kept = {name: value for name, value in artifact.items() if name not in DROPPED}
    for part in ("nodes", "sources", "exposures"):
        for node in kept.get(part, {}).values() if isinstance(kept.get(part), dict) else ():
            for name in DROPPED_OF_NODES:
                node.pop(name, None)
    for result in kept.get("results", ()):
        for name in DROPPED_OF_RESULTS:
            result.pop(name, None)
    kept["args"] = {"which": kept.get("args", {}).get("which")}
    for name in ("user_id", "send_anonymous_usage_stats", "env"):
        kept["metadata"].pop(name, None)
    return kept


if __name__ == "__main__":
    main(sys.argv[1])
