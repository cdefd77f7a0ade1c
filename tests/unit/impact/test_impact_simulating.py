"""What changes do to the statements of a small shop, one rule each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from nexus_core.errors import InvalidInputError
from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, ChangeKind, Estate, FieldLink, Outcome, Statement, Verdict
from nexus_core.model.names import DatasetName, JobName
from tests.reading_directly import Direct

_SCHEMAS = {
    "orders": {"id": "integer", "customer_id": "integer", "amount": "numeric(10,2)", "day": "date", "note": "text"},
    "customers": {"id": "integer", "name": "varchar(40)", "active": "boolean"},
    "archive": {"id": "integer", "customer_id": "integer", "amount": "numeric(10,2)", "day": "date", "note": "text"},
    "totals": {"customer_id": "integer", "total": "numeric"},
}


def _dataset(name: str) -> DatasetName:
    return DatasetName("postgres://db", f"shop.public.{name}")


def _statement(name: str, sql: str, reads: str, writes: str = "", *, view: bool = False) -> Statement:
    return Statement(
        JobName("postgres://db", f"shop.public.{name}"),
        sql,
        "postgres",
        frozenset(map(_dataset, reads.split())),
        frozenset({_dataset(name)}) if view else frozenset(map(_dataset, writes.split())),
        "shop",
        "public",
        _dataset(name) if view else None,
    )


def _outcomes(changes: Sequence[Change], *statements: Statement, links: Sequence[FieldLink] = ()) -> dict[str, Outcome]:
    schemas = {_dataset(name): columns for name, columns in _SCHEMAS.items()}
    estate = Estate(schemas, statements, tuple(links))
    return {each.id.rpartition(".")[2]: each for each in asyncio.run(simulate(estate, changes, Direct()))}


def _change(kind: ChangeKind, table: str, field: str = "", to: str = "", sql: str = "") -> Change:
    return Change(kind, _dataset(table), field, to, sql)


def _verdict(change: Change, sql: str, reads: str = "orders customers archive", writes: str = "") -> tuple[str, str]:
    found = _outcomes([change], _statement("asked", sql, reads, writes))["asked"]
    return found.verdict.value, found.reason.code


_DROP = _change(ChangeKind.DROP_FIELD, "orders", "customer_id")
_TO_TEXT = _change(ChangeKind.RETYPE_FIELD, "orders", "amount", "text")


@pytest.mark.parametrize(
    ("change", "sql", "verdict"),
    [
        (_DROP, "SELECT customer_id FROM orders", ("breaks", "unknown_column")),
        (_DROP, "SELECT id FROM orders", ("safe", "unaffected")),
        (_DROP, "SELECT * FROM orders", ("changes", "columns_change")),
        (_DROP, "SELECT id FROM orders UNION ALL SELECT id FROM customers", ("safe", "unaffected")),
        (_DROP, "SELECT o.* FROM orders o UNION ALL SELECT * FROM archive", ("breaks", "column_count")),
        (
            _change(ChangeKind.RENAME_FIELD, "customers", "name", "note"),
            "SELECT note FROM orders, customers",
            ("breaks", "ambiguous_column"),
        ),
        (
            _change(ChangeKind.DROP_FIELD, "customers", "id"),
            "SELECT name FROM customers WHERE EXISTS (SELECT 1 FROM orders o WHERE o.id = id)",
            ("safe", "unaffected"),
        ),
        (
            _change(ChangeKind.DROP_FIELD, "orders", "id"),
            "SELECT name FROM customers WHERE id IN (SELECT id FROM orders)",
            ("changes", "means_other_column"),
        ),
        (
            _change(ChangeKind.DROP_FIELD, "orders", "id"),
            "SELECT name FROM customers WHERE id >= (SELECT min(id) FROM orders)",
            ("breaks", "aggregate_outside"),
        ),
        (
            _change(ChangeKind.ADD_FIELD, "customers", "initial", "text"),
            "SELECT left(name, 1) AS initial, count(*) FROM customers GROUP BY initial",
            ("breaks", "ungrouped_column"),
        ),
        (
            _change(ChangeKind.ADD_FIELD, "orders", "initial", "text"),
            "SELECT c.name, upper(name) AS u, max(o.amount) FROM orders o JOIN customers c USING (id) GROUP BY name, 2",
            ("safe", "unaffected"),
        ),
        (_TO_TEXT, "SELECT amount * 2 AS twice FROM orders", ("breaks", "no_operator")),
        (_TO_TEXT, "SELECT sum(amount) FROM orders", ("breaks", "no_function")),
        (_TO_TEXT, "SELECT coalesce(amount, 0) FROM orders", ("breaks", "no_common_type")),
        (_TO_TEXT, "SELECT amount FROM orders", ("changes", "types_change")),
        (_TO_TEXT, "SELECT id FROM orders WHERE amount > 5", ("breaks", "no_operator")),
        (_TO_TEXT, "SELECT id FROM orders WHERE amount IS NOT NULL", ("changes", "type_used_changes")),
        (
            _change(ChangeKind.RETYPE_FIELD, "orders", "id", "bigint"),
            "SELECT note FROM orders WHERE id = 5",
            ("safe", "unaffected"),
        ),
        (
            _change(ChangeKind.RETYPE_FIELD, "orders", "note", "integer"),
            "SELECT id FROM orders WHERE note = 'x'",
            ("breaks", "invalid_constant"),
        ),
        (
            _change(ChangeKind.RETYPE_FIELD, "customers", "active", "integer"),
            "SELECT id FROM customers WHERE active",
            ("breaks", "not_boolean"),
        ),
        (
            _change(ChangeKind.ADD_FIELD, "customers", "note", "text"),
            "SELECT count(*) FROM orders NATURAL JOIN customers",
            ("changes", "natural_join"),
        ),
        (
            _change(ChangeKind.ADD_FIELD, "customers", "note", "text"),
            "SELECT note FROM orders o JOIN customers c ON o.customer_id = c.id",
            ("breaks", "ambiguous_column"),
        ),
        (
            _change(ChangeKind.SET_NOT_NULL, "orders", "note"),
            "SELECT id FROM orders WHERE note IS NULL",
            ("changes", "filter_always_false"),
        ),
        (
            _change(ChangeKind.SET_NOT_NULL, "orders", "note"),
            "SELECT id FROM orders WHERE note IS NOT NULL",
            ("safe", "unaffected"),
        ),
        (_change(ChangeKind.DROP_DATASET, "customers"), "SELECT 1 FROM customers", ("breaks", "unknown_table")),
        (
            _change(ChangeKind.RENAME_DATASET, "customers", to="clients"),
            "SELECT id FROM orders",
            ("safe", "unaffected"),
        ),
    ],
)
def test_a_query_is_judged_as_postgresql_would(change: Change, sql: str, verdict: tuple[str, str]) -> None:
    assert _verdict(change, sql) == verdict


@pytest.mark.parametrize(
    ("change", "sql", "verdict"),
    [
        (
            _change(ChangeKind.DROP_FIELD, "archive", "note"),
            "INSERT INTO archive SELECT * FROM orders",
            ("breaks", "column_count"),
        ),
        (
            _change(ChangeKind.DROP_FIELD, "orders", "customer_id"),
            "INSERT INTO archive SELECT * FROM orders",
            ("breaks", "no_assignment"),
        ),
        (
            _change(ChangeKind.RETYPE_FIELD, "archive", "amount", "integer"),
            "INSERT INTO archive (id, amount) SELECT id, amount FROM orders",
            ("changes", "lossy_cast"),
        ),
        (
            _change(ChangeKind.SET_NOT_NULL, "archive", "note"),
            "INSERT INTO archive (id, amount) SELECT id, amount FROM orders",
            ("breaks", "not_null"),
        ),
        (
            _change(ChangeKind.SET_NOT_NULL, "archive", "note"),
            "INSERT INTO archive (id, note) SELECT id, note FROM orders",
            ("unknown", "null_possible"),
        ),
        (
            _change(ChangeKind.RENAME_FIELD, "archive", "note", "remark"),
            "UPDATE archive SET note = 'x'",
            ("breaks", "unknown_column"),
        ),
    ],
)
def test_what_writes_to_a_changed_table_is_judged(change: Change, sql: str, verdict: tuple[str, str]) -> None:
    assert _verdict(change, sql, "orders", "archive") == verdict


def test_a_view_that_breaks_takes_along_what_stands_on_it() -> None:
    view = _statement("spent", "CREATE VIEW spent AS SELECT customer_id, amount FROM orders", "orders", view=True)
    upper = _statement("most", "CREATE VIEW most AS SELECT max(amount) AS m FROM spent", "spent", view=True)
    reader = _statement("job", "INSERT INTO totals SELECT 1, m FROM most", "most", "totals")
    found = _outcomes([_DROP], view, upper, reader)
    assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(
        ("spent", "most", "job"), Verdict.BREAKS
    )
    assert found["job"].path == (
        _dataset("orders").id,
        _dataset("spent").id,
        _dataset("most").id,
        "job:postgres://db:shop.public.job",
    )


def test_a_view_hands_on_its_new_columns_only() -> None:
    view = _statement("all_of", "CREATE VIEW all_of AS SELECT * FROM orders", "orders", view=True)
    named = _statement("named", "SELECT amount FROM all_of", "all_of")
    lost = _statement("lost", "SELECT customer_id FROM all_of", "all_of")
    found = _outcomes([_DROP], view, named, lost)
    verdicts = {name: each.verdict for name, each in found.items()}
    assert verdicts == {"all_of": Verdict.CHANGES, "named": Verdict.SAFE, "lost": Verdict.BREAKS}


def test_what_a_failing_job_fills_is_no_longer_refreshed() -> None:
    job = _statement("fill", "INSERT INTO totals SELECT customer_id, amount FROM orders", "orders", "totals")
    view = _statement("shown", "CREATE VIEW shown AS SELECT total FROM totals", "totals", view=True)
    found = _outcomes([_DROP], job, view)
    assert (found["shown"].verdict, found["shown"].reason.code) == (Verdict.CHANGES, "stale_source")


def test_a_view_with_another_text_breaks_who_reads_what_it_lost() -> None:
    view = _statement("spent", "CREATE VIEW spent AS SELECT id, amount FROM orders", "orders", view=True)
    change = _change(ChangeKind.REPLACE_SQL, "spent", sql="CREATE VIEW spent AS SELECT id FROM orders")
    found = _outcomes([change], view, _statement("asked", "SELECT amount FROM spent", "spent"))
    assert found["spent"].verdict is Verdict.CHANGES
    assert found["asked"].verdict is Verdict.BREAKS


def test_a_rename_mended_by_another_change_breaks_nothing() -> None:
    view = _statement("spent", "CREATE VIEW spent AS SELECT id, amount FROM orders", "orders", view=True)
    mended = "CREATE VIEW spent AS SELECT id, value AS amount FROM orders"
    changes = [
        _change(ChangeKind.RENAME_FIELD, "orders", "amount", "value"),
        _change(ChangeKind.REPLACE_SQL, "spent", sql=mended),
    ]
    found = _outcomes(changes, view, _statement("asked", "SELECT amount FROM spent", "spent"))
    assert found["spent"].reason.code == "replaced"
    assert "asked" not in found


def test_a_procedure_breaks_with_the_column_that_it_names() -> None:
    body = (
        "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO totals SELECT customer_id, sum(amount) FROM orders GROUP BY customer_id; END $$"
    )
    procedure = _statement("fill", body, "orders", "totals")
    assert _outcomes([_DROP], procedure)["fill"].verdict is Verdict.BREAKS
    other = _change(ChangeKind.DROP_FIELD, "orders", "note")
    assert _outcomes([other], procedure)["fill"].verdict is Verdict.SAFE
    retyped = _outcomes([_TO_TEXT], procedure)["fill"]
    assert (retyped.verdict, retyped.reason.code) == (Verdict.BREAKS, "no_assignment")


def test_dashboards_follow_the_lineage_of_fields() -> None:
    links = [
        FieldLink(_dataset("orders"), "customer_id", _dataset("sheet"), "Customer"),
        FieldLink(_dataset("sheet"), "Customer", _dataset("board"), "Customer"),
        FieldLink(_dataset("orders"), "", _dataset("consumer"), ""),
    ]
    found = _outcomes([_DROP], links=links)
    assert (found["sheet"].verdict, found["consumer"].verdict) == (Verdict.BREAKS, Verdict.UNKNOWN)


def test_statements_in_a_cycle_come_to_an_end() -> None:
    one = _statement("one", "INSERT INTO archive SELECT * FROM totals", "totals", "archive")
    other = _statement("other", "INSERT INTO totals SELECT customer_id, amount FROM archive", "archive", "totals")
    change = _change(ChangeKind.DROP_FIELD, "archive", "amount")
    assert _outcomes([change], one, other)["other"].verdict is Verdict.BREAKS


@pytest.mark.parametrize(
    "change",
    [
        _change(ChangeKind.DROP_FIELD, "orders", "nothing"),
        _change(ChangeKind.DROP_FIELD, "orders"),
        _change(ChangeKind.RENAME_FIELD, "orders", "id"),
        _change(ChangeKind.ADD_FIELD, "orders", "id", "text"),
        _change(ChangeKind.REPLACE_SQL, "orders"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(change: Change) -> None:
    with pytest.raises(InvalidInputError):
        _outcomes([change])


def test_fields_of_structs_are_columns_of_their_own() -> None:
    table = DatasetName("bigquery", "shop.core.people")
    schema = {"id": "INT64", "address": "STRUCT", "address.city": "STRING", "address.zip": "STRING", "raw": "JSON"}
    sql = "SELECT p.address.city, address.zip, p.raw.any FROM core.people p"
    asked = Statement(JobName("bigquery", "asked"), sql, "bigquery", frozenset({table}), frozenset())
    whole = Statement(
        JobName("bigquery", "whole"), "SELECT * FROM core.people", "bigquery", frozenset({table}), frozenset()
    )

    def verdicts(change: Change) -> list[tuple[str, str]]:
        found = asyncio.run(simulate(Estate({table: schema}, (asked, whole)), [change], Direct()))
        return sorted((each.id.rpartition(":")[2], each.verdict.value) for each in found)

    assert verdicts(Change(ChangeKind.DROP_FIELD, table, "address.city")) == [("asked", "breaks"), ("whole", "safe")]
    assert verdicts(Change(ChangeKind.DROP_FIELD, table, "id")) == [("asked", "safe"), ("whole", "changes")]
    assert verdicts(Change(ChangeKind.DROP_FIELD, table, "raw")) == [("asked", "breaks"), ("whole", "changes")]
