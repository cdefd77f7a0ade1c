import contextlib
import copy
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexus_core.errors import InvalidInputError, TooLargeError
from nexus_core.events.check import check, decode
from nexus_core.model.envelope import EventKind

REAL = sorted((Path(__file__).parents[2] / "golden/airflow_events").glob("*.json"))
FACET = {"_producer": "https://example.org", "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/X.json#/$defs/X"}
RUN = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-01T00:00:01Z",
    "producer": "https://example.org",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {"runId": "0190f8a0-0000-7000-8000-000000000001", "facets": {}},
    "job": {"namespace": "n", "name": "j", "facets": {"sql": {**FACET, "query": "select 1"}}},
    "inputs": [{"namespace": "postgres://h:5432", "name": "d.s.t", "facets": {}}],
    "outputs": [
        {
            "namespace": "postgres://h:5432",
            "name": "d.s.u",
            "facets": {
                "schema": {**FACET, "fields": [{"name": "a", "type": "int"}]},
                "columnLineage": {
                    **FACET,
                    "fields": {"a": {"inputFields": [{"namespace": "n", "name": "t", "field": "a"}]}},
                },
            },
        }
    ],
}
OUTPUT = "$.outputs[0].facets"
FAULTS = [
    ("eventType", "FINISHED", "$.eventType"),
    ("eventTime", "yesterday", "$.eventTime"),
    ("eventTime", "2026-02-30T00:00:00Z", "$.eventTime"),
    ("eventTime", "2026-01-01T00:00:00", "$.eventTime"),
    ("eventTime", "0001-01-01T00:00:00+23:00", "$.eventTime"),
    ("eventTime", None, "$.eventTime"),
    ("producer", 7, "$.producer"),
    ("schemaURL", [], "$.schemaURL"),
    ("run", [], "$.run"),
    ("run.runId", "", "$.run.runId"),
    ("run.facets", [], "$.run.facets"),
    ("run.facets.x", "text", "$.run.facets.x"),
    ("run.facets.x", {}, "$.run.facets.x._producer"),
    ("run.facets.nominalTime", {**FACET, "nominalStartTime": "soon"}, "$.run.facets.nominalTime.nominalStartTime"),
    ("job.name", "", "$.job.name"),
    ("job.namespace", "é" * 1025, "$.job.namespace"),
    ("job.facets.sql.query", 7, "$.job.facets.sql.query"),
    ("inputs", {}, "$.inputs"),
    ("inputs", [None], "$.inputs[0]"),
    ("outputs.0.name", "d\0", "$.outputs[0].name"),
    ("outputs.0.facets.schema.fields", {}, f"{OUTPUT}.schema.fields"),
    ("outputs.0.facets.schema.fields.0.name", None, f"{OUTPUT}.schema.fields[0].name"),
    ("outputs.0.facets.columnLineage.fields", [], f"{OUTPUT}.columnLineage.fields"),
    (
        "outputs.0.facets.columnLineage.fields.a.inputFields.0.field",
        1,
        f"{OUTPUT}.columnLineage.fields.a.inputFields[0].field",
    ),
    (
        "outputs.0.facets.lifecycleStateChange",
        {**FACET, "lifecycleStateChange": "GONE"},
        f"{OUTPUT}.lifecycleStateChange.lifecycleStateChange",
    ),
]


def with_value(event, way, value):
    event = copy.deepcopy(event)
    *parents, last = [int(part) if part.isdigit() else part for part in way.split(".")]
    node = event
    for part in parents:
        node = node[part]
    node[last] = value
    return event


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_events_of_airflow_are_accepted(path):
    assert check(decode(path.read_bytes())).warnings == ()


def test_kinds_are_told_apart_by_content():
    common = {
        "eventTime": "2026-01-01T00:00:00Z",
        "producer": "p",
        "schemaURL": "https://openlineage.io/spec/1-0-5/OpenLineage.json",
    }
    named = {"namespace": "n", "name": "x"}
    assert check({**common, "run": {"runId": "r"}, "job": named}).kind is EventKind.RUN
    assert check({**common, "job": named}).kind is EventKind.JOB
    assert check({**common, "dataset": named}).kind is EventKind.DATASET
    with pytest.raises(InvalidInputError, match="neither run, job nor dataset"):
        check(common)


@pytest.mark.parametrize(("way", "value", "path"), FAULTS)
def test_a_fault_is_named_by_its_path(way, value, path):
    with pytest.raises(InvalidInputError) as caught:
        check(with_value(RUN, way, value))
    assert caught.value.path == path


@pytest.mark.parametrize("key", ["run", "job", "eventTime", "producer"])
def test_a_missing_field_is_named(key):
    with pytest.raises(InvalidInputError) as caught:
        check({other: value for other, value in RUN.items() if other != key})
    assert (caught.value.path, caught.value.reason) == (f"$.{key}", "is missing")


def test_what_is_unusual_is_warned_of():
    odd = with_value(RUN, "run.runId", "run-7")
    odd["run"]["facets"]["nominalTime"] = {**FACET, "nominalStartTime": "2026-01-01"}
    del odd["schemaURL"]
    warnings = check(odd).warnings
    assert [warning.split(":")[0] for warning in warnings] == [
        "$.schemaURL",
        "$.run.runId",
        "$.run.facets.nominalTime.nominalStartTime",
    ]


def test_later_versions_and_unknown_facets_pass():
    later = {**FACET, "_schemaURL": "https://openlineage.io/spec/facets/9-0-0/SQLJobFacet.json", "query": {"text": "…"}}
    check(with_value(RUN, "job.facets.sql", later))
    check(with_value(RUN, "job.facets.custom", {**FACET, "any": [1, None]}))
    check(with_value(RUN, "job.facets.sql", {**FACET, "_deleted": True}))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe{}", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1e999}', b'"\\ud800"']
)
def test_what_is_not_json_is_refused(body):
    with pytest.raises(InvalidInputError, match="not JSON"):
        decode(body)


def test_nesting_has_a_limit_before_any_recursion():
    facet = {**FACET, "deep": orjson.loads(b"[" * 96 + b"]" * 96)}
    check(with_value(RUN, "run.facets.x", facet))
    with pytest.raises(TooLargeError, match="100 levels"):
        check(with_value(RUN, "run.facets.x", {**facet, "deep": orjson.loads(b"[" * 97 + b"]" * 97)}))
    with pytest.raises(TooLargeError, match="100 levels"):
        decode(b"[" * 100_000 + b"]" * 100_000)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def ways(node, way=()):
    yield way
    for key, each in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from ways(each, (*way, key))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(ways(RUN))[1:]), JSON)
def test_any_corruption_is_accepted_or_refused_with_its_reason(way, value):
    corrupt = with_value(RUN, ".".join(map(str, way)), value)
    with contextlib.suppress(InvalidInputError):
        check(corrupt)
