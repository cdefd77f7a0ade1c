"""The shop's nightly load, written as any Airflow user writes one: LineageNexus learns of it by OpenLineage alone.

The checks beside it are LineageNexus's own; what they find stops nothing here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG

from nexus_operators.quality import QualityCheckOperator

LIFETIME_VALUE = """
TRUNCATE marts.customer_lifetime_value;
INSERT INTO marts.customer_lifetime_value (customer_id, email, country, orders, lifetime_eur, last_order_on, segment)
SELECT c.customer_id, c.email, c.country, count(*), sum(o.revenue_eur - o.refund_eur), max(o.order_date),
       CASE WHEN sum(o.revenue_eur) > 2500 THEN 'gold' WHEN sum(o.revenue_eur) > 800 THEN 'silver' ELSE 'new' END
FROM core.fct_order o
JOIN core.dim_customer c USING (customer_id)
WHERE o.status <> 'cancelled'
GROUP BY c.customer_id, c.email, c.country;
"""

MARKETING_CONTACTS = """
TRUNCATE marts.marketing_contacts;
INSERT INTO marts.marketing_contacts (email, first_name, country, segment, refreshed_at)
SELECT c.email, split_part(c.full_name, ' ', 1), v.country, v.segment, now()
FROM marts.customer_lifetime_value v
JOIN core.dim_customer c ON c.customer_id = v.customer_id
WHERE c.is_subscriber;
"""

REVENUE_SNAPSHOT = """
INSERT INTO marts.revenue_snapshot (taken_on, month, country, net_revenue_eur)
SELECT current_date, r.month, r.country, r.net_revenue_eur FROM marts.revenue_by_country r;
"""

with DAG(
    "larkspur_daily",
    description="Loads the core tables and the marts",
    schedule="@daily",
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001 - Airflow reads it in its own time zone
    catchup=False,
    max_active_runs=1,
    default_args={"conn_id": "larkspur", "autocommit": True, "retries": 2, "retry_delay": timedelta(seconds=5)},
    tags=["larkspur"],
):
    load = SQLExecuteQueryOperator(task_id="load_core", sql="CALL core.load_all();")
    value = SQLExecuteQueryOperator(task_id="lifetime_value", sql=LIFETIME_VALUE, split_statements=True)
    contacts = SQLExecuteQueryOperator(task_id="marketing_contacts", sql=MARKETING_CONTACTS, split_statements=True)
    refresh = SQLExecuteQueryOperator(
        task_id="refresh_daily_revenue", sql="REFRESH MATERIALIZED VIEW marts.daily_revenue;"
    )
    snapshot = SQLExecuteQueryOperator(task_id="revenue_snapshot", sql=REVENUE_SNAPSHOT)
    checks = QualityCheckOperator(
        task_id="check",
        kind="postgresql",
        conn_id="larkspur",
        checks=str(Path(__file__).with_name("larkspur_checks.yaml")),
        fail_on_error=False,
    )
    load >> value >> contacts
    load >> refresh >> snapshot
    load >> checks
