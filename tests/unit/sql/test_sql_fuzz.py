"""Whatever the text, `derive` gives an answer that repeats."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_core.model.statement import SqlRequest
from nexus_core.sql import derive

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"
TEXTS = [
    line
    for path in sorted(GOLDEN.glob("*.sql"))
    for line in path.read_text().splitlines()
    if line and not line.startswith("--")
]
PIECES = [
    "(",
    ")",
    "'",
    '"',
    ";",
    ",",
    "*",
    ".",
    "$$",
    " select ",
    " from ",
    " into ",
    " end ",
    " case ",
    "--",
    "/*",
    "::",
    "\0",
    "é",
    " with ",
    " join ",
    " as ",
    "[",
    "]",
    " null ",
]
DIALECTS = ["postgres", "mysql", "tsql", "snowflake", "bigquery", "spark", None]
derive(SqlRequest("select 1", None))  # raises the recursion limit for good, before hypothesis notes it


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        to = draw(st.integers(at, min(len(text), at + 12)))
        text = text[:at] + draw(st.sampled_from([*PIECES, ""])) + text[to:]
    return text


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(), st.sampled_from(DIALECTS))
def test_mutated_sql(sql: str, dialect: str | None) -> None:
    request = SqlRequest(sql, dialect, {"orders": {"id": "int", "amount": "int"}}, "db", "public")
    assert derive(request) == derive(request)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.sampled_from(DIALECTS))
def test_any_text(sql: str, dialect: str | None) -> None:
    derive(SqlRequest(sql, dialect))
