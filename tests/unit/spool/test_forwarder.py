"""What the forwarder does with each answer of the API; the API is a function here, a real one in tests/airflow."""

import gzip
import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexus_core.spool.delivery import Answer, Delivery, retry_after
from nexus_core.spool.folder import SpoolFolder
from nexus_core.spool.forwarder import Forwarder, pause


class Api:
    """Answers each event by its `want` status; remembers what it was sent and what it took."""

    def __init__(self, whole=None, limit=1_000_000):
        self.whole, self.limit, self.taken, self.sizes, self.headers = whole, limit, [], [], []

    def __call__(self, path, body, headers):
        assert path == "/api/v1/lineage/batch"
        events = json.loads(gzip.decompress(body))
        self.sizes.append(len(events))
        self.headers.append(headers)
        if self.whole:
            return self.whole
        if len(gzip.decompress(body)) > self.limit:
            return Answer(413, {}, b'{"detail": "too large"}')
        return Answer(200, {}, json.dumps({"results": [self._result(*pair) for pair in enumerate(events)]}).encode())

    def _result(self, index, event):
        if event["want"] < 300:
            self.taken.append(event["n"])
            return {"index": index, "status": event["want"], "id": "sha256:x"}
        return {"index": index, "status": event["want"], "problem": {"detail": f"no {event['n']}"}}


@pytest.fixture
def spool(tmp_path):
    return SpoolFolder(tmp_path / "spool", ephemeral=True)


def forwarder(spool, api):
    return Forwarder(spool, Delivery(api, lambda: "secret"))


def put(spool, *wants):
    return [name for n, want in enumerate(wants) for name in spool.put(json.dumps({"n": n, "want": want}).encode())]


@given(wants=st.lists(st.sampled_from([200, 201, 400, 401, 403, 408, 413, 422, 429, 500, 503]), max_size=12))
@settings(max_examples=40, deadline=None)
def test_each_event_goes_where_its_status_says(tmp_path_factory, wants):
    spool, api = SpoolFolder(tmp_path_factory.mktemp("s") / "spool", ephemeral=True), Api()
    names = put(spool, *wants)
    done = forwarder(spool, api).forward()
    by_status = dict(zip(names, wants, strict=True))
    assert spool.pending() == [name for name, want in by_status.items() if want in (401, 408, 429, 500, 503)]
    assert [n for n in names if spool.rejection(n)] == [n for n, w in by_status.items() if w in (400, 403, 413, 422)]
    assert api.taken == [n for n, want in enumerate(wants) if want < 300]
    assert (done.accepted_count, done.later_count) == (len(api.taken), len(spool.pending()))


def test_a_refused_event_lies_beside_its_reason(spool):
    (name,) = put(spool, 422)
    forwarder(spool, Api()).forward()
    assert json.loads(spool.rejection(name)) == {"status": 422, "detail": "no 0"}


@pytest.mark.parametrize("status", [0, 302, 401, 403, 404, 408, 429, 500, 503])
def test_an_answer_about_the_whole_request_keeps_everything(spool, status):
    names = put(spool, 201, 201)
    done = forwarder(spool, Api(Answer(status, {"retry-after": "7"}, b"no"))).forward()
    assert (spool.pending(), done.later_count, done.retry_after_s) == (names, 2, 7.0)
    assert done.problem


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"results": []}', b'{"results": [{"index": 1, "status": 201}]}'])
def test_an_answer_that_does_not_speak_of_each_event_deletes_none(spool, body):
    names = put(spool, 201, 201)
    assert forwarder(spool, Api(Answer(200, {}, body))).forward().later_count == 2
    assert spool.pending() == names


def test_a_batch_that_is_too_large_is_halved_until_the_one_too_large_stands_alone(spool):
    names = put(spool, 201, 201)
    (large,) = spool.put(json.dumps({"n": 2, "want": 201, "text": "x" * 500}).encode())
    put(spool, 201)
    api = Api(limit=200)
    forwarder(spool, api).forward()
    assert (len(api.taken), spool.pending(), spool.rejection(large) is not None) == (3, [], True)
    assert not any(spool.rejection(name) for name in names)


def test_what_is_not_one_json_object_is_refused_and_moves_nothing_else(spool):
    two_in_one = b'{"n": 9, "want": 201},{"n": 9, "want": 201}'
    bad = spool.put(b"", b"[]", two_in_one, b'{"a": NaN}')
    put(spool, 201, 422)
    api = Api()
    assert forwarder(spool, api).forward().refused_count == 5
    assert all(spool.rejection(name) for name in bad)
    assert api.taken == [0]


def test_batches_hold_at_most_a_thousand_and_stop_when_the_api_wants_a_pause(spool):
    folder = spool.path / "new"
    for number in range(2_100):
        (folder / f"{number:020d}-x.json").write_bytes(b'{"n": 0, "want": 201}')
    api = Api()
    assert forwarder(spool, api).forward().accepted_count == 2_100
    assert api.sizes == [1_000, 1_000, 100]


def test_sends_the_token_and_no_word_of_it_elsewhere(spool):
    put(spool, 201)
    api = Api()
    forwarder(spool, api).forward()
    assert api.headers[0]["Authorization"] == "Bearer secret"


def test_runs_until_told_to_stop(spool):
    put(spool, 201)
    api, stop = Api(), threading.Event()
    thread = threading.Thread(target=forwarder(spool, api).run, args=(stop,))
    thread.start()
    put(spool, 201)
    while spool.pending():
        stop.wait(0.01)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert len(api.taken) == 2


def test_pauses_double_to_a_minute_and_never_fall_short_of_what_was_asked():
    assert 0.5 <= pause(0, 0) <= 1
    assert 4 <= pause(3, 0) <= 8
    assert pause(50, 0) <= 60
    assert pause(1, 90) == 90


def test_reads_both_forms_of_retry_after():
    assert retry_after("12") == 12
    assert retry_after("Wed, 21 Oct 2099 07:28:00 GMT") > 1e8
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == retry_after("soon") == retry_after(None) == 0
