"""What changes do to TRUNCATE, and to rows that go between tables and files."""

from __future__ import annotations

import pytest

from nexus_core.model.impact import Change, ChangeKind
from tests.unit.impact.test_impact_routines import _DROP, _RENAME, _TO_TEXT, _dataset, _outcome

_ADD = Change(ChangeKind.ADD_FIELD, _dataset("orders"), "extra", "text")
_GONE = Change(ChangeKind.DROP_DATASET, _dataset("orders"))
_MOVED = Change(ChangeKind.RENAME_DATASET, _dataset("orders"), to="sales")
_NOT_NULL = Change(ChangeKind.SET_NOT_NULL, _dataset("orders"), "note")
_TO_BIGINT = Change(ChangeKind.RETYPE_FIELD, _dataset("orders"), "id", "bigint")

_IN = "COPY orders (id, amount) FROM '/in.csv' WITH (FORMAT csv)"
_ALL_IN = "COPY orders FROM '/in.csv' CSV"
_SOME_IN = "COPY orders (id) FROM '/in.csv' WHERE amount > 1"
_OUT, _ALL_OUT = "COPY orders (id, amount) TO '/out.csv'", "COPY shop.orders TO STDOUT"
_QUERY_OUT = "COPY (SELECT o.amount FROM orders o) TO '/out.csv'"
_IN_BODY = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN TRUNCATE orders; COPY orders (amount) FROM '/x'; END $$"


@pytest.mark.parametrize(
    ("change", "sql", "verdict"),
    [
        (_GONE, "TRUNCATE TABLE totals, ONLY orders CASCADE", ("breaks", "unknown_table")),
        (_MOVED, "TRUNCATE orders", ("breaks", "unknown_table")),
        (_DROP, "TRUNCATE orders", ("safe", "unaffected")),
        *((_GONE, sql, ("breaks", "unknown_table")) for sql in (_IN, _ALL_IN, _SOME_IN, _OUT, _ALL_OUT, _QUERY_OUT)),
        *((_DROP, sql, ("breaks", "unknown_column")) for sql in (_IN, _SOME_IN, _OUT, _QUERY_OUT, _IN_BODY)),
        *((_RENAME, sql, ("breaks", "unknown_column")) for sql in (_IN, _SOME_IN, _OUT, _QUERY_OUT, _IN_BODY)),
        *((_ADD, sql, ("safe", "unaffected")) for sql in (_IN, _SOME_IN, _OUT, _QUERY_OUT, _IN_BODY)),
        (_ADD, _ALL_IN, ("unknown", "file_columns")),
        (_DROP, _ALL_IN, ("unknown", "file_columns")),
        (_RENAME, _ALL_IN, ("changes", "by_position")),
        *((change, _ALL_OUT, ("changes", "columns_change")) for change in (_ADD, _DROP, _RENAME)),
        (_TO_TEXT, _IN, ("changes", "implicit_cast")),
        (_TO_TEXT, _SOME_IN, ("breaks", "no_operator")),
        (_TO_TEXT, _OUT, ("changes", "types_change")),
        (_TO_BIGINT, _ALL_IN, ("unknown", "conversion_possible")),
        (_NOT_NULL, _IN, ("breaks", "not_null")),
        (_NOT_NULL, _ALL_IN, ("unknown", "null_possible")),
        (_NOT_NULL, _OUT, ("safe", "unaffected")),
    ],
)
def test_postgresql(change: Change, sql: str, verdict: tuple[str, str]) -> None:
    found = _outcome(change, sql)
    assert (found.verdict.value, found.reason.code) == verdict, found.reason


_LOAD = "LOAD DATA LOCAL INFILE '/in.csv' INTO TABLE orders CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "


@pytest.mark.parametrize(
    ("change", "sql", "verdict"),
    [
        (_GONE, "TRUNCATE orders", ("breaks", "unknown_table")),
        (_DROP, "TRUNCATE orders", ("safe", "unaffected")),
        (_GONE, _LOAD, ("breaks", "unknown_table")),
        (_DROP, _LOAD, ("unknown", "file_columns")),
        (_DROP, f"{_LOAD}(id, amount)", ("breaks", "unknown_column")),
        (_DROP, f"{_LOAD}IGNORE 1 LINES (id, @a) SET amount = @a / 100", ("breaks", "unknown_column")),
        (_RENAME, f"{_LOAD}(id, @a) SET note = concat(amount, @a)", ("breaks", "unknown_column")),
        (_DROP, f"{_LOAD}(id, @a) SET note = @a", ("safe", "unaffected")),
        (_NOT_NULL, f"{_LOAD}(id, @a) SET amount = @a", ("unknown", "null_possible")),
        (_NOT_NULL, f"{_LOAD}(id, @a) SET note = @a", ("unknown", "null_possible")),
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_mysql(change: Change, sql: str, verdict: tuple[str, str], dialect: str) -> None:
    found = _outcome(change, sql, dialect)
    assert (found.verdict.value, found.reason.code) == verdict, found.reason


@pytest.mark.parametrize(
    ("sql", "patch"),
    [
        (_IN, _IN.replace("amount", "value")),
        (_SOME_IN, _SOME_IN.replace("amount", "value")),
        (_QUERY_OUT, _QUERY_OUT.replace("o.amount", "o.value AS amount")),
        (_OUT, ""),  # nothing names the column of the file as before
    ],
)
def test_the_place_and_the_patch(sql: str, patch: str) -> None:
    found = _outcome(_RENAME, sql)
    assert sql[found.start : found.end].endswith("amount")
    assert found.patch == patch
