import pytest

from nexus_core.errors import ForbiddenError
from nexus_core.governance.authority import check_authority, may_backdate, without_effect
from nexus_core.model.envelope import Authority, EventKind

NS = "postgres://h:5432"
RUN = {"job": {"namespace": "airflow", "name": "j"}, "run": {}, "outputs": [{"namespace": NS, "name": "shop.public.t"}]}
DATASET = {"dataset": {"namespace": NS, "name": "shop.public.t"}}


@pytest.mark.parametrize(
    ("authority", "allowed"),
    [
        (Authority(), False),
        (Authority(jobs=("airflow",), outputs=("*",)), True),
        (Authority(jobs=("air*",), outputs=(f"{NS}/shop.*",)), True),
        (Authority(jobs=("airflow",), outputs=(f"{NS}/crm.*",)), False),
        (Authority(jobs=("dbt",), outputs=("*",)), False),
        (Authority(jobs=("airflow",), harvest=(NS,)), True),
        (Authority(admin=True), True),
    ],
)
def test_jobs_and_outputs_outside_the_patterns_are_forbidden(authority, allowed):
    if allowed:
        check_authority(authority, EventKind.RUN, RUN)
    else:
        with pytest.raises(ForbiddenError):
            check_authority(authority, EventKind.RUN, RUN)


def test_a_dataset_event_writes_its_dataset():
    check_authority(Authority(curator=True), EventKind.DATASET, DATASET)
    check_authority(Authority(harvest=("postgres://*",)), EventKind.DATASET, DATASET)
    with pytest.raises(ForbiddenError):
        check_authority(Authority(jobs=("*",)), EventKind.DATASET, DATASET)


def test_only_a_harvest_of_the_source_or_backfill_dates_back():
    assert not may_backdate(Authority(jobs=("*",), outputs=("*",)), EventKind.RUN, RUN)
    assert may_backdate(Authority(backfill=True), EventKind.RUN, RUN)
    assert may_backdate(Authority(harvest=(NS,)), EventKind.DATASET, DATASET)
    assert not may_backdate(Authority(harvest=(NS,)), EventKind.RUN, RUN)


def test_facets_of_another_authority_are_told_to_have_no_effect():
    event = {
        "run": {"facets": {"lineageNexus_manifest": {}}},
        "outputs": [{"namespace": NS, "name": "t", "facets": {"lifecycleStateChange": {}, "symlinks": {}}}],
    }
    assert len(list(without_effect(Authority(jobs=("*",)), event))) == 3
    assert list(without_effect(Authority(harvest=("*",), alias=True), event)) == []
