"""What Prometheus is told of one process of the proxy; no figure names a person, a source or a table."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from nexus_core.proxy.covers import Cover
from nexus_core.proxy.wall.verdict import Refused

SESSIONS = Gauge("nexus_proxy_sessions", "Open sessions.")
LOGINS = Counter("nexus_proxy_logins", "Logins by how they ended.", ["outcome"])
ENDS = Counter("nexus_proxy_session_ends", "Ended sessions by reason.", ["reason"])
EXECUTIONS = Counter("nexus_proxy_executions", "Statements that were executed.")
REFUSALS = Counter("nexus_proxy_refusals", "Statements that were refused.")
ROWS = Counter("nexus_proxy_rows", "Rows that statements returned.")
LEASE = Gauge("nexus_proxy_lease_age_seconds", "Age of what is known of rights; from 4 no rows are shown.")


def count(cover: Cover) -> None:
    """Count what an intent covered."""
    if isinstance(cover.judgement.verdict, Refused):
        REFUSALS.inc()
    else:
        EXECUTIONS.inc(cover.executions)
        ROWS.inc(cover.rows)
