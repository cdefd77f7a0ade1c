"""What a text may use that only the catalogue knows: routines and views by their CREATE texts."""

from __future__ import annotations

from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.sql import derive


def lineage(sql: str, definitions: dict[str, str], dialect: str = "postgres") -> SqlLineage:
    return derive(SqlRequest(sql, dialect, definitions=definitions))


def edges(found: SqlLineage) -> dict[str, list[str]]:
    return {
        f"{column.table}.{column.column}": [f"{source.table}.{source.column}" for source in column.inputs]
        for column in found.columns
    }


def test_procedure_of_the_catalogue_is_run_where_it_is_called() -> None:
    text = "create procedure s.keep(v int) language plpgsql as $$ begin insert into kept (v) values (v); end $$"
    found = lineage("do $$ declare m int; begin select max(a) into m from t; call s.keep(m); end $$", {"s.keep": text})
    assert (found.inputs, found.outputs) == (("t",), ("kept",))
    assert edges(found)["kept.v"] == ["t.a"]


def test_table_function_of_the_catalogue_is_read_through() -> None:
    text = "create function s.f(p int) returns table (v int) language sql as 'select a from base where k = p'"
    found = lineage("create table x as select f.v from s.f(3) f", {"s.f": text})
    assert found.inputs == ("base",)
    assert edges(found)["x.v"] == ["base.a"]


def test_view_stays_a_dataset_and_lends_its_columns() -> None:
    text = "create view sales.paid (who, amount) as select customer, total from sales.orders"
    found = lineage("create table x as select * from sales.paid", {"sales.paid": text})
    assert found.inputs == ("sales.paid",)
    assert edges(found) == {"x.who": ["sales.paid.who"], "x.amount": ["sales.paid.amount"]}
    assert "x" in found.resolved


def test_view_that_reads_itself_has_no_columns() -> None:
    found = lineage("select * from v", {"v": "create view v as select * from v"})
    assert found.inputs == ("v",)


def test_view_with_an_open_star_has_no_known_columns() -> None:
    found = lineage("create table x as select * from v", {"v": "create view v as select * from unknown"})
    assert edges(found) == {"x.*": ["v.*"]}


def test_unqualified_column_belongs_to_the_view_that_has_it() -> None:
    views = {"a": "create view a as select id, x from t1", "b": "create view b as select id, y from t2"}
    found = lineage("create table o as select x, y from a join b on a.id = b.id", views)
    assert edges(found)["o.x"] == ["a.x"]
    assert edges(found)["o.y"] == ["b.y"]
