"""Where an answer's parts stand in the text, and how sure each source is."""

from __future__ import annotations

import pytest

from nexus_core.model.statement import SqlRequest
from nexus_core.sql import derive


def texts(sql: str, dialect: str = "postgres", **known: object) -> dict[str, tuple[str, list[str]]]:
    """Map each column to the text that makes it and the texts that name its sources."""
    columns = derive(SqlRequest(sql, dialect, **known)).columns
    return {
        column.column: (
            sql[max(column.start, 0) : max(column.end, 0)],
            [sql[source.start : source.end] for source in column.inputs],
        )
        for column in columns
    }


@pytest.mark.parametrize(
    ("item", "sources"),
    [
        ("cast(x.c as int) + 1 as q", ["x.c"]),
        ("(case when x.d > 3 then (x.e) end)", ["x.d", "x.e"]),
        ("trim(both from x.k)", ["x.k"]),
        ("(x.a + x.b) * 2", ["x.a", "x.b"]),
        ("sum((x.a)) over (partition by x.b)", ["x.a", "x.b"]),
        ("array[x.a, x.b]", ["x.a", "x.b"]),
        ("x.c::numeric(3, 1)", ["x.c"]),
    ],
)
def test_select_items(item: str, sources: list[str]) -> None:
    assert texts(f"select 1; insert into t (p, q) select 'x, y', {item} from x where f = 'q;'")["q"] == (item, sources)


def test_assignments() -> None:
    found = texts("update t set a = s.b + 1, c = coalesce(s.d, 2) from s where s.id = t.id")
    assert found == {
        "a": ("a = s.b + 1", ["s.b"]),
        "c": ("c = coalesce(s.d, 2)", ["s.d"]),
        "": ("", ["s.id", "t.id"]),
    }


def test_branches_of_merge() -> None:
    found = texts(
        "merge into t using s on t.i = s.i when matched then update set x = s.y "
        "when not matched then insert (z) values (lower(s.k))"
    )
    assert [found[column][0] for column in ("x", "z")] == ["x = s.y", "lower(s.k)"]


def test_the_innermost_name_is_the_evidence() -> None:
    found = texts("create view v as with c as (select lower(email) em, u.* from u) select em, c.name from c")
    assert found == {"em": ("em", ["email"]), "name": ("c.name", ["u.*"])}


@pytest.mark.parametrize(
    ("sql", "schema", "certainty"),
    [
        ("select a from t", {"t": {"a": "int"}}, "schema"),
        ("select x.a from t x join u on true", None, "written"),
        ("select a from t", None, "unique"),
        ("select a from t join u on true", {"u": {"b": "int"}}, "unique"),
        ("select a from (select * from t) s", None, "unique"),
        ("select z from t", {"t": {"a": "int"}}, "guessed"),
        ("select a from t join u on true", None, "ambiguous"),
        ("select a from t where b = = 1", {"t": {"a": "int", "b": "int"}}, "guessed"),
    ],
)
def test_certainty(sql: str, schema: dict[str, dict[str, str]] | None, certainty: str) -> None:
    assert derive(SqlRequest(sql, "postgres", schema)).columns[0].inputs[0].certainty == certainty
