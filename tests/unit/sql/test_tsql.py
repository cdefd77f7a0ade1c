"""T-SQL as words, batches and statements, what dynamic texts fold to, and what bounds a program."""

from __future__ import annotations

import pytest

from nexus_core.model.statement import SqlRequest
from nexus_core.sql import derive
from nexus_core.sql.ddl import schema_of
from nexus_core.sql.limits import MAX_REPEATED
from nexus_core.sql.programs.tsql.splitting import condition_end, pieces
from nexus_core.sql.programs.tsql.texts import ANY_VALUE, MARK, Known, folded, is_certain
from nexus_core.sql.programs.tsql.words import batches, words_of


def test_words() -> None:
    texts = [
        word.text
        for word in words_of("[a]]b] N'it''s' @v #t ##g @@rowcount a.b$c 1.5e3 += <> -- x\n/* /* */ */ :: $action")
    ]
    assert texts == [
        "[a]]b]",
        "N'it''s'",
        "@v",
        "#t",
        "##g",
        "@@rowcount",
        "a",
        ".",
        "b$c",
        "1.5e3",
        "+=",
        "<>",
        "::",
        "$action",
    ]


@pytest.mark.parametrize("text", ["'abc", "/* abc /* */", '"abc', "[abc"])
def test_what_has_no_end_goes_to_the_end(text: str) -> None:
    assert len(words_of(text)) <= 1


def test_batches() -> None:
    text = "select 1\nGO\nselect go from t\ngo 5 -- again\nselect 'x\nGO\n'"
    words = words_of(text)
    assert [[word.text for word in words[start:end]] for start, end in batches(text, words)] == [
        ["select", "1"],
        ["select", "go", "from", "t"],
        ["select", "'x\nGO\n'"],
    ]


@pytest.mark.parametrize(
    "statements",
    [
        ["select a from t", "select b from u"],
        ["insert into t (a) select b from u union all select c from v", "update t set a = 1", "set nocount on"],
        ["insert t (a) values (1)", "select 1"],
        ["insert t exec p 1", "exec q"],
        ["insert t (a) (select b from u)", "select 1"],
        ["with a as (select 1 x), b (y) as (select 2) insert into t select x from a", "delete from t"],
        [
            "merge t using s on t.a = s.a when matched then update set b = 1 when not matched then delete",
            "insert t default values",
        ],
        ["select a from t inner merge join u on t.a = u.a", "print 'x'"],
        ["select case when a = 1 then 2 else 3 end from t", "if @a = 1"],
        ["select a from t order by a offset 5 rows fetch next 3 rows only", "fetch next from c into @a"],
        ["drop table if exists t", "if exists (select 1)"],
        [
            "alter table t alter column a int",
            "alter table t drop column if exists b",
            "alter table t drop constraint c",
            "drop table t",
        ],
        [
            "alter table t add constraint f foreign key (a) references u (a) on delete set null on update cascade",
            "delete t",
        ],
        [
            "create view v with schemabinding as with c as (select 1 a) select a from c",
            "grant select, update on v to r with grant option",
            "select 1",
        ],
        ["declare c cursor for with q as (select 1 a) select a from q for update of a", "open c"],
        ["update t set a = 1 output inserted.a into u (a) from t with (nolock) where b = 2", "execute as user = 'x'"],
        ["select a from t for xml path('')", "select 2"],
        ["(select 1) union (select 2)", "return", "select 3"],
        ["alter database d set recovery simple with rollback immediate", "set language x"],
    ],
)
def test_statements_without_semicolons(statements: list[str]) -> None:
    assert list(pieces("\n".join(statements))) == statements
    assert list(pieces(";\n".join(statements))) == statements


@pytest.mark.parametrize(
    ("condition", "behind"),
    [
        ("@a = 1", "set @b = 2"),
        ("update(a) or not update(b)", "begin"),
        ("exists (select 1 from t)", "select 1"),
        ("case when @a = 1 then 2 else 3 end = 2", "throw 50000, 'x', 1"),
        ("@a in (select id from t) and @b is null", "return"),
    ],
)
def test_conditions(condition: str, behind: str) -> None:
    words = words_of(f"{condition} {behind}")
    assert words[condition_end(words, 0, len(words))].start == len(condition) + 1


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("N'a' + @one + 'c'", ("abc",)),
        ("concat('a', @two, 1)", ("ax1", "ay1")),
        ("@two + @two", ("xx", "yy")),
        ("quotename(@one) + quotename('x', '''')", ("[b]NULL",)),
        ("cast(@number as varchar(10)) + convert(char(8), @date, 112)", (ANY_VALUE + ANY_VALUE,)),
        ("replace('{t}', '{t}', @one)", ("b",)),
        ("isnull(@one, '') + char(10)", ("b\n",)),
        ("concat_ws('.', 'a', @one)", ("a.b",)),
        ("upper('a') + lower('B')", ("Ab",)),
        ("'a' + @unknown", (f"a{MARK}",)),
        ("(select max(x) from t)", (MARK,)),
        ("null", ()),
    ],
)
def test_folding(expression: str, texts: tuple[str, ...]) -> None:
    known = Known({"@one": ("b",), "@two": ("x", "y")}, {"@number": "INT", "@date": "DATE", "@unknown": "NVARCHAR"})
    assert folded(words_of(expression), known) == texts


def test_what_stands_in_a_string_is_certain() -> None:
    assert is_certain(f"select a from t where b = 'x{MARK}'")
    assert is_certain(f"select a from t where b = {ANY_VALUE}")
    assert not is_certain(f"select a from t{MARK}")
    assert not is_certain(f"select a from t_{ANY_VALUE}")


def test_calls_are_bounded() -> None:
    procedures = [
        f"create proc p{at} @a int as exec p{at + 1} @a exec p{at + 1} @a exec p{at + 1} @a exec p{at + 1} @a"
        for at in range(9)
    ]
    lineage = derive(
        SqlRequest("\ngo\n".join([*procedures, "create proc p9 @a int as insert t select a from u"]), "tsql")
    )
    assert lineage.outputs == ("t",)
    assert "too_complex" in {problem.code for problem in lineage.problems}
    assert str(MAX_REPEATED) in lineage.problems[0].message


@pytest.mark.parametrize(
    "text", ["if 1 = 1 " * 5000, "begin " * 5000, "set @x = " + "(" * 5000, "create proc p as exec p\ngo\nexec p"]
)
def test_nesting_is_bounded(text: str) -> None:
    derive(SqlRequest(text, "tsql"))


def test_schema_of_a_script() -> None:
    tables = "create table [dbo].[a] ([id] [int] not null, b as (id * 2)) on [primary]\nGO\ncreate table dbo.c (d xml)"
    assert schema_of(f"{tables}\ncreate view dbo.v as select d from dbo.c", "tsql") == {
        "dbo.a": {"id": "INTEGER", "b": "SQL_VARIANT"},
        "dbo.c": {"d": "XML"},
        "dbo.v": {"d": ""},
    }


def test_places_are_those_of_the_text() -> None:
    text = "set nocount on\ninsert into t (x)\nselect upper(b) from u -- c\ndelete v"
    column = next(column for column in derive(SqlRequest(text, "tsql")).columns if column.column == "x")
    assert text[column.start : column.end] == "upper(b)"
    assert text[column.inputs[0].start : column.inputs[0].end] == "b"
    assert column.statement == 1
