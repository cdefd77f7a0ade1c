"""Canonical names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_field, canonical_namespace, platform
from nexus_core.model.platforms import PLATFORMS, SCHEMES


@pytest.mark.parametrize(
    ("written", "canonical_"),
    [
        ("postgresql://LOCALHOST", "postgres://127.0.0.1:5432"),
        ("postgresql+psycopg2://user:word@db", "postgres://db:5432"),
        ("postgres://[::1]:22032", "postgres://127.0.0.1:22032"),
        ("postgres://[0:0:0::1]", "postgres://127.0.0.1:5432"),
        ("postgres://[FE80::0:1]", "postgres://[fe80::1]:5432"),
        ("postgres://Db.Example:5432/", "postgres://db.example:5432"),
        ("postgres://db.example.:05432", "postgres://db.example:5432"),
        ("mariadb://h", "mysql://h:3306"),
        ("mongodb+srv://reader@c2,c1", "mongodb://c1:27017,c2:27017"),
        ("kafka://B:9092,a,b", "kafka://a:9092,b:9092"),
        ("mssql://h;database=shop", "sqlserver://h:1433"),
        ("db2://h", "db2://h:50000"),
        ("snowflake://ORG-ACCOUNT", "snowflake://org-account"),
        ("snowflake://org-my_account.snowflakecomputing.com", "snowflake://org-my-account"),
        ("snowflake://XY12345", "snowflake://xy12345.us-west-1.aws"),
        ("snowflake://xy12345.us-east-1", "snowflake://xy12345.us-east-1.aws"),
        ("snowflake://xy12345.west-europe.azure", "snowflake://xy12345.west-europe.azure"),
        ("redshift://Wh.abc1.us-west-2.redshift.amazonaws.com", "redshift://wh.us-west-2:5439"),
        ("redshift://wg.1234.eu-west-1.redshift-serverless.amazonaws.com:5439", "redshift://wg.eu-west-1:5439"),
        ("redshift://wh.us-west-2:5439", "redshift://wh.us-west-2:5439"),
        ("awsathena://athena.us-east-1.amazonaws.com:443", "awsathena://athena.us-east-1.amazonaws.com"),
        ("arn:aws:glue:us-east-1:123", "arn:aws:glue:us-east-1:123"),
        ("databricks://ADB-1.azuredatabricks.net:443", "databricks://adb-1.azuredatabricks.net"),
        ("azurecosmos://Acct.documents.azure.com:443/dbs/shop", "azurecosmos://acct.documents.azure.com/dbs/shop"),
        ("s3a://Bucket/", "s3://Bucket"),
        ("gcs://b", "gs://b"),
        ("abfs://box@Account.dfs.core.windows.net", "abfss://box@account.dfs.core.windows.net"),
        ("hdfs://NameNode", "hdfs://namenode:8020"),
        ("file:///", "file"),
        ("file://localhost", "file"),
        ("file://Host", "file://host"),
        ("nexus://Catalog", "nexus://Catalog"),
        ("bigquery", "bigquery"),
        ("bigquery://", "bigquery"),
    ],
)
def test_one_spelling_of_a_namespace(written: str, canonical_: str) -> None:
    assert canonical_namespace(written) == canonical_


@pytest.mark.parametrize(
    ("namespace", "written", "canonical_"),
    [
        ("snowflake://a-b", "@db.s.landing/Lines/", "@DB.S.LANDING/Lines/"),
        ("snowflake://a-b", '@db."s/1".landing', '@DB."s/1".LANDING'),
        ("snowflake://a-b", "db.s.t", "DB.S.T"),
        ("snowflake://a-b", 'db."s"."T"', 'DB."s".T'),
        ("redshift://h", 'DB.S."T"', "db.s.t"),
        ("postgres://h", "db.s.T", "db.s.T"),
        ("postgres://h", 'db.s."T"', "db.s.T"),
        ("postgres://h", 'db.s."a.b"', 'db.s."a.b"'),
        ("postgres://h", 'db.s."half', 'db.s."half'),
        ("mysql://h", "`Shop`.`T`", "Shop.T"),
        ("mssql://h", "[Shop].dbo.[T 1]", "shop.dbo.t 1"),
        ("bigquery", "proj:ds.T$20240101", "proj.ds.T"),
        ("bigquery", "`proj.ds.T`", "proj.ds.T"),
        ("bigquery", "example.com:proj:ds.T", "example.com:proj.ds.T"),
        ("arn:aws:glue:us-east-1:123", "Shop.Orders", "table/shop/orders"),
        ("arn:aws:glue:us-east-1:123", "table/shop/Orders", "table/shop/orders"),
        ("arn:aws:dynamodb:us-east-1:123", "Orders", "Orders"),
        ("databricks://h", "Main.`Sales`.T", "main.sales.t"),
        ("s3://b", "/raw/x/", "raw/x"),
        ("s3://b", "", "/"),
        ("hdfs://h", "/data//x/", "/data/x"),
        ("file", "C:\\in\\x.csv", "C:\\in\\x.csv"),
        ("kafka://h", "Topic/1", "Topic/1"),
    ],
)
def test_one_spelling_of_a_name(namespace: str, written: str, canonical_: str) -> None:
    assert canonical(DatasetName(namespace, written)).name == canonical_


def test_columns_are_folded_where_the_platform_ignores_their_case() -> None:
    assert canonical_field("snowflake://a-b", "Id") == "ID"
    assert canonical_field("sqlserver://h", "Id") == "Id"
    assert canonical_field("postgres://h", "Id") == "Id"


def test_every_scheme_stands_for_a_platform_that_is_known() -> None:
    assert set(SCHEMES.values()) <= PLATFORMS.keys()
    assert all(platform(f"{name}://h") == SCHEMES.get(name, name) for name in (*PLATFORMS, *SCHEMES))


_HOSTS = [
    *("LocalHost", "[::1]", "h", "", "a,b:1", "::1", "u:p@h", "x@", "A_b-c_d", "xy1", "xy1.r", "h;d=1", "h.", "b,A,b"),
    *("C.1.r.redshift.amazonaws.com", "a.snowflakecomputing.com.snowflakecomputing.com", "box@H"),
]
_NAMES = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            ["a", "B", ".", ":", "/", '"', "`", "[", "]", "$2024", "@", "ß", "İ", " ", '""', "\\", "table/"]
        )
    ).map("".join),
)


@given(
    st.one_of(
        st.text(),
        st.builds(
            "{}://{}{}{}".format,
            st.sampled_from([*PLATFORMS, *SCHEMES, "KAFKA", "mysql+pymysql", "arn:aws:glue"]),
            st.sampled_from(_HOSTS),
            st.sampled_from(["", ":1", ":5432", ":443", ":05"]),
            st.sampled_from(["", "/", "/x/", "//", ";a=b"]),
        ),
    ),
    _NAMES,
)
def test_canonical_names_are_their_own_canonical_names(namespace: str, name: str) -> None:
    once = canonical(DatasetName(namespace, name))
    assert canonical(once) == once
    assert platform(once.namespace) == platform(namespace)
    assert not name or once.name
