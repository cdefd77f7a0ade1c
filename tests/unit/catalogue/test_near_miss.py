"""Names that look as if they meant one dataset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.catalogue.near_miss import Reason, leaf_key, near_misses, whole_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical

DB = "postgres://db:5432"


def found(*names: tuple[str, str]) -> set[tuple[str, str, str, int]]:
    misses = near_misses(DatasetName(*name) for name in names)
    return {
        (*(f"{side.namespace} {side.name}".removeprefix(f"{DB} ") for side in miss.pair), miss.reason, miss.score)
        for miss in misses
    }


def test_a_shorter_name_looks_like_the_whole_one() -> None:
    assert found((DB, "public.x"), (DB, "shop.public.x")) == {("public.x", "shop.public.x", "shorter", 85)}
    assert found((DB, "x"), (DB, "public.x"), (DB, "shop.public.x"), (DB, "other")) == {
        ("public.x", "shop.public.x", "shorter", 85),
        ("shop.public.x", "x", "shorter", 85),
    }


def test_of_several_whole_names_none_is_sure() -> None:
    misses = found((DB, "public.x"), (DB, "crm.public.x"), (DB, "shop.public.x"))
    assert {score for *_, score in misses} == {25}


def test_case_alone() -> None:
    assert found((DB, "shop.public.Orders"), (DB, "shop.public.orders")) == {
        ("shop.public.Orders", "shop.public.orders", "case", 70)
    }
    assert found(("kafka://k:9092", "Topic"), ("kafka://k:9092", "topic"))


def test_servers_that_look_alike() -> None:
    def why(one: str, other: str) -> set[str]:
        return {reason for *_, reason, _ in found((one, "shop.public.x"), (other, "shop.public.x"))}

    assert why(DB, "postgres://db.example.com:5432") == {Reason.DOMAIN}
    assert why(DB, "postgres://db:5433") == {Reason.PORT}
    assert why("kafka://a:9092", "kafka://a:9092,b:9092") == {Reason.HOSTS}
    assert why(DB, "postgres://other:5432") == set()
    assert why(DB, "mysql://db:3306") == set()
    assert why("postgres://10:5432", "postgres://10.0.0.7:5432") == set()
    assert why("s3://a", "s3://a.b") == set()


def test_what_looks_alike_is_found_by_its_keys() -> None:
    whole, short, upper = (DatasetName(DB, name) for name in ("shop.public.x", "public.x", 'shop.public."X"'))
    assert leaf_key(whole) == leaf_key(short) == leaf_key(upper)
    assert whole_key(whole) == whole_key(DatasetName("postgres://other:5432", "shop.public.X"))
    assert whole_key(whole) != whole_key(DatasetName("mysql://db:3306", "shop.public.x"))


NAMES = st.builds(
    DatasetName,
    st.sampled_from([DB, "postgres://db.example.com:5432", "postgres://db:5433", "kafka://a,b", "kafka://a", "s3://b"]),
    st.lists(st.sampled_from(["x", "X", "public", '"a.b"']), min_size=1, max_size=3).map(".".join),
).map(canonical)


@given(st.lists(NAMES, max_size=8), st.data())
def test_near_misses_do_not_depend_on_order(names: list[DatasetName], data: st.DataObject) -> None:
    assert set(near_misses(names)) == set(near_misses(data.draw(st.permutations(names))))
