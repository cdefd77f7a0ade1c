from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.connectors._redshift_statements import joined, told


@given(st.text(alphabet="ab ü漢", max_size=60), st.integers(4, 9))
def test_chunks_make_the_text_again(text: str, size: int) -> None:
    text = text.rstrip() + "."
    chunks, held = [], ""
    for letter in text:
        if len((held + letter).encode()) > size:
            chunks.append(held)
            held = ""
        held += letter
    full = [each for each in chunks if len(each.encode()) == size]
    if len(full) == len(
        chunks
    ):  # a letter of several bytes may leave a chunk short, which no reader can tell from blanks
        stored = [each.rstrip(" ") for each in [*chunks, held]]
        assert joined(stored, size) == text


def test_line_ends_come_back_and_keys_do_not() -> None:
    sql = r"COPY t FROM 's3://b/x'\nACCESS_KEY_ID 'AKIA' SECRET_ACCESS_KEY 's3''cret' SESSION_TOKEN 'x'"
    assert joined([sql], 4000) == (
        "COPY t FROM 's3://b/x'\nACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***' SESSION_TOKEN '***'"
    )
    assert joined(["create user a password 'md5'"], 200) == "create user a password '***'"
    assert joined([], 200) == ""


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UNLOAD ('select a from t') TO 's3://b/x' IAM_ROLE default", True),
        ("copy t from 's3://b/x'", True),
        ("(SELECT a FROM t)", True),
        ("SELECT 1", False),
        ("select * from svv_tables", False),
        ("select * from t join pg_catalog.pg_class c on true", False),
        ("analyze t", False),
    ],
)
def test_tells_statements_on_users_data(sql: str, expected: bool) -> None:
    assert told(sql) is expected
