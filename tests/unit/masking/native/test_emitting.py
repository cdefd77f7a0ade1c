"""Scripts of policies for each engine: what they say, that they parse, and that no name breaks out of its quotes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from nexus_core.errors import InvalidInputError
from nexus_core.masking.native.emitting import script
from nexus_core.masking.native.engines import DIALECTS, Engine
from nexus_core.model.policy import MaskKind, PolicySet, RowFilter
from tests.native_policies import POLICIES, policy, told

_BODY = re.compile(r"SET BODY -> (?P<body>.*);|FILTER USING \((?P<filter>.*)\);")


def _lines(kind: Engine, policies: PolicySet = POLICIES, **given: object) -> list[str]:
    return script(kind, policies, [told(kind, **given)], "example.com").splitlines()  # type: ignore[arg-type]


def _parsed(kind: Engine, lines: list[str]) -> Iterator[exp.Expr]:
    """Every statement; of policies, which sqlglot has no grammar for, the expression that decides."""
    for line in lines:
        if line == "GO" or line.startswith("--"):
            continue
        found = _BODY.search(line)
        policies = " POLICY " in line and "CREATE VIEW" not in line
        text = next(each for each in found.groups() if each) if found else line
        if found or not policies:
            yield sqlglot.parse_one(text.removesuffix(";"), read=DIALECTS[kind])


@pytest.mark.parametrize("kind", Engine)
def test_scripts_parse(kind: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "sqlglot"):
        assert len(list(_parsed(kind, _lines(kind)))) > 5


def test_a_column_of_snowflake_is_decided_by_the_roles_of_the_session() -> None:
    lines = _lines(Engine.SNOWFLAKE)
    body = next(line for line in lines if "SET BODY" in line and "ROUND(VAL, -3)" in line)
    assert "CASE WHEN NOT (IS_ROLE_IN_SESSION('NEXUS_HR')) THEN " in body
    assert body.endswith("ELSE VAL END AS NUMBER(12,2));")
    phone = next(line for line in lines if "SET BODY" in line and "REGEXP_REPLACE" in line)
    either = "(IS_ROLE_IN_SESSION('NEXUS_HR') OR IS_ROLE_IN_SESSION('NEXUS_STEWARD'))"
    assert f"CASE WHEN NOT ({either}) THEN NULL WHEN NOT (IS_ROLE_IN_SESSION('NEXUS_STEWARD')) THEN" in phone
    assert any(line.endswith("SET BODY -> CAST(NULL AS VARIANT);") for line in lines)  # nobody classified it
    shown = "SET BODY -> (IS_ROLE_IN_SESSION('NEXUS_STEWARD') OR (\"C6\" IN ('EU', 'UK') AND NOT (\"C2\" < 10)));"
    assert any(line.endswith(shown) for line in lines)
    assert any(line.endswith('ON ("pay", "region");') for line in lines)


def test_a_column_without_a_type_closes_rows_of_snowflake() -> None:
    bare = told(Engine.SNOWFLAKE)
    lines = script(Engine.SNOWFLAKE, POLICIES, [replace(bare, types={**bare.types, "pay": None, "region": None})])
    body = next(line for line in lines.splitlines() if "ROW ACCESS POLICY" in line and "SET BODY" in line)
    assert body.endswith("SET BODY -> (IS_ROLE_IN_SESSION('NEXUS_STEWARD')) AND (IS_ROLE_IN_SESSION('NEXUS_HR'));")
    nothing = script(Engine.SNOWFLAKE, POLICIES, [replace(bare, types={})])
    assert "-- Left out: SHOP.CORE.orders, since no policy can be attached" in nothing
    assert "ALTER TABLE" not in nothing


def test_views_of_sql_server_ask_for_roles_and_a_security_policy_filters() -> None:
    lines = _lines(Engine.SQLSERVER)
    view = next(line for line in lines if line.startswith("CREATE VIEW [nexus].[dbo.orders]"))
    assert "CASE WHEN NOT (COALESCE(IS_ROLEMEMBER(N'nexus_hr'), 0) = 1) THEN TRY_CAST(ROUND(" in view
    assert "secret" not in view
    assert view.endswith("([region] IN (N'EU', N'UK') AND NOT ([pay] < 10)));")
    assert any(
        line.startswith("CREATE SECURITY POLICY") and "([pay], [region]) ON [dbo].[orders]" in line for line in lines
    )
    assert "-- A mask of phone cannot be expressed, and is NULL." in lines
    assert not any("MASKED WITH" in line for line in lines)
    batches = [batch.strip() for batch in "\n".join(lines).split("\nGO")]
    assert all(sum(not line.startswith("--") for line in batch.splitlines()) <= 1 for batch in batches)


@pytest.mark.parametrize("kind", [Engine.MYSQL, Engine.BIGQUERY])
def test_each_role_has_a_view_of_what_it_sees(kind: Engine) -> None:
    views = [line for line in _lines(kind) if line.startswith("CREATE OR REPLACE") and " VIEW " in line]
    readers, hr, steward = views
    for each in views:
        assert "secret" not in each
    assert "`pay` AS `pay`" in hr
    assert "`phone` AS `phone`" in steward
    assert "`email` AS `email`" in steward
    assert "WHERE" not in steward
    for each in (readers, hr):
        assert "`email` AS `email`" not in each
        assert "(`region` IN ('EU', 'UK') AND NOT (`pay` < 10))" in each
        assert ("ALGORITHM = TEMPTABLE" in each) == (kind is Engine.MYSQL)


def test_bigquery_has_row_policies_for_groups_and_says_what_has_no_ddl() -> None:
    lines = _lines(Engine.BIGQUERY)
    policies = [line for line in lines if line.startswith("CREATE OR REPLACE ROW ACCESS POLICY")]
    assert [line.partition("GRANT TO ")[2].partition(")")[0] for line in policies] == [
        '("group:nexus@example.com"',
        '("group:nexus_hr@example.com"',
        '("group:nexus_steward@example.com"',
    ]
    assert policies[-1].endswith("FILTER USING (TRUE);")
    assert any(line.startswith("-- No DDL: authorise") for line in lines)
    for domain in (None, "x", 'a.b" , "allUsers'):
        with pytest.raises(InvalidInputError):
            script(Engine.BIGQUERY, POLICIES, [], domain)


def test_nested_fields_of_bigquery_are_masked_with_what_they_lie_in() -> None:
    fields = {"who": "Public", "who.name": "PII", "dotted.name": "Public"}
    policies = PolicySet((policy("name", "who.name", MaskKind.NULL, "steward"),))
    readers, steward = [
        line for line in _lines(Engine.BIGQUERY, policies, fields=fields) if " VIEW `" in line and "AS" in line
    ]
    assert "`who` AS `who`" not in readers
    assert "`who` AS `who`" in steward


@pytest.mark.parametrize("kind", Engine)
@pytest.mark.parametrize(
    "where", ["region = :region", "region LIKE 'E%'", "region = 0", "lower(region) = 'eu'", "1 = 1"]
)
def test_a_filter_without_an_equal_shows_rows_to_the_exempt_only(kind: Engine, where: str) -> None:
    held = replace(POLICIES, row_filters=(RowFilter("own", ("*",), where, frozenset({"steward"})),))
    shown = "\n".join(_lines(kind, held))
    assert where not in shown
    assert "The row filter own has no equal here" in shown
    nobody = replace(POLICIES, row_filters=(RowFilter("own", ("*",), where),))
    lines = "\n".join(_lines(kind, nobody))
    assert "Left out:" in lines
    assert "SELECT" not in lines.replace("take SELECT on", "")


@pytest.mark.parametrize("kind", Engine)
def test_tokens_are_null_and_no_key_is_named(kind: Engine) -> None:
    policies = PolicySet((policy("token", "email", MaskKind.TOKEN, "steward", key="env:TOKEN_KEY"),))
    shown = "\n".join(_lines(kind, policies))
    assert "TOKEN_KEY" not in shown
    assert "-- A mask of email cannot be expressed, and is NULL." in shown


@pytest.mark.parametrize("kind", Engine)
def test_roles_that_nobody_can_hold_lift_nothing(kind: Engine) -> None:
    policies = PolicySet((policy("email", "email", MaskKind.NULL, "Steward", "x') OR (1=1"),))
    shown = "\n".join(_lines(kind, policies))
    assert "1=1" not in shown
    assert "Steward" not in shown.partition("CREATE")[2]


@pytest.mark.parametrize(
    "field",
    ["a\nDROP TABLE x;", "a\rGO", "a\u2028GO", "$(x)", "<% x %>", "&{x}", "{{x}}", "a\0", ""],
)
@pytest.mark.parametrize("kind", Engine)
def test_a_name_that_clients_read_otherwise_is_left_out(kind: Engine, field: str) -> None:
    lines = _lines(kind, fields={"id": "Public", field: "Public"})
    assert not [line for line in lines if field and field in line and not line.startswith("--")]
    assert "DROP TABLE x;" not in lines
    assert any(line.startswith("-- Left out") for line in lines)


_HOSTILE = st.text(st.sampled_from("ab\"'`[]().;-/*\\@ $%&{}<\n\r\u2028é"), min_size=1, max_size=12)


@given(table=_HOSTILE, field=_HOSTILE, text=_HOSTILE)
@settings(max_examples=40, deadline=None)
def test_no_name_or_text_breaks_out_of_its_quotes(table: str, field: str, text: str) -> None:
    plain = {"id": "Public", "x": "PII"}
    hostile = {"id": "Public", field: "PII"}
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    for kind in (Engine.SQLSERVER, Engine.MYSQL, Engine.SNOWFLAKE):
        policies = PolicySet((policy("all", "*", MaskKind.CONSTANT, "steward", value=text),))
        name = '"' + table.replace('"', '""') + '"'
        whole = {Engine.MYSQL: f"shop.{name}"}.get(kind, f"shop.dbo.{name}")
        made = _lines(kind, policies, fields=hostile, name=whole)
        assert len(made) <= len(_lines(kind, policies, fields=plain)) + 8
        views = [line for line in made if line.startswith("CREATE VIEW")]
        for each in views:
            tree = sqlglot.parse_one(each.removesuffix(";"), read=DIALECTS[kind])
            assert isinstance(tree, exp.Create)
            assert len(list(tree.find_all(exp.Table))) == 2
            assert not tree.find(exp.Command)
