"""Every figure is documented, and rules and dashboards use only figures that there are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from prometheus_client import REGISTRY

from nexus_core.api.metrics import HarvestCollector, WorkCollector
from nexus_core.eventlog.log import Backlog
from nexus_core.spool.figures import figures_of
from nexus_core.spool.folder import SpoolState
from nexus_core.store.ledger_lease import Member

ROOT = Path(__file__).parents[2]
SHOWING = (
    "nexus_core.api.traffic",
    "nexus_core.governance.audit_figures",
    "nexus_core.governance.intake",
    "nexus_core.governance.requests",
    "nexus_core.proxy.figures",
    "nexus_core.worker.figures",
)
RECORDED = r"nexus:\w+:\w+"


def figures() -> set[str]:
    """The names of all figures of ours."""
    now = datetime.now(UTC)
    for name in SHOWING:
        import_module(name)
    work = WorkCollector(Backlog({0: 1}, now, 1, 1), [Member("w", True, 1, 1)], 0)
    families = [
        *REGISTRY.collect(),
        *work.collect(),
        *HarvestCollector([now], timedelta(hours=1)).collect(),
        *figures_of(SpoolState(0, 0, 0, None), now),
    ]
    return {
        f"{each.name}_total" if each.type == "counter" else each.name
        for each in families
        if each.name.startswith("nexus_")
    }


def used(text: str) -> set[str]:
    names = re.findall(r"\bnexus_\w+", text)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def test_the_docs_list_every_figure() -> None:
    documented = re.findall(r"^\| `(nexus_\w+)", (ROOT / "docs" / "monitoring.md").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(figures())


def test_rules_and_dashboards_use_figures_that_there_are() -> None:
    files = [*(ROOT / "charts" / "lineage-nexus").glob("rules/*.yaml"), *(ROOT / "charts").rglob("dashboards/*.json")]
    for path in files:
        assert used(path.read_text()) <= figures(), path.name


def test_every_alert_has_its_runbook() -> None:
    rules = (ROOT / "charts" / "lineage-nexus" / "rules" / "lineage-nexus.yaml").read_text()
    runbooks = (ROOT / "docs" / "runbooks.md").read_text()
    alerts = re.findall(r"alert: (\w+)", rules)
    assert alerts == re.findall(r"^## (Nexus\w+)$", runbooks, re.MULTILINE)
    assert re.findall(r"runbook: docs/runbooks.md#(\w+)", rules) == [name.lower() for name in alerts]
