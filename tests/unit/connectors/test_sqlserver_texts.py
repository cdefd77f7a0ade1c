from __future__ import annotations

import pytest

from nexus_core.connectors._sqlserver_log import _plain, _without_parameters
from nexus_core.connectors._sqlserver_objects import Place
from nexus_core.connectors._sqlserver_session import code, sentence


@pytest.mark.parametrize(
    ("sql", "plain"),
    [
        ("(@1 int,@2 varchar(8000))INSERT a VALUES (@1)", "INSERT a VALUES (@1)"),
        ("(SELECT 1)", "(SELECT 1)"),
        ("(@1 int", "(@1 int"),
    ],
)
def test_parameters_before_a_statement_are_left_out(sql: str, plain: str) -> None:
    assert _without_parameters(sql) == plain


def test_names_in_brackets_have_one_form() -> None:
    assert _plain("select [a b], '[no]' from [dbo].[t]") == 'select "a b", \'[no]\' from "dbo"."t"'


def test_parts_of_a_name_mean_a_server_a_database_and_a_schema() -> None:
    place = Place("sqlserver://127.0.0.1:1433", "Shop", {"FAR": "far.example.com\\sales,1444"})
    assert [str(place.elsewhere(parts)) for parts in (["T"], ["X", "T"])] == [
        str(place.name("dbo", "t")),
        str(place.name("x", "t")),
    ]
    far = place.elsewhere(["FAR", "Crm", "", "T"])
    assert far
    assert far.name == "crm.dbo.t"
    assert place.elsewhere(["NEAR", "Crm", "dbo", "T"]) is None


def test_the_number_of_an_earlier_failure_is_not_believed() -> None:
    text = b"DB-Lib error message 20009, severity 9:\nUnable to connect (h)\nNet-Lib error\n"
    error = Exception((4060, text))
    assert code(error) == 20009
    assert sentence(error) == "Unable to connect (h)"
    said = Exception((4060, b"Cannot open database.DB-Lib error message 20018, severity 14:\nGeneral\n"))
    assert (code(said), sentence(said)) == (4060, "Cannot open database")
