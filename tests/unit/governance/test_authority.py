import pytest

from nexus_core.errors import ForbiddenError
from nexus_core.events.decision import DECISIONS
from nexus_core.governance.authority import check_authority, may_backdate, without_effect
from nexus_core.model.envelope import Authority, EventKind
from nexus_core.model.facets import DECISION
from nexus_core.model.names import DatasetName

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


def test_a_curator_of_some_datasets_writes_these_alone():
    shop = Authority(curates=(f"{NS}/shop.*",))
    check_authority(shop, EventKind.DATASET, DATASET)
    with pytest.raises(ForbiddenError):
        check_authority(shop, EventKind.DATASET, {"dataset": {"namespace": NS, "name": "crm.public.t"}})
    with pytest.raises(ForbiddenError):
        check_authority(
            shop, EventKind.DATASET, {"dataset": {"namespace": "postgres://other", "name": "shop.public.t"}}
        )
    with pytest.raises(ForbiddenError):
        check_authority(shop, EventKind.RUN, RUN)


@pytest.mark.parametrize("authority", [Authority(curates=(f"{NS}/shop.*",)), Authority(aliases=(f"{NS}/shop.*",))])
def test_names_of_some_datasets_are_joined_only_among_these(authority):
    def decided(kind, *names):
        objects = [{"namespace": NS, "name": name} for name in names]
        facet = {"kind": kind, "action": "accept", "objects": objects}
        return {"job": {"namespace": DECISIONS, "name": kind, "facets": {DECISION: facet}}}

    check_authority(authority, EventKind.JOB, decided("alias", "shop.a", "shop.b"))
    refused = [("shop.a", "crm.b"), ("shop.a", "*"), ("crm.a", "crm.b"), ()]
    for event in [*(decided("alias", *names) for names in refused), decided("classification", "shop.a")]:
        with pytest.raises(ForbiddenError):
            check_authority(authority, EventKind.JOB, event)


@pytest.mark.parametrize(
    ("pattern", "whole"), [("ns/*", True), ("*", True), ("ns/?", False), ("ns/[!x]*", False), ("ns/shop.*", False)]
)
def test_all_names_of_a_namespace_need_a_pattern_of_any(pattern, whole):
    assert Authority(aliases=(pattern,)).may_join(DatasetName("ns", "*")) is whole


def test_symlinks_join_what_the_alias_authority_matches():
    def told(name):
        links = {"identifiers": [{"namespace": NS, "name": name, "type": "TABLE"}]}
        return {"outputs": [{"namespace": NS, "name": "shop.t", "facets": {"symlinks": links}}]}

    shop = Authority(jobs=("*",), aliases=(f"{NS}/shop.*",))
    assert list(without_effect(shop, told("shop.u"))) == []
    assert len(list(without_effect(shop, told("crm.u")))) == 1
