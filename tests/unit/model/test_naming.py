"""Canonical names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_namespace


@pytest.mark.parametrize(
    ("written", "canonical_"),
    [
        ("postgresql://LOCALHOST", "postgres://127.0.0.1:5432"),
        ("postgres://[::1]:22032", "postgres://127.0.0.1:22032"),
        ("postgres://Db.Example:5432/", "postgres://db.example:5432"),
        ("kafka://B:9092,a", "kafka://b:9092,a:9092"),
        ("mssql://h", "sqlserver://h:1433"),
        ("snowflake://ORG-ACCOUNT", "snowflake://org-account"),
        ("nexus://Catalog", "nexus://Catalog"),
        ("bigquery", "bigquery"),
    ],
)
def test_one_spelling_of_a_namespace(written: str, canonical_: str) -> None:
    assert canonical_namespace(written) == canonical_


def test_case_is_folded_only_where_the_platform_ignores_it() -> None:
    assert canonical(DatasetName("snowflake://a-b", "db.s.t")).name == "DB.S.T"
    assert canonical(DatasetName("redshift://h", "DB.S.T")).name == "db.s.t"
    assert canonical(DatasetName("postgres://h", 'db.s."T"')).name == 'db.s."T"'


@given(
    st.one_of(
        st.text(),
        st.builds(
            "{}://{}{}{}".format,
            st.sampled_from(["postgresql", "postgres", "KAFKA", "snowflake", "s3", "arn:aws:glue"]),
            st.sampled_from(["LocalHost", "[::1]", "h", "", "a,b:1", "::1"]),
            st.sampled_from(["", ":1", ":5432"]),
            st.sampled_from(["", "/", "/x/"]),
        ),
    ),
    st.text(),
)
def test_canonical_names_are_their_own_canonical_names(namespace: str, name: str) -> None:
    once = canonical(DatasetName(namespace, name))
    assert canonical(once) == once
