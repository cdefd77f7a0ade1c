import orjson
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.events.identity import canonical, event_id
from nexus_core.events.tree import has_plain_numbers

SAFE = 2**53 - 1
LEAF = (
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
JSON = st.recursive(LEAF, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(JSON)
def test_canonical_form_is_that_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_outside_the_basic_plane_sort_by_utf_16():
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_large_integers_keep_their_digits():
    assert canonical([2**60, -(2**53)]) == b'["1152921504606846976","-9007199254740992"]'
    assert event_id("p", {"a": 2**60}) != event_id("p", {"a": 2**60 + 1})


def test_an_id_belongs_to_its_principal_and_not_to_spelling():
    event = orjson.loads('{"b": 1.0, "a": "\\u00e9"}')
    assert event_id("p", event) == event_id("p", orjson.loads('{"a":"é","b":1}'))
    assert event_id("p", event) != event_id("q", event)


@given(JSON | st.lists(st.integers()))
def test_what_is_said_of_numbers_changes_no_id(value):
    event = {"a": value}
    assert event_id("p", event, plain=has_plain_numbers(event, 100) is True) == event_id("p", event)


def test_deeper_trees_than_asked_for_tell_nothing_of_their_numbers():
    assert has_plain_numbers({"a": [{"b": 1}]}, 3) is True
    assert has_plain_numbers({"a": [{"b": 1.5}]}, 3) is False
    assert has_plain_numbers({"a": [{"b": 1}]}, 2) is None
