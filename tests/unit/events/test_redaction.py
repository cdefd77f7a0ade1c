from pathlib import Path

import orjson
import pytest

from nexus_core.events.redaction import redact, restore

REAL = sorted((Path(__file__).parents[2] / "golden/airflow_events").glob("*.json"))
CANARY = "Canary-4711"


def test_every_place_that_may_be_personal_is_hidden():
    event = {
        "run": {
            "facets": {
                "errorMessage": {"message": CANARY, "stackTrace": f"at {CANARY}\nin x"},
                "extractionError": {"errors": [{"errorMessage": CANARY, "task": f"select '{CANARY}'"}]},
            }
        },
        "job": {"namespace": "n", "name": "j", "facets": {"sql": {"query": f"select '{CANARY}' -- {CANARY}"}}},
        "inputs": [
            {
                "namespace": "postgres://h",
                "name": "t",
                "facets": {"lineageNexus_constraints": {"checks": [{"name": "c", "sql": f"a = '{CANARY}'"}]}},
                "inputFacets": {
                    "dataQualityAssertions": {"assertions": [{"actual": CANARY, "content": f"a = '{CANARY}'"}]}
                },
            }
        ],
        "outputs": [
            {
                "namespace": "postgres://h",
                "name": "u",
                "facets": {
                    "columnLineage": {
                        "fields": {"a": {"inputFields": [{"transformations": [{"description": f"'{CANARY}'"}]}]}}
                    }
                },
            }
        ],
    }
    before = orjson.dumps(event)
    redacted = redact(event)
    assert CANARY.encode() not in orjson.dumps(redacted.event)
    assert orjson.dumps(event) == before
    assert restore(redacted.event, orjson.loads(orjson.dumps(redacted.originals))) == event


def test_the_dialect_follows_the_facet_or_the_datasets():
    facets = {"sql": {"query": 'select "Ann" from t'}}
    job = {"namespace": "n", "name": "j", "facets": facets}
    postgres = redact({"job": job, "outputs": [{"namespace": "postgres://h", "name": "t"}]})
    assert postgres.originals == ()
    mysql = redact({"job": job, "inputs": [{"namespace": "mysql://h", "name": "t"}]})
    assert mysql.event["job"]["facets"]["sql"]["query"] == 'select "xxx" from t'


@pytest.mark.parametrize("facet", [None, [], 7, {"query": 7}, {"query": None}])
def test_another_shape_is_left_alone(facet):
    event = {"job": {"namespace": "n", "name": "j", "facets": {"custom": facet}}}
    assert redact(event).event == event


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_events_come_back_whole(path):
    event = orjson.loads(path.read_bytes())
    redacted = redact(event)
    assert restore(redacted.event, redacted.originals) == event
