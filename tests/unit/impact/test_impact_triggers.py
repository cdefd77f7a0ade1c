"""What changes do to triggers: their columns, their conditions, and the rows NEW and OLD of their functions."""

from __future__ import annotations

import pytest

from nexus_core.model.impact import Change, ChangeKind
from tests.unit.impact.test_impact_routines import _DROP, _RENAME, _TO_TEXT, _dataset, _outcome

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
