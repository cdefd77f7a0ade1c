"""Writes compliance reports once a month: copy this file to your DAGs folder and set the Airflow variable below."""

from datetime import UTC, datetime

from airflow.sdk import DAG

from nexus_operators.report import ReportOperator

FOLDER = "{{ var.value.get('nexus_reports_folder', '/var/lib/lineage-nexus/reports') }}"

with DAG(
    "nexus_reports",
    description="Writes the record of processing activities, and who read personal data",
    schedule="0 6 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    tags=["lineage-nexus"],
):
    ReportOperator(task_id="article_30", report="article-30", path=FOLDER + "/article-30-{{ ds }}.pdf", retries=2)
    ReportOperator(task_id="exposure", report="exposure", days=31, path=FOLDER + "/exposure-{{ ds }}.csv", retries=2)
