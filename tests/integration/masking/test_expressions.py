"""Masks as a real PostgreSQL works them out: typed like the column, silent about what they hide, never failing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.masking.expressions import HIDDEN, expression
from nexus_core.masking.types import ColumnType
from nexus_core.model.policy import Mask, MaskKind
from tests.services import PostgreSQL

pytestmark = pytest.mark.service

NULL = Mask(MaskKind.NULL)
TYPES = {
    "text": ("x", "", "CANARY-value"),
    "character varying(12)": ("CANARY", ""),
    "character(4)": ("CANA",),
    "smallint": (0, 32767, -32768),
    "integer": (0, 2147483647, -2147483648),
    "bigint": (0, 9223372036854775807, -9223372036854775808),
    "numeric": ("NaN", "Infinity", "1e300", "-0.001"),
    "numeric(5,2)": ("999.99", "-999.99", "NaN"),
    "numeric(3,5)": ("0.00999", "-0.00999"),
    "numeric(3,-2)": ("99900", "-99900"),
    "real": ("NaN", "Infinity", "3.4e38", "1e-45"),
    "double precision": ("NaN", "-Infinity", "1.79e308", "5e-324"),
    "date": ("2024-02-29", "infinity", "-infinity", "5874897-12-31", "4714-11-24 BC"),
    "timestamp without time zone": ("2024-02-29 12:34:56.789", "infinity", "294276-12-31", "4714-11-24 BC"),
    "timestamp(0) without time zone": ("2024-02-29 12:34:56",),
    "timestamp with time zone": ("2024-02-29 23:34:56+00", "-infinity", "294276-12-31 00:00+00", "4713-01-01 BC"),
    "time without time zone": ("23:59:59.999", "24:00"),
    "boolean": (True, False),
    "uuid": ("00000000-0000-0000-0000-000000000001",),
    "jsonb": ('{"a": 1}',),
    "bytea": (b"\x00",),
    "text[]": ("{a,b}",),
    "interval": ("3 days",),
    "inet": ("10.0.0.1",),
    "int4range": ("[1,5)",),
}
MASKS = (
    NULL,
    *(Mask(MaskKind.CONSTANT, (("value", value),)) for value in ("x", "7", "99999", "2020-01-31", "true", "1e400", "")),
    *(Mask(MaskKind.CONSTANT, (("shape", shape),)) for shape in ("text", "email", "phone", "card")),
    *(Mask(MaskKind.PARTIAL, (("shape", shape),)) for shape in ("email", "phone", "card")),
    Mask(MaskKind.PARTIAL, (("keep_first", "2"), ("keep_last", "3"), ("shape", "text"))),
    *(Mask(MaskKind.ROUND, (("digits", digits),)) for digits in ("-18", "-3", "0", "2", "18")),
    *(Mask(MaskKind.BUCKET, (("size", size),)) for size in ("10.0", "0.25", "1e-07", "1e+20")),
    *(Mask(MaskKind.TRUNCATE, (("to", unit),)) for unit in ("year", "quarter", "month", "week", "day", "hour")),
)


@pytest.fixture(scope="module")
def session(postgresql: PostgreSQL) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgresql.url(), autocommit=True) as connection:
        connection.execute("SET search_path = pg_catalog")
        connection.execute("SET timezone = 'America/New_York'")
        yield connection


@pytest.mark.parametrize("written", TYPES)
def test_every_mask_of_every_type_keeps_the_type_and_never_fails(session: psycopg.Connection, written: str) -> None:
    for mask in MASKS:
        masked = expression(mask, "v.c", ColumnType(written))
        session.execute(f"CREATE TEMP VIEW typed AS SELECT {masked} AS c FROM (SELECT CAST(NULL AS {written}) AS c) v")
        found = session.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'pg_temp.typed'::regclass"
        ).fetchall()
        assert found == [(written,)], mask
        session.execute("DROP VIEW pg_temp.typed")
        for value in (*TYPES[written], None):
            session.execute(f"SELECT {masked} FROM (SELECT CAST(%s AS {written}) AS c) v", (value,))


def masked(session: psycopg.Connection, mask: Mask, value: object, written: str = "text") -> object:
    sql = expression(mask, "v.c", ColumnType(written))
    row = session.execute(f"SELECT {sql} FROM (SELECT CAST(%s AS {written}) AS c) v", (value,)).fetchone()
    assert row is not None
    return row[0]


def partial(shape: str = "text", **kept: int) -> Mask:
    return Mask(MaskKind.PARTIAL, tuple(sorted({"shape": shape, **{name: str(n) for name, n in kept.items()}}.items())))


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (partial(), "secret", "***"),
        (partial(keep_first=2, keep_last=2), "secret", "se***et"),
        (partial(keep_first=2, keep_last=2), "four", "***"),
        (partial(keep_last=4), "äöüßé", "***öüßé"),
        (partial("email"), "ada@example.com", "a***@example.com"),
        (partial("email"), "a@example.com", "***@example.com"),
        (partial("email"), "no address", "***"),
        (partial("email"), "a@secret@example.com", "***@example.com"),
        (partial("email"), "@", "***@"),
        (partial("phone"), "+49 151 2771828", "***828"),
        (partial("phone"), "12345", "***"),
        (partial("card"), "4929 1234 5678 9012", "***9012"),
        (partial("card"), "9012", "***"),
        (partial("card"), None, None),
    ],
)
def test_partial_masks(session: psycopg.Connection, mask: Mask, value: str | None, shown: str | None) -> None:
    assert masked(session, mask, value) == shown


@given(
    value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    first=st.integers(0, 4),
    last=st.integers(0, 4),
)
def test_partial_text_shows_no_more_than_is_kept(
    session: psycopg.Connection, value: str, first: int, last: int
) -> None:
    shown = str(masked(session, partial(keep_first=first, keep_last=last), value))
    left, hidden, right = shown.partition(HIDDEN)
    assert hidden
    assert len(left) <= first
    assert len(right.replace(HIDDEN, "")) <= last
    assert len(left) + len(right) < len(value) or not left + right


@given(value=st.text(st.sampled_from("0123456789 +-()@ab"), max_size=24), shape=st.sampled_from(["phone", "card"]))
def test_partial_numbers_show_few_digits_of_many(session: psycopg.Connection, value: str, shape: str) -> None:
    shown = re.sub("[^0-9]", "", str(masked(session, partial(shape), value)))
    assert len(shown) <= 4
    assert len(shown) * 2 < len(re.sub("[^0-9]", "", value)) or not shown


@given(value=st.integers(-(2**31), 2**31 - 1), size=st.integers(1, 1000))
def test_numbers_of_a_bucket_are_alike(session: psycopg.Connection, value: int, size: int) -> None:
    mask = Mask(MaskKind.BUCKET, (("size", f"{float(size)}"),))
    assert masked(session, mask, value, "integer") == max(value // size * size, -(2**31))


@pytest.mark.parametrize(
    ("to", "written", "value", "shown"),
    [
        ("year", "date", "2024-02-29", "2024-01-01"),
        ("quarter", "date", "2024-05-29", "2024-04-01"),
        ("hour", "date", "2024-02-29", "2024-02-29"),
        ("week", "timestamp without time zone", "2024-02-29 10:00", "2024-02-26 00:00:00"),
        ("day", "timestamp with time zone", "2024-02-29 01:30+00", "2024-02-28 19:00:00-05"),
        ("hour", "time without time zone", "12:34:56", "12:00:00"),
    ],
)
def test_times_are_cut(session: psycopg.Connection, to: str, written: str, value: str, shown: str) -> None:
    sql = expression(Mask(MaskKind.TRUNCATE, (("to", to),)), "v.c", ColumnType(written))
    row = session.execute(f"SELECT CAST({sql} AS text) FROM (SELECT CAST(%s AS {written}) AS c) v", (value,)).fetchone()
    assert row == (shown,)


def test_a_constant_that_a_type_cannot_have_is_null(session: psycopg.Connection) -> None:
    constant = Mask(MaskKind.CONSTANT, (("value", "99999"),))
    assert masked(session, constant, 1, "integer") == 99999
    assert masked(session, constant, 1, "smallint") is None
    assert masked(session, constant, 1, "numeric(5,2)") is None
    assert masked(session, constant, "x", "character varying(3)") == "999"
