from nexus_core.eventlog.partition import PARTITION_COUNT, partition_of
from nexus_core.eventlog.seal import Seal
from nexus_core.model.envelope import EventKind


def job(name):
    return {"job": {"namespace": "airflow", "name": name}}


def query(number, task="dag.task"):
    """What Airflow sends for a statement of a task."""
    facets = {"parent": {"job": {"namespace": "airflow", "name": task}, "run": {"runId": "r"}}}
    kind = {"jobType": {"jobType": "QUERY"}}
    name = f"{task}.query.{number}"
    return {"job": {"namespace": "airflow", "name": name, "facets": kind}, "run": {"facets": facets}}


def test_queries_share_the_partition_of_their_task():
    task = partition_of(EventKind.RUN, job("dag.task"))
    assert partition_of(EventKind.RUN, query(12)) == task
    assert {partition_of(EventKind.JOB, job(f"j{number}")) for number in range(2000)} == set(range(PARTITION_COUNT))


def test_a_dataset_event_belongs_to_its_dataset():
    named = {"dataset": {"namespace": "postgres://h", "name": "t.query.1"}}
    assert partition_of(EventKind.DATASET, named) == partition_of(EventKind.DATASET, named)


def test_a_seal_opens_only_with_its_key_and_in_its_place():
    seal = Seal(b"k" * 32)
    closed = seal.close(b"clear", "event-1")
    assert b"clear" not in closed
    assert closed != seal.close(b"clear", "event-1")
    assert seal.open(closed, "event-1") == b"clear"
    assert seal.open(closed, "event-2") is None
    for place, byte in enumerate(closed):
        assert seal.open(closed[:place] + bytes([byte ^ 1]) + closed[place + 1 :], "event-1") is None
    assert Seal(b"x" * 32).open(closed, "event-1") is None
    assert "kkk" not in repr(seal)
