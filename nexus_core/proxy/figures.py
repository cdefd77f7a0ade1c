"""What Prometheus is told of one process of the proxy; no figure names a person, a source or a table."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from nexus_core.proxy.covers import Cover
from nexus_core.proxy.wall.verdict import Refused


class Figures:
    """The figures of a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sessions = Gauge("nexus_proxy_sessions", "Open sessions.", registry=self.registry)
        self.logins = Counter("nexus_proxy_logins", "Logins by how they ended.", ["outcome"], registry=self.registry)
        self.ends = Counter("nexus_proxy_session_ends", "Ended sessions by reason.", ["reason"], registry=self.registry)
        self.executions = Counter("nexus_proxy_executions", "Statements that were executed.", registry=self.registry)
        self.refusals = Counter("nexus_proxy_refusals", "Statements that were refused.", registry=self.registry)
        self.rows = Counter("nexus_proxy_rows", "Rows that statements returned.", registry=self.registry)
        self.lease = Gauge(
            "nexus_proxy_lease_age_seconds",
            "Age of what is known of rights; from 4 no rows are shown.",
            registry=self.registry,
        )

    def count(self, cover: Cover) -> None:
        """Count what an intent covered."""
        if isinstance(cover.judgement.verdict, Refused):
            self.refusals.inc()
        else:
            self.executions.inc(cover.executions)
            self.rows.inc(cover.rows)

    def text(self) -> bytes:
        """Give them as Prometheus reads them."""
        return generate_latest(self.registry)
