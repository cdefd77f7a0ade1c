from __future__ import annotations

import pytest

from nexus_core.connectors._mysql_log import _first, _plain
from nexus_core.connectors._mysql_objects import _foreign, in_back_ticks


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("insert into a select ';' from b; select 2", "insert into a select ';' from b"),
        ("select 'it\\'s; one' from a; drop table a", "select 'it\\'s; one' from a"),
        ("select `a;b` from a -- x; y\n where 1; select 2", "select `a;b` from a -- x; y\n where 1"),
        ("select --1; select 2", "select --1"),
        ("select 'cut off; here", "select 'cut off; here"),
    ],
)
def test_the_first_of_several_statements(sql: str, first: str) -> None:
    assert _first(sql) == first


def test_strings_comments_and_names_have_one_form() -> None:
    assert _plain("select \"it's\", 'a\\'b', `x`, 1 # end\nfrom a") == "select '', '', \"x\", 1  \nfrom a"


def test_names_in_double_quotes_only_where_the_mode_says_so() -> None:
    sql = 'select "a`b", \'"no"\' from "t" -- "no"'
    assert in_back_ticks(sql, "ANSI_QUOTES,STRICT_ALL_TABLES") == 'select `a``b`, \'"no"\' from `t` -- "no"'
    assert in_back_ticks(sql, "STRICT_ALL_TABLES") == sql


@pytest.mark.parametrize(
    ("connection", "server", "origin"),
    [
        ("mysql://u:s3cret@h.example.com:3307/crm/t", "h.example.com:3307", "crm.t"),
        ("mysql://u:s3cret@h.example.com/crm/t", "h.example.com:3306", "crm.t"),
        ("mysql://u:s3c/ret@h/crm/t", "", None),
        ("far/t", "far", None),
        ("far", "far", None),
    ],
)
def test_where_a_foreign_table_leads_without_its_account(connection: str, server: str, origin: str | None) -> None:
    found = _foreign({"engine": "FEDERATED"}, [{"sql": f"CREATE TABLE `t` (x int) CONNECTION='{connection}'"}])
    assert found
    assert "s3c" not in repr(found)
    assert found.server == server
    assert (found.origin.name if found.origin else None) == origin
