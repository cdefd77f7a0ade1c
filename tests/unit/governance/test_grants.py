import pytest

from nexus_core.errors import InvalidInputError
from nexus_core.governance.grants import rights_of
from nexus_core.model.access import Permission


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
    assert rights.permissions == {Permission.INGEST, Permission.HARVEST, Permission.READ}
    assert rights.scope.namespaces == ("postgres://*",)


def test_the_admin_may_everything_but_read_raw_events():
    rights = rights_of(["admin"])
    assert rights.authority.admin
    assert rights.scope.everything
    assert rights.permissions == set(Permission) - {Permission.RAW_EVENTS}


def test_a_producer_reads_nothing():
    rights = rights_of(["producer:airflow"])
    assert Permission.READ not in rights.permissions
    assert rights.scope.namespaces == ()


@pytest.mark.parametrize(
    "grant", ["", "root", "producer", "producer:", "harvest", "curator:x", "viewer:", "admin:x", "Admin"]
)
def test_what_means_nothing_is_named(grant):
    with pytest.raises(InvalidInputError, match="is no authority"):
        rights_of([grant])
