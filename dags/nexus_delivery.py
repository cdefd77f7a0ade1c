"""Delivers reports and changes: copy this file to your DAGs folder and make the connections that it names."""

from datetime import UTC, datetime

from airflow.sdk import DAG

from nexus_operators.delivery import DeliverChangesOperator, DeliverReportOperator

SINCE = datetime(2026, 1, 1, tzinfo=UTC)

with DAG(
    "nexus_deliver_quality",
    description="Mails the state of data quality once a week",
    schedule="0 6 * * 1",
    start_date=SINCE,
    catchup=False,
    tags=["lineage-nexus"],
):
    DeliverReportOperator(
        task_id="quality", report="quality", smtp_conn_id="smtp_default", to=["stewards@example.com"], retries=2
    )

with DAG(
    "nexus_deliver_changes",
    description="Tells once an hour what changed in what the connection's account follows",
    schedule="5 * * * *",
    start_date=SINCE,
    catchup=False,
    max_active_runs=1,
    tags=["lineage-nexus"],
):
    DeliverChangesOperator(task_id="changes", slack_conn_id="slack_stewards", hours=1, retries=2)
