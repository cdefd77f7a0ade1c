"""What changes do to routines: their statements, and the variables that these name."""

from __future__ import annotations

import asyncio

import pytest

from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, ChangeKind, Estate, Outcome, Statement
from nexus_core.model.names import DatasetName, JobName
from tests.reading_directly import Direct

_SCHEMAS = {
    "orders": {"id": "integer", "customer_id": "integer", "amount": "numeric(10,2)", "day": "date", "note": "text"},
    "totals": {"customer_id": "integer", "total": "numeric"},
}


def _dataset(name: str) -> DatasetName:
    return DatasetName("db", f"shop.{name}")


def _outcome(change: Change, sql: str, dialect: str = "postgres") -> Outcome:
    schemas = {_dataset(name): columns for name, columns in _SCHEMAS.items()}
    names = frozenset(schemas)
    asked = Statement(JobName("db", "asked"), sql, dialect, names, frozenset(), None, "shop")
    (found,) = asyncio.run(simulate(Estate(schemas, (asked,)), [change], Direct()))
    return found


def _plpgsql(body: str) -> str:
    return f"CREATE PROCEDURE asked(least integer) LANGUAGE plpgsql AS $$ {body} $$"


_DROP = Change(ChangeKind.DROP_FIELD, _dataset("orders"), "amount")
_RENAME = Change(ChangeKind.RENAME_FIELD, _dataset("orders"), "amount", "value")
_TO_TEXT = Change(ChangeKind.RETYPE_FIELD, _dataset("orders"), "amount", "text")
_TO_DATE = Change(ChangeKind.RETYPE_FIELD, _dataset("orders"), "id", "date")


@pytest.mark.parametrize(
    ("change", "body", "verdict"),
    [
        (_DROP, "BEGIN PERFORM id FROM orders WHERE id > least; END", ("safe", "unaffected")),
        (_DROP, "DECLARE v orders.amount%TYPE; BEGIN NULL; END", ("breaks", "unknown_column")),
        (_DROP, "DECLARE r orders%ROWTYPE; BEGIN SELECT * INTO r FROM orders; r.id := 1; END", ("safe", "unaffected")),
        (_DROP, "DECLARE n int; BEGIN SELECT max(amount) INTO n FROM orders; END", ("breaks", "unknown_column")),
        (
            _DROP,
            (
                "DECLARE r record; BEGIN FOR r IN SELECT * FROM orders LOOP "
                "INSERT INTO totals VALUES (r.customer_id, r.amount); END LOOP; END"
            ),
            ("breaks", "unknown_column"),
        ),
        (
            _DROP,
            (
                "DECLARE c CURSOR FOR SELECT id, amount FROM orders; i int; a numeric; "
                "BEGIN OPEN c; FETCH c INTO i, a; CLOSE c; END"
            ),
            ("breaks", "unknown_column"),
        ),
        (_DROP, "BEGIN EXECUTE 'UPDATE orders SET amount = 1'; END", ("breaks", "unknown_column")),
        (_DROP, "BEGIN EXECUTE 'UPDATE orders SET ' || least || ' = 1'; END", ("unknown", "dynamic_sql")),
        (
            Change(ChangeKind.RENAME_FIELD, _dataset("orders"), "note", "least"),
            "BEGIN PERFORM 1 FROM orders WHERE id > least; END",
            ("breaks", "ambiguous_column"),
        ),
        (_TO_TEXT, "DECLARE n numeric; BEGIN n := (SELECT max(amount) FROM orders); END", ("unknown", "?")),
        (
            _TO_TEXT,
            "DECLARE v orders.amount%TYPE; BEGIN SELECT amount INTO v FROM orders; v := v * 2; END",
            ("breaks", "no_operator"),
        ),
        (_TO_TEXT, "DECLARE t text; BEGIN SELECT amount INTO t FROM orders; END", ("changes", "type_used_changes")),
        (_TO_DATE, "DECLARE n int; BEGIN SELECT id INTO n FROM orders; END", ("breaks", "no_assignment")),
        (
            _TO_TEXT,
            "BEGIN IF EXISTS (SELECT 1 FROM orders WHERE amount > 5) THEN NULL; END IF; END",
            ("breaks", "no_operator"),
        ),
        (
            _TO_TEXT,
            (
                "DECLARE n numeric := 0; BEGIN WHILE n < 3 LOOP n := n + 1; END LOOP; "
                "EXCEPTION WHEN others THEN RAISE NOTICE 'n %', n; END"
            ),
            ("safe", "unaffected"),
        ),
    ],
)
def test_plpgsql_is_judged_statement_by_statement(change: Change, body: str, verdict: tuple[str, str]) -> None:
    found = _outcome(change, _plpgsql(body))
    assert (found.verdict.value, found.reason.code if verdict[1] != "?" else "?") == verdict, found.reason


@pytest.mark.parametrize(
    ("change", "body", "verdict"),
    [
        (_DROP, "BEGIN DECLARE amount INT DEFAULT 1; SELECT amount FROM orders; END", "safe"),
        (_DROP, "BEGIN DECLARE n INT; SELECT max(amount) INTO n FROM orders; END", "breaks"),
        (_DROP, "BEGIN DECLARE n INT; SET n = (SELECT sum(amount) FROM orders); END", "breaks"),
        (
            _DROP,
            (
                "BEGIN DECLARE done INT DEFAULT 0; DECLARE c CURSOR FOR SELECT id FROM orders; "
                "DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; OPEN c; CLOSE c; "
                "IF done = 0 THEN DELETE FROM orders WHERE amount < least; END IF; END"
            ),
            "breaks",
        ),
        (_TO_TEXT, "BEGIN DECLARE n INT; SELECT max(amount) INTO n FROM orders; END", "changes"),
        (_DROP, "BEGIN SET @q = CONCAT('SELECT ', least); PREPARE s FROM @q; EXECUTE s; END", "unknown"),
    ],
)
def test_mysql_is_judged_statement_by_statement(change: Change, body: str, verdict: str) -> None:
    found = _outcome(change, f"CREATE PROCEDURE asked(IN least INT) {body}", "mysql")
    assert found.verdict.value == verdict, found.reason


def test_a_function_of_language_sql_prefers_columns_to_parameters() -> None:
    sql = "CREATE FUNCTION asked(amount int) RETURNS bigint LANGUAGE sql AS 'SELECT sum(amount + id) FROM orders'"
    assert _outcome(_DROP, sql).verdict.value == "safe"
    assert _outcome(_TO_TEXT, sql).verdict.value == "breaks"


def test_a_rename_is_patched_inside_of_a_body() -> None:
    sql = _plpgsql("DECLARE v orders.amount%TYPE; BEGIN SELECT amount INTO v FROM orders WHERE amount > least; END")
    found = _outcome(_RENAME, sql)
    assert sql[found.start : found.end] == "orders.amount"
    patched = "DECLARE v orders.value%TYPE; BEGIN SELECT value AS amount INTO v FROM orders WHERE value > least; END"
    assert found.patch == _plpgsql(patched)


_ADD = Change(ChangeKind.ADD_FIELD, _dataset("orders"), "extra", "integer")
_SUM = (
    "INSERT INTO shop.totals (customer_id, total) SELECT customer_id, SUM(amount) FROM shop.orders GROUP BY customer_id"
)


@pytest.mark.parametrize(
    ("change", "body", "verdict"),
    [
        (_DROP, f"{_SUM};", ("breaks", "unknown_column")),
        (_TO_TEXT, f"{_SUM};", ("unknown", "types_not_judged")),
        (_ADD, f"{_SUM};", ("safe", "unaffected")),
        (_DROP, "IF (SELECT max(amount) FROM shop.orders) > 5 {then};", ("unknown", "not_understood")),
        (_TO_TEXT, "IF (SELECT max(amount) FROM shop.orders) > 5 {then};", ("unknown", "not_understood")),
        (_ADD, "IF (SELECT max(amount) FROM shop.orders) > 5 {then};", ("safe", "unaffected")),
        (_TO_TEXT, "UPDATE shop.orders SET amount = 0 WHERE id = 1;", ("unknown", "types_not_judged")),
        (_DROP, "UPDATE shop.orders SET note = 'x' WHERE id = 1;", ("safe", "unaffected")),
        (_ADD, "INSERT INTO shop.orders SELECT 1, 2, 3, NULL, NULL;", ("unknown", "not_understood")),
        (_ADD, "INSERT INTO shop.made SELECT * FROM shop.orders;", ("unknown", "not_understood")),
        (_ADD, "INSERT INTO shop.made (n) SELECT count(*) FROM shop.orders;", ("safe", "unaffected")),
    ],
)
@pytest.mark.parametrize("dialect", ["tsql", "snowflake", "bigquery"])
def test_programs_of_other_dialects_are_never_safe_by_their_lineage_alone(
    change: Change, body: str, verdict: tuple[str, str], dialect: str
) -> None:
    head, then, end = _PROGRAMS[dialect]
    body = body.replace("{then}", then)
    found = _outcome(change, f"{head} {body} {end}", dialect)
    assert (found.verdict.value, found.reason.code) == verdict, found.reason


_PROGRAMS = {
    "tsql": ("CREATE PROCEDURE shop.asked AS BEGIN", "PRINT 'x'", "END"),
    "snowflake": (
        "CREATE PROCEDURE shop.asked() RETURNS INT LANGUAGE SQL AS $$ BEGIN",
        "THEN RETURN 2; END IF",
        "END $$",
    ),
    "bigquery": ("CREATE PROCEDURE shop.asked() BEGIN", "THEN SELECT 1; END IF", "END"),
}
