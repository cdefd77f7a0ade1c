"""Writes the Grafana dashboards of the chart from what they show: `python tools/dashboards.py [--check]`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "charts" / "lineage-nexus" / "dashboards"
_ACROSS, _WIDTH, _HEIGHT = 3, 8, 8
_SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph over time: `queries` by the legend of their lines, `threshold` the value that is too much."""

    title: str
    queries: dict[str, str]
    unit: str = "short"
    threshold: float | None = None


def _p95(metric: str, by: str = "", where: str = "") -> str:
    return f"histogram_quantile(0.95, sum by (le{by}) (rate({metric}_bucket{where}[$__rate_interval])))"


def _rate(metric: str, by: str, where: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{where}[$__rate_interval]))"


_SERVICE = (
    Panel("Requests", {"{{status}}": _rate("nexus_http_requests_total", "status")}, "reqps"),
    Panel("Share of requests that fail", {"one hour": "nexus:http_errors:ratio_rate1h"}, "percentunit", 0.001),
    Panel(
        "Error budget left of 30 days",
        {"left": "1 - avg_over_time(nexus:http_errors:ratio_rate1h[30d]) / 0.001"},
        "percentunit",
    ),
    Panel(
        "Answers of lineage, p95",
        {"{{route}}": _p95("nexus_http_request_seconds", ", route", '{route=~"/api/v1/lineage/.*"}')},
        "s",
        0.5,
    ),
    Panel("Slowest routes, p95", {"{{route}}": f"topk(8, {_p95('nexus_http_request_seconds', ', route')})"}, "s"),
    Panel("Processes", {"{{component}}": 'sum by (component) (up{job="lineage-nexus"})'}),
    Panel("Memory", {"{{component}} {{instance}}": "process_resident_memory_bytes"}, "bytes"),
    Panel("CPU", {"{{component}} {{instance}}": "rate(process_cpu_seconds_total[$__rate_interval])"}),
    Panel("Open files", {"{{component}} {{instance}}": "process_open_fds"}),
)
_INGESTION = (
    Panel("Events sent", {"{{result}}": _rate("nexus_events_total", "result")}, "ops"),
    Panel("Accepted, not merged yet", {"events": "max(nexus_eventlog_lag_events)"}, threshold=150_000),
    Panel(
        "Lag by partition, largest",
        {"{{partition}}": "topk(8, max by (partition) (nexus_eventlog_partition_lag_events))"},
    ),
    Panel("Merged", {"{{worker}}": "rate(nexus_worker_merged_events_total[$__rate_interval])"}, "ops"),
    Panel("Partitions held", {"{{worker}}": "max by (worker) (nexus_worker_partitions > 0)"}),
    Panel("Dead letters and quarantine", {"{{kind}}": "max by (kind) (nexus_eventlog_dead_letters)"}),
    Panel("Spool: oldest event", {"{{instance}}": "nexus_spool_oldest_seconds"}, "s", 900),
    Panel(
        "Spool: events", {"{{instance}}": "nexus_spool_events", "refused {{instance}}": "nexus_spool_rejected_events"}
    ),
    Panel("Harvests overdue", {"sources": "max(nexus_harvest_overdue_sources)"}, threshold=1),
)
_LATENCIES = "rate(nexus_event_latency_seconds_bucket[$__rate_interval])"
_LATENCY = (
    Panel(
        "From acceptance to lineage",
        {f"p{share}": f"histogram_quantile(0.{share}, sum by (le) ({_LATENCIES}))" for share in (50, 95, 99)},
        "s",
        60,
    ),
    Panel("Oldest event that waits", {"age": "max(nexus_eventlog_oldest_pending_seconds)"}, "s", 300),
    Panel("A round, p95", {"{{instance}}": _p95("nexus_worker_round_seconds", ", instance")}, "s"),
    Panel("Telling Neo4j, p95", {"{{instance}}": _p95("nexus_worker_telling_seconds", ", instance")}, "s"),
    Panel("A parse, p95", {"{{instance}}": _p95("nexus_worker_parse_seconds", ", instance")}, "s"),
    Panel("Parses stopped", {"{{instance}}": "increase(nexus_worker_parse_overruns_total[$__rate_interval])"}),
    Panel(
        "Events of a round, mean",
        {
            "{{instance}}": "rate(nexus_worker_round_events_sum[$__rate_interval])"
            " / rate(nexus_worker_round_events_count[$__rate_interval])"
        },
    ),
    Panel("Merging waits", {"{{instance}}": "increase(nexus_worker_waits_total[$__rate_interval])"}),
    Panel("Work left beside events", {"tasks": "max(nexus_worker_tasks)"}),
)
_GOVERNANCE = (
    Panel("Audit log broken", {"broken": "max(nexus_audit_broken)"}, threshold=1),
    Panel("Age of the newest checkpoint", {"age": "time() - max(nexus_audit_checkpoint_time_seconds > 0)"}, "s", 900),
    Panel("Records signed", {"records": "max(nexus_audit_signed_records)"}),
    Panel("Witnesses that lag", {"witnesses": "max(nexus_audit_lagging_witnesses)"}, threshold=1),
    Panel("Roles for an emergency", {"{{state}}": "sum by (state) (increase(nexus_break_glass_total[1h]))"}),
    Panel(
        "Classes that could not be computed",
        {"failures": "sum(increase(nexus_worker_classes_failed_total[1h]))"},
        threshold=1,
    ),
    Panel(
        "Refused by rights",
        {"{{route}}": 'topk(8, sum by (route) (rate(nexus_http_requests_total{status="4xx"}[$__rate_interval])))'},
        "reqps",
    ),
    Panel(
        "Events refused by authority",
        {"{{result}}": _rate("nexus_events_total", "result", '{result=~"forbidden|quarantined"}')},
        "ops",
    ),
    Panel("Oldest last harvest", {"age": "max(nexus_harvest_oldest_seconds)"}, "s"),
)
_PROXY = (
    Panel("Open sessions", {"{{instance}}": "nexus_proxy_sessions"}),
    Panel("Logins", {"{{outcome}}": _rate("nexus_proxy_logins_total", "outcome")}, "ops"),
    Panel("Ended sessions", {"{{reason}}": _rate("nexus_proxy_session_ends_total", "reason")}, "ops"),
    Panel("Statements", {"executed": "sum(rate(nexus_proxy_executions_total[$__rate_interval]))"}, "ops"),
    Panel("Refusals", {"refused": "sum(rate(nexus_proxy_refusals_total[$__rate_interval]))"}, "ops"),
    Panel("Rows", {"rows": "sum(rate(nexus_proxy_rows_total[$__rate_interval]))"}, "ops"),
    Panel("Age of what is known of rights", {"{{instance}}": "nexus_proxy_lease_age_seconds"}, "s", 4),
    Panel("Memory", {"{{instance}}": 'process_resident_memory_bytes{component="proxy"}'}, "bytes"),
    Panel("CPU", {"{{instance}}": 'rate(process_cpu_seconds_total{component="proxy"}[$__rate_interval])'}),
)
BOARDS = {
    "service": ("LineageNexus: service", _SERVICE),
    "ingestion": ("LineageNexus: ingestion", _INGESTION),
    "latency": ("LineageNexus: lineage latency", _LATENCY),
    "governance": ("LineageNexus: governance", _GOVERNANCE),
    "proxy": ("LineageNexus: masking proxy", _PROXY),
}


def board(name: str) -> dict[str, Any]:
    """Give a dashboard as Grafana reads it."""
    title, panels = BOARDS[name]
    return {
        "uid": f"lineage-nexus-{name}",
        "title": title,
        "tags": ["lineage-nexus"],
        "editable": False,
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(place, panel) for place, panel in enumerate(panels)],
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.threshold is not None:
        steps.append({"color": "red", "value": panel.threshold})
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": {
            "x": place % _ACROSS * _WIDTH,
            "y": place // _ACROSS * _HEIGHT,
            "w": _WIDTH,
            "h": _HEIGHT,
        },
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "line" if len(steps) > 1 else "off"}},
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
            for number, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def main() -> None:
    """Write the files, or with --check end with 1 if they are not as they would be written."""
    made = {FOLDER / f"{name}.json": json.dumps(board(name), indent=1) + "\n" for name in BOARDS}
    if "--check" in sys.argv:
        stale = [path.name for path, text in made.items() if not path.is_file() or path.read_text() != text]
        sys.exit(f"Run python tools/dashboards.py: {', '.join(stale)}" if stale else 0)
    for path, text in made.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
