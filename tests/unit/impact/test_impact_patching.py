"""Statements mended after a change: each is tried, and makes the same columns as before."""

from __future__ import annotations

import asyncio

import pytest

from nexus_core.impact.simulating import simulate
from nexus_core.model.impact import Change, ChangeKind, Estate, Outcome, Statement
from nexus_core.model.names import DatasetName, JobName
from tests.reading_directly import Direct

_SCHEMAS = {
    "orders": {"id": "integer", "customer_id": "integer", "amount": "numeric(10,2)", "note": "text"},
    "archive": {"id": "integer", "customer_id": "integer", "amount": "numeric(10,2)", "note": "text"},
}


def _change(kind: ChangeKind, table: str, field: str = "", to: str = "") -> Change:
    return Change(kind, DatasetName("db", f"shop.{table}"), field, to)


_RENAME = _change(ChangeKind.RENAME_FIELD, "orders", "amount", "value")
_RENAME_TABLE = _change(ChangeKind.RENAME_DATASET, "orders", to="purchases")
_TO_TEXT = _change(ChangeKind.RETYPE_FIELD, "orders", "amount", "text")
_ADD = _change(ChangeKind.ADD_FIELD, "orders", "extra", "integer")
_DROP_TARGET = _change(ChangeKind.DROP_FIELD, "archive", "amount")
_DROP = _change(ChangeKind.DROP_FIELD, "orders", "amount")


def _outcome(change: Change, sql: str) -> Outcome:
    schemas = {DatasetName("db", f"shop.{name}"): columns for name, columns in _SCHEMAS.items()}
    asked = Statement(JobName("db", "asked"), sql, "postgres", frozenset(schemas), frozenset(), None, "shop")
    (found,) = asyncio.run(simulate(Estate(schemas, (asked,)), [change], Direct()))
    return found


@pytest.mark.parametrize(
    ("change", "sql", "patch"),
    [
        (
            _RENAME,
            "SELECT o.amount, sum(amount) AS s FROM orders o GROUP BY o.amount ORDER BY amount",
            "SELECT o.value AS amount, sum(value) AS s FROM orders o GROUP BY o.value ORDER BY amount",
        ),
        (_RENAME_TABLE, "SELECT orders.id FROM shop.orders", "SELECT orders.id FROM shop.purchases AS orders"),
        (
            _TO_TEXT,
            "SELECT o.amount, amount * 2 AS twice FROM orders o WHERE amount > 5",
            (
                "SELECT CAST(o.amount AS numeric(10,2)) AS amount, CAST(amount AS numeric(10,2)) * 2 AS twice "
                "FROM orders o WHERE CAST(amount AS numeric(10,2)) > 5"
            ),
        ),
        (
            _TO_TEXT,
            "UPDATE orders SET amount = amount * 2",
            "UPDATE orders SET amount = CAST(amount AS numeric(10,2)) * 2",
        ),
        (
            _ADD,
            "INSERT INTO archive SELECT * FROM orders WHERE id > 3",
            "INSERT INTO archive SELECT id, customer_id, amount, note FROM orders WHERE id > 3",
        ),
        (_ADD, "SELECT * FROM shop.orders", "SELECT id, customer_id, amount, note FROM shop.orders"),
        (
            _ADD,
            "SELECT o.*, a.note AS was FROM orders AS o JOIN archive a USING (id)",
            "SELECT o.id, o.customer_id, o.amount, o.note, a.note AS was FROM orders AS o JOIN archive a USING (id)",
        ),
        (
            _DROP_TARGET,
            "INSERT INTO archive (amount, id, note) SELECT amount * 2, id, note FROM orders",
            "INSERT INTO archive (id, note) SELECT id, note FROM orders",
        ),
        (
            _DROP_TARGET,
            "INSERT INTO archive (id, amount) VALUES (1, 2), (3, round(4.5, 1))",
            "INSERT INTO archive (id) VALUES (1), (3)",
        ),
    ],
)
def test_a_statement_is_mended(change: Change, sql: str, patch: str) -> None:
    assert _outcome(change, sql).patch == patch


@pytest.mark.parametrize(
    ("change", "sql"),
    [
        (_DROP, "SELECT amount FROM orders"),
        (_DROP, "INSERT INTO archive (id, amount) SELECT id, amount FROM orders"),
        (_ADD, "SELECT * FROM orders, archive"),
        (_DROP_TARGET, "INSERT INTO archive (id, amount) SELECT id, amount FROM orders UNION SELECT 1, 2"),
    ],
)
def test_no_patch_is_given_where_none_is_certain(change: Change, sql: str) -> None:
    assert _outcome(change, sql).patch == ""
