"""Statement by statement: what each writes itself, with temporary tables as tables."""

from __future__ import annotations

import dataclasses

import orjson

from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.sql import derive
from nexus_core.sql.codec import lineage_from

SCRIPT = """
create temp table big as select id, amount from orders where amount > 10;
insert into totals (id, twice) select id, amount * 2 from big;
select id from totals
"""


def lineage_of(sql: str, dialect: str = "postgres") -> SqlLineage:
    return derive(SqlRequest(sql, dialect))


def said(lineage: SqlLineage) -> list[tuple[int, str, tuple[str, ...], list[str]]]:
    return [
        (
            step.statement,
            step.table,
            step.inputs,
            [f"{column.column}<-{source.table}.{source.column}" for column in step.columns for source in column.inputs],
        )
        for step in lineage.steps
    ]


def test_each_statement_tells_its_own() -> None:
    assert said(lineage_of(SCRIPT)) == [
        (0, "big", ("orders",), ["id<-orders.id", "amount<-orders.amount", "<-orders.amount"]),
        (1, "totals", ("big",), ["id<-big.id", "twice<-big.amount"]),
        (2, "", ("totals",), ["id<-totals.id"]),
    ]


def test_the_whole_is_end_to_end() -> None:
    lineage = lineage_of(SCRIPT)
    assert lineage.inputs == ("orders", "totals")
    assert lineage.outputs == ("totals",)


def test_one_write_has_no_steps() -> None:
    assert lineage_of("insert into t (a) select b from u").steps == ()


def test_an_open_temporary_table_keeps_its_name_in_a_step() -> None:
    lineage = lineage_of("create temp table t as select * from u; insert into v (a) select a from t")
    assert said(lineage)[1] == (1, "v", ("t",), ["a<-t.a"])
    assert [source.table for column in lineage.columns for source in column.inputs] == ["u"]


def test_steps_keep_the_names_of_their_time() -> None:
    lineage = lineage_of(
        "create table n as select a from s; alter table n rename to t; insert into t (a) select b from u"
    )
    assert [step.table for step in lineage.steps] == ["n", "t"]
    assert lineage.outputs == ("t",)


def test_steps_survive_the_way_between_processes() -> None:
    lineage = lineage_of(SCRIPT)
    fields = orjson.loads(orjson.dumps(dataclasses.asdict(lineage), default=list))
    assert lineage_from(fields) == lineage
