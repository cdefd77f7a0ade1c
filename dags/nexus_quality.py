"""Checks data once an hour: copy this file and nexus_quality.yaml to your DAGs folder and set `conn_id` below."""

from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG

from nexus_operators.quality import QualityCheckOperator

with DAG(
    "nexus_quality",
    description="Checks freshness, volume and contents of tables",
    schedule="30 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["lineage-nexus"],
):
    QualityCheckOperator(
        task_id="check",
        kind="postgresql",
        conn_id="warehouse",
        checks=str(Path(__file__).with_suffix(".yaml")),
        retries=2,
    )
