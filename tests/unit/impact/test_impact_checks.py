"""What changes do to quality checks."""

from __future__ import annotations

import asyncio

from nexus_core.impact.checked import judged_checks, touched
from nexus_core.impact.simulating import simulated
from nexus_core.model.edge import node_key
from nexus_core.model.impact import Change, ChangeKind, Estate
from nexus_core.model.names import DatasetName
from nexus_core.model.quality import Finding
from tests.reading_directly import Direct

_ORDERS = DatasetName("postgres://db", "shop.public.orders")


def _check(key: str, field: str) -> Finding:
    return Finding(
        check_key=key,
        dataset_key=node_key(_ORDERS.id),
        namespace=_ORDERS.namespace,
        name=_ORDERS.name,
        field=field,
        assertion="not_null",
        title="",
        severity="error",
        tool="ours",
        job_namespace="airflow",
        job_name="checks",
        run_key="",
        passed=True,
        measured=None,
        at=0,
        event_id="",
    )


def _judged(change: Change) -> dict[str, tuple[str, str]]:
    estate = Estate({_ORDERS: {"id": "integer", "note": "text"}})
    done = asyncio.run(simulated(estate, [change], Direct()))
    assert list(touched(done).values()) == [_ORDERS]
    found = judged_checks(done, [_check("whole", ""), _check("id", "id"), _check("note", "note")])
    return {each.id: (each.verdict.value, each.reason.code) for each in found}


def test_a_check_breaks_with_its_field() -> None:
    assert _judged(Change(ChangeKind.DROP_FIELD, _ORDERS, "note")) == {
        "check:whole": ("unknown", "no_statement"),
        "check:id": ("safe", "unaffected"),
        "check:note": ("breaks", "unknown_column"),
    }
    assert _judged(Change(ChangeKind.RETYPE_FIELD, _ORDERS, "id", "text"))["check:id"] == (
        "changes",
        "type_used_changes",
    )


def test_checks_break_with_their_dataset() -> None:
    assert set(_judged(Change(ChangeKind.DROP_DATASET, _ORDERS)).values()) == {("breaks", "unknown_table")}
