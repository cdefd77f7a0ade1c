"""Which dataset a name in SQL means."""

from __future__ import annotations

import pytest

from nexus_core.model.names import DatasetName
from nexus_core.worker.names import Names

SNOWFLAKE = DatasetName("snowflake://org-account", "DB.PUBLIC.T")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("s3://bucket/raw/orders.csv", DatasetName("s3://bucket", "raw/orders.csv")),
        ("s3://bucket", DatasetName("s3://bucket", "/")),
        ("gs://bucket/raw/*.csv", DatasetName("gs://bucket", "raw/*.csv")),
        ("abfss://box@account.dfs.core.windows.net/x", DatasetName("abfss://box@account.dfs.core.windows.net", "x")),
        ("hdfs://node:8020/data/x", DatasetName("hdfs://node:8020", "/data/x")),
        ("file:///data/x.csv", DatasetName("file", "/data/x.csv")),
        ("C:\\in\\x.csv", DatasetName("file", "C:\\in\\x.csv")),
        ("/data/x.csv", DatasetName("file", "/data/x.csv")),
        ("@DB.PUBLIC.STAGE/raw/x.csv", DatasetName("snowflake://org-account", "@DB.PUBLIC.STAGE/raw/x.csv")),
        ("T2", DatasetName("snowflake://org-account", "DB.PUBLIC.T2")),
    ],
)
def test_files_and_stages_have_their_own_names(written: str, meant: DatasetName) -> None:
    assert Names([SNOWFLAKE], []).table(written) == meant


def test_a_file_needs_no_namespace_beside_it() -> None:
    assert Names([], []).table("s3://bucket/x") == DatasetName("s3://bucket", "x")
    assert Names([], []).table("@STAGE/x") is None


@pytest.mark.parametrize("name", ["landing/orders", "a:b"])
def test_an_events_own_dataset_comes_before_a_file(name: str) -> None:
    own = DatasetName("postgres://db:5432", f"shop.public.{name}")
    assert Names([own], []).table(f"public.{name}") == own


def test_names_in_sql_hold_no_quotes() -> None:
    space = "postgres://db:5432"
    dotted, plain = DatasetName(space, 'shop."a.b"."c ""d"""'), DatasetName(space, "shop.core.orders")
    names = Names([dotted, plain], [])
    assert names.table('shop.a.b.c "d"') == dotted
    assert names.table('a.b.c "d"') == dotted
    assert names.table("core.orders") == plain
    assert names.table("core.lines") == DatasetName(space, "shop.core.lines")
    alike = [DatasetName(space, 'shop."a.b".c'), DatasetName(space, 'shop.a."b.c"')]
    assert Names(alike, []).table("shop.a.b.c") not in alike
