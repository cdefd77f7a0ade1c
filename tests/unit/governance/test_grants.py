import pytest

from nexus_core.errors import InvalidInputError
from nexus_core.governance.grants import rights_of
from nexus_core.governance.identities import limited_rights
from nexus_core.model.access import EVERYTHING, NOTHING, Caller, Permission, Reach, Scope
from nexus_core.model.names import DatasetName


def test_grants_add_up():
    rights = rights_of(
        [
            "producer:airflow-*",
            "producer:dbt:postgres://h:5432/shop.*",
            "harvest:postgres://h:5432",
            "viewer:postgres://*",
        ]
    )
    assert rights.authority.jobs == ("airflow-*", "dbt")
    assert rights.authority.outputs == ("*", "postgres://h:5432/shop.*")
    assert rights.authority.harvest == ("postgres://h:5432",)
    assert caller(rights).permissions == {Permission.INGEST, Permission.HARVEST, Permission.READ}
    assert caller(rights).scope == Scope.of("postgres://*")


def test_the_admin_may_everything_but_read_raw_events():
    rights = rights_of(["admin"])
    assert rights.authority.admin
    assert caller(rights).scope == EVERYTHING
    assert caller(rights).permissions == set(Permission) - {Permission.RAW_EVENTS}


def test_a_producer_reads_nothing():
    rights = rights_of(["producer:airflow"])
    assert not caller(rights).may(Permission.READ)
    assert caller(rights).scope == NOTHING


def test_an_auditor_of_one_part_reads_another_without_its_records():
    rights = rights_of(["viewer:a", "auditor:b"])
    assert caller(rights).scope_of(Permission.AUDIT) == Scope.of("b")
    assert caller(rights).scope == Scope((Reach(("a",)), Reach(("b",))))


def test_a_viewer_may_be_limited_by_datasets_domains_and_classes():
    limited = caller(rights_of(["viewer:dataset=pg/shop.*;dataset=pg/core.*;domain=sales;class=Confidential"])).scope
    assert limited == Scope((Reach(None, ("pg/shop.*", "pg/core.*"), ("sales",), "Confidential"),))
    assert caller(rights_of(["viewer:namespace=pg;class=PII"])).scope == Scope((Reach(("pg",), ceiling="PII"),))


@pytest.mark.parametrize(
    "limits", ["dataset=", "class=", "class=PII;class=PII", "dataset=[a", "domain=x;y", "dataset=[b-a]"]
)
def test_limits_that_mean_nothing_are_refused(limits):
    with pytest.raises(InvalidInputError, match=r"\$\.authority"):
        rights_of([f"viewer:{limits}"])


def caller(rights):
    return Caller("acc_1", "Ann", rights.grants)


@pytest.mark.parametrize(
    "grant",
    [
        "",
        "root",
        "producer",
        "producer:",
        "harvest",
        "curator:x",
        "alias:x",
        "curator:",
        "alias:",
        "viewer:",
        "admin:x",
        "Admin",
    ],
)
def test_what_means_nothing_is_named(grant):
    with pytest.raises(InvalidInputError, match="is no authority"):
        rights_of([grant])


def test_a_curator_of_some_datasets_sees_and_curates_these():
    pattern = "postgres://db:5432/shop.*"
    rights = rights_of([f"curator:{pattern}", f"alias:{pattern}"])
    assert (rights.authority.curator, rights.authority.alias) == (False, False)
    assert rights.authority.curates == rights.authority.aliases == (pattern,)
    caller = Caller("a", "a", rights.grants)
    for permission in (Permission.READ, Permission.CURATE):
        assert caller.scope_of(permission).sees(DatasetName("postgres://db:5432", "shop.t"))
        assert not caller.scope_of(permission).sees(DatasetName("postgres://db:5432", "crm.t"))


@pytest.mark.parametrize(
    ("own", "outer", "curator", "curates"),
    [
        (["curator"], ["curator"], True, ()),
        (["curator"], ["curator:ns/shop.*"], False, ("ns/shop.*",)),
        (["curator:ns/shop.*"], ["curator"], False, ("ns/shop.*",)),
        (["curator:ns/shop.a*"], ["curator:ns/shop.*"], False, ("ns/shop.a*",)),
        (["curator:ns/*"], ["curator:other/*"], False, ()),
        (["curator:ns/*"], ["viewer"], False, ()),
    ],
)
def test_a_token_curates_no_more_than_its_owner(own, outer, curator, curates):
    found = limited_rights(rights_of(own), rights_of(outer)).authority
    assert (found.curator, found.curates) == (curator, curates)
