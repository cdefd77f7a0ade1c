"""What changes do to triggers: their columns, their conditions, and the rows NEW and OLD of their functions."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, ChangeKind, Estate, Outcome, Statement
from nexus_core.model.names import JobName
from tests.reading_directly import Direct
from tests.unit.impact.test_impact_routines import _DROP, _RENAME, _SCHEMAS, _TO_TEXT, _dataset, _outcome

_FUNCTION = "CREATE FUNCTION shop.watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$;\n"
_TRIGGER = "CREATE TRIGGER watches {when} ON shop.orders FOR EACH ROW {condition}EXECUTE FUNCTION shop.watch()"


def _postgresql(body: str = "", when: str = "BEFORE INSERT OR UPDATE", condition: str = "") -> str:
    return _FUNCTION.format(body=body) + _TRIGGER.format(when=when, condition=condition)


_NOTE = Change(ChangeKind.DROP_FIELD, _dataset("orders"), "note")
_GONE = Change(ChangeKind.DROP_DATASET, _dataset("orders"))
_TOTAL = Change(ChangeKind.RENAME_FIELD, _dataset("totals"), "total", "summed")
_LOG = "INSERT INTO totals (customer_id, total) VALUES (NEW.customer_id, NEW.amount);"


@pytest.mark.parametrize(
    ("change", "sql", "verdict"),
    [
        (_DROP, _postgresql(_LOG), ("breaks", "unknown_column")),
        (_RENAME, _postgresql(_LOG), ("breaks", "unknown_column")),
        (_NOTE, _postgresql(_LOG), ("safe", "unaffected")),
        (_TOTAL, _postgresql(_LOG), ("breaks", "unknown_column")),
        (_GONE, _postgresql(), ("breaks", "unknown_table")),
        (_DROP, _postgresql("NEW.amount := 0;"), ("breaks", "unknown_column")),
        (_DROP, _postgresql("NEW.note := 'x';"), ("safe", "unaffected")),
        (_TO_TEXT, _postgresql("IF NEW.amount > 5 THEN NEW.note := 'x'; END IF;"), ("breaks", "no_operator")),
        (_TO_TEXT, _postgresql("INSERT INTO totals (total) VALUES (NEW.amount);"), ("breaks", "no_assignment")),
        (_DROP, _postgresql(when="AFTER UPDATE OF amount, note"), ("breaks", "unknown_column")),
        (_DROP, _postgresql(when="AFTER UPDATE OF note"), ("safe", "unaffected")),
        (_DROP, _postgresql(when="AFTER UPDATE", condition="WHEN (OLD.amount <> 0) "), ("breaks", "unknown_column")),
        (
            _DROP,
            _postgresql("INSERT INTO totals (total) SELECT amount FROM added;").replace(
                "FOR EACH ROW ", "REFERENCING NEW TABLE AS added FOR EACH STATEMENT "
            ),
            ("breaks", "unknown_column"),
        ),
    ],
)
def test_triggers_of_postgresql(change: Change, sql: str, verdict: tuple[str, str]) -> None:
    found = _outcome(change, sql)
    assert (found.verdict.value, found.reason.code) == verdict, found.reason


@pytest.mark.parametrize(
    ("change", "body", "verdict"),
    [
        (_DROP, "INSERT INTO totals (customer_id, total) VALUES (NEW.customer_id, NEW.amount)", "breaks"),
        (_NOTE, "INSERT INTO totals (customer_id, total) VALUES (NEW.customer_id, NEW.amount)", "safe"),
        (_DROP, "BEGIN IF NEW.note IS NULL THEN SET NEW.amount = 0; END IF; END", "breaks"),
        (_DROP, "SET NEW.note = 'x'", "safe"),
        (_TO_TEXT, "INSERT INTO totals (total) VALUES (NEW.amount * 2)", "changes"),
    ],
)
def test_triggers_of_mysql(change: Change, body: str, verdict: str) -> None:
    found = _outcome(change, f"CREATE TRIGGER watches BEFORE INSERT ON shop.orders FOR EACH ROW {body}", "mysql")
    assert found.verdict.value == verdict, found.reason


def test_the_place_and_the_patch_of_a_triggers_field() -> None:
    sql = _postgresql(_LOG)
    found = _outcome(_RENAME, sql)
    assert sql[found.start : found.end] == "NEW.amount"
    assert found.patch == sql.replace("NEW.amount", "NEW.value")


def _job(name: str, sql: str, *writes: str) -> Statement:
    reads, written = frozenset({_dataset("orders")}), frozenset(map(_dataset, writes))
    return Statement(JobName("db", name), sql, "postgres", reads, written, None, "shop")


def _beside(trigger: str, *jobs: Statement) -> dict[str, Outcome]:
    schemas = {_dataset(name): columns for name, columns in (_SCHEMAS | {"notes": {"id": "integer"}}).items()}
    estate = Estate(schemas, (_job("trigger", trigger, "totals"), *jobs))
    return {each.id: each for each in asyncio.run(simulate(estate, [_TOTAL], Direct()))}


@pytest.mark.parametrize(
    ("when", "sql", "verdict"),
    [
        ("AFTER INSERT", "INSERT INTO orders (id) VALUES (1)", "breaks"),
        ("AFTER INSERT", "UPDATE orders SET note = 'x'", None),
        (
            "AFTER INSERT",
            "MERGE INTO orders o USING notes n ON o.id = n.id WHEN NOT MATCHED THEN INSERT (id) VALUES (n.id)",
            "breaks",
        ),
        (
            "AFTER UPDATE",
            "MERGE INTO orders o USING notes n ON o.id = n.id WHEN NOT MATCHED THEN INSERT (id) VALUES (n.id)",
            None,
        ),
        ("AFTER UPDATE", "INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x'", "breaks"),
        ("AFTER UPDATE OF note", "UPDATE orders o SET note = 'x' WHERE o.id = 1", "breaks"),
        ("AFTER UPDATE OF note OR DELETE", "UPDATE orders SET day = NULL", None),
        ("AFTER UPDATE OF note OR DELETE", "DELETE FROM orders WHERE id = 1", "breaks"),
        ("AFTER DELETE", "DO $$ BEGIN DELETE FROM shop.orders WHERE id = 1; END $$", "breaks"),
    ],
)
def test_what_runs_a_trigger_that_breaks(when: str, sql: str, verdict: str | None) -> None:
    outcomes = _beside(_postgresql(_LOG, when=when), _job("writer", sql, "orders"))
    found = outcomes.get(JobName("db", "writer").id)
    assert outcomes[JobName("db", "trigger").id].reason.code == "unknown_column"
    assert (found.verdict.value if found and found.verdict.value != "safe" else None) == verdict
    if found is not None and verdict:
        assert found.reason.code == "trigger_breaks"
        assert found.path == (_dataset("totals").id, JobName("db", "trigger").id, found.id)


def test_a_trigger_breaks_those_that_run_it_and_these_theirs() -> None:
    inner = _FUNCTION.format(body="UPDATE orders SET note = 'x';") + (
        "CREATE TRIGGER second AFTER INSERT ON shop.notes FOR EACH ROW EXECUTE FUNCTION shop.watch()"
    )
    outer = _job("writer", "INSERT INTO notes VALUES (1)", "notes")
    second = _job("second", inner, "orders")
    second = replace(second, reads=second.reads | {_dataset("notes")})
    found = _beside(_postgresql(_LOG, when="BEFORE UPDATE"), outer, second)
    assert {name: each.reason.code for name, each in found.items()} == {
        JobName("db", "trigger").id: "unknown_column",
        JobName("db", "second").id: "trigger_breaks",
        JobName("db", "writer").id: "trigger_breaks",
    }


def test_a_condition_that_would_not_be_made_again_breaks_no_writer() -> None:
    trigger = _postgresql(when="AFTER INSERT", condition="WHEN (NEW.amount > 0) ")
    schemas = {_dataset(name): columns for name, columns in _SCHEMAS.items()}
    jobs = (_job("trigger", trigger), _job("writer", "INSERT INTO orders (id) VALUES (1)", "orders"))
    outcomes = {each.id: each for each in asyncio.run(simulate(Estate(schemas, jobs), [_RENAME], Direct()))}
    assert outcomes[JobName("db", "trigger").id].verdict.value == "breaks"
    assert outcomes[JobName("db", "writer").id].verdict.value == "safe"
