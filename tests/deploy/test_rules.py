"""Every alert, by promtool: the series that make it fire, and those on which it stays silent."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

from tests import helm, services

RULES = helm.CHART / "rules" / "lineage-nexus.yaml"
DASHBOARDS = sorted((helm.CHART / "dashboards").glob("*.json"))
OBJECTIVE = 'nexus_http_requests_total{route="/api/v1/lineage",method="POST",status="%s"}'

FIRING: dict[str, dict[str, str]] = {
    "NexusErrorBudgetBurnsVeryFast": {OBJECTIVE % "2xx": "0+98x1600", OBJECTIVE % "5xx": "0+2x1600"},
    "NexusErrorBudgetBurnsFast": {OBJECTIVE % "2xx": "0+993x1600", OBJECTIVE % "5xx": "0+7x1600"},
    "NexusErrorBudgetBurns": {OBJECTIVE % "2xx": "0+996x1600", OBJECTIVE % "5xx": "0+4x1600"},
    "NexusErrorBudgetBurnsSlowly": {OBJECTIVE % "2xx": "0+998x1600", OBJECTIVE % "5xx": "0+2x1600"},
    "NexusDown": {'up{job="lineage-nexus",component="worker",instance="a"}': "0x1600"},
    "NexusLagGrows": {"nexus_eventlog_oldest_pending_seconds": "301x1600"},
    "NexusBacklogNearlyFull": {"nexus_eventlog_lag_events": "150001x1600"},
    "NexusNoWorker": {"nexus_eventlog_lag_events": "0x1600"},
    "NexusLatencyHigh": {
        'nexus_event_latency_seconds_bucket{le="60"}': "0+1x1600",
        'nexus_event_latency_seconds_bucket{le="300"}': "0+10x1600",
        'nexus_event_latency_seconds_bucket{le="+Inf"}': "0+10x1600",
    },
    "NexusReadsSlow": {
        'nexus_http_request_seconds_bucket{route="/api/v1/lineage/graph",le="0.5"}': "0+1x1600",
        'nexus_http_request_seconds_bucket{route="/api/v1/lineage/graph",le="1.0"}': "0+10x1600",
        'nexus_http_request_seconds_bucket{route="/api/v1/lineage/graph",le="+Inf"}': "0+10x1600",
    },
    "NexusDeadLetters": {'nexus_eventlog_dead_letters{kind="dead"}': "1x1600"},
    "NexusQuarantineWaits": {'nexus_eventlog_dead_letters{kind="quarantined"}': "1x1600"},
    "NexusParsesStopped": {"nexus_worker_parse_overruns_total": "0+1x1600"},
    "NexusClassesStandStill": {"nexus_worker_classes_failed_total": "0+1x1600"},
    "NexusAuditBroken": {"nexus_audit_broken": "1x1600"},
    "NexusAuditUnsigned": {
        "nexus_audit_checkpoint_time_seconds": "1x1600",
        "nexus_audit_signing_waits_total": "0+1x1600",
    },
    "NexusWitnessLags": {"nexus_audit_lagging_witnesses": "1x1600"},
    "NexusBreakGlass": {'nexus_break_glass_total{state="granted"}': "0+1x1600"},
    "NexusSpoolOld": {'nexus_spool_oldest_seconds{instance="a"}': "901x1600"},
    "NexusSpoolRejects": {'nexus_spool_rejected_events{instance="a"}': "1x1600"},
    "NexusHarvestOverdue": {"nexus_harvest_overdue_sources": "1x1600"},
    "NexusProxyBlind": {'nexus_proxy_lease_age_seconds{instance="a"}': "5x1600"},
}
WELL = {
    OBJECTIVE % "2xx": "0+10000x1600",
    OBJECTIVE % "5xx": "0+1x1600",
    'up{job="lineage-nexus",component="worker",instance="a"}': "1x1600",
    "nexus_eventlog_oldest_pending_seconds": "2x1600",
    "nexus_eventlog_lag_events": "100x1600",
    'nexus_worker_partitions{worker="a"}': "64x1600",
    'nexus_event_latency_seconds_bucket{le="60"}': "0+10x1600",
    'nexus_event_latency_seconds_bucket{le="+Inf"}': "0+10x1600",
    'nexus_eventlog_dead_letters{kind="dead"}': "0x1600",
    "nexus_audit_broken": "0x1600",
    "nexus_audit_checkpoint_time_seconds": "1x1600",  # nothing happened since, and signing works
    "nexus_audit_signing_waits_total": "0x1600",
    'nexus_spool_oldest_seconds{instance="a"}': "10x1600",
    "nexus_harvest_overdue_sources": "0x1600",
}


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = services.program("promtool", "apt install prometheus")
    return subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, timeout=120)


def tried(folder: Path, *cases: tuple[dict[str, str], list[str]]) -> subprocess.CompletedProcess[str]:
    """Let promtool evaluate alerts on series for a day and two hours, where none is expected to fire."""
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": each, "values": values} for each, values in given.items()],
            "alert_rule_test": [{"eval_time": "26h", "alertname": name, "exp_alerts": []} for name in alerts],
        }
        for given, alerts in cases
    ]
    file = folder / "rules_test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "30m", "tests": tests}))
    return promtool("test", "rules", file)


def test_rules_are_well_formed_and_every_alert_is_tried() -> None:
    assert promtool("check", "rules", RULES).returncode == 0
    assert list(FIRING) == re.findall(r"alert: (\w+)", RULES.read_text())


def test_the_compose_file_configures_prometheus() -> None:
    configured = helm.CHART.parents[1] / "docker" / "prometheus" / "prometheus.yaml"
    done = promtool("check", "config", "--syntax-only", configured)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_fires_while_all_is_well(tmp_path: Path) -> None:
    done = tried(tmp_path, (WELL, list(FIRING)))
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_on_its_fault(tmp_path: Path) -> None:
    """promtool tells the alerts that fire where none are expected, with their labels and texts."""
    done = tried(tmp_path, *((given, [name]) for name, given in FIRING.items()))
    told = done.stdout + done.stderr
    assert [name for name in FIRING if f'alertname="{name}"' not in told] == []
    assert "<error" not in told


def test_queries_of_dashboards_are_well_formed(tmp_path: Path) -> None:
    queries = {
        target["expr"].replace("$__rate_interval", "5m")
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    }
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(sorted(queries))]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stderr


def test_dashboards_are_what_their_tool_writes() -> None:
    tool = helm.CHART.parents[1] / "tools" / "dashboards.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
