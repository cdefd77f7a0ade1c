"""Scopes as sets: what they add up to, what limits them, and what may be told of a whole namespace."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.access import (
    CLASSES,
    EVERYTHING,
    NOTHING,
    UNKNOWN,
    Attributes,
    Caller,
    Grant,
    Permission,
    Reach,
    Scope,
    limited,
    union,
)
from nexus_core.model.names import DatasetName

_PATTERNS = ["a", "b", "a*", "*", "?", "*/x", "a/*", "*?/*", "[*", "[!]*"]
_patterns = st.none() | st.lists(st.sampled_from(_PATTERNS), max_size=2).map(tuple)
_domains = st.none() | st.lists(st.sampled_from(["sales", "hr"]), max_size=2).map(tuple)
_plain = st.builds(Reach, _patterns, _patterns, _domains, st.sampled_from([None, *CLASSES, "Own"]))
_scopes = st.lists(_plain, max_size=3).map(lambda reaches: Scope(tuple(reaches)))
_names = st.builds(DatasetName, st.sampled_from(["a", "b", "ab", "[", "[!]"]), st.sampled_from(["x", "y"]))
_attributes = st.builds(Attributes, st.sampled_from([None, "sales", "hr"]), st.sampled_from([None, *CLASSES, "Own"]))


@given(one=_scopes, other=_scopes, third=_scopes, name=_names, told=_attributes)
def test_scopes_are_added_and_limited_as_sets_are(
    one: Scope, other: Scope, third: Scope, name: DatasetName, told: Attributes
) -> None:
    a, b, c = (scope.sees(name, told) for scope in (one, other, third))
    assert union([one, other]).sees(name, told) == (a or b)
    assert one.limited_to(other).sees(name, told) == (a and b)
    assert one.limited_to(other).limited_to(third).sees(name, told) == (a and b and c)
    assert union([one.limited_to(other), third]).sees(name, told) == ((a and b) or c)


@given(one=_scopes, other=_scopes, name=_names, told=_attributes)
def test_what_a_scope_says_of_itself_holds(one: Scope, other: Scope, name: DatasetName, told: Attributes) -> None:
    scope = one.limited_to(other)
    whole = scope.everything or scope.sees_whole(name.namespace)
    if whole or scope.sees_all_datasets(name.namespace):
        assert scope.sees(name, told)
    assert scope.sees_all_datasets(name.namespace) or not whole
    if scope.sees(name, told):
        assert scope.may_see(name)
    if scope.by_namespace:
        assert scope.sees(name, told) == scope.sees(DatasetName(name.namespace, "other"))
    if not scope.needs_attributes:
        assert scope.sees(name, told) == scope.sees(name)


@given(scope=_scopes, name=_names)
def test_what_is_unknown_hides(scope: Scope, name: DatasetName) -> None:
    limits = Scope(tuple(reach for reach in scope.reaches if reach.needs_attributes))
    assert not limits.sees(name, UNKNOWN)


def test_a_ceiling_shows_classes_of_ones_own_by_their_rank() -> None:
    name, ranks = DatasetName("a", "x"), {"Public": 0, "Internal": 50, "Confidential": 100, "PII": 200, "Secret": 300}
    scope = Scope((Reach(ceiling="Confidential", also=(Reach(ceiling="Secret"),)),)).knowing(ranks)
    assert [each for each in (*ranks, None) if scope.sees(name, Attributes(class_name=each))] == list(ranks)[:3]
    for narrow in (Reach(ceiling="Confidential"), Reach(("a",), ceiling="Nobody's").knowing(ranks)):
        assert not Scope((narrow,)).sees(name, Attributes(class_name="Internal"))
    assert Scope((Reach(ceiling="Secret"),)).knowing(ranks).sees(name, Attributes(class_name="PII"))


def test_where_classes_of_ones_own_are_not_known_every_ceiling_hides_them() -> None:
    name = DatasetName("a", "x")
    assert not Scope((Reach(ceiling="PII"),)).sees(name, Attributes(class_name="Own"))
    assert not Scope((Reach(ceiling="Own"),)).sees(name, Attributes(class_name="Public"))
    assert EVERYTHING.sees(name, Attributes(class_name="Own"))


def test_permissions_hold_where_they_were_given() -> None:
    steward = Grant(frozenset({Permission.READ, Permission.CURATE}), Scope.of("a"), "steward")
    viewer = Grant(frozenset({Permission.READ}), Scope.of("b"), "viewer")
    caller = Caller("acc_1", "Ann", (steward, viewer))
    assert caller.scope_of(Permission.CURATE) == Scope.of("a")
    assert caller.scope.sees(DatasetName("b", "x"))
    assert caller.scope_of(Permission.AUDIT) == NOTHING


def test_a_token_is_never_more_than_its_account() -> None:
    own = [Grant(frozenset({Permission.READ, Permission.AUDIT}), EVERYTHING, origin="token")]
    account = [
        Grant(frozenset({Permission.READ}), Scope.of("a"), "viewer"),
        Grant(frozenset({Permission.CURATE}), EVERYTHING),
    ]
    caller = Caller("acc_1", "Ann", limited(own, account))
    assert caller.permissions == {Permission.READ}
    assert caller.scope == Scope.of("a")
    assert caller.roles == {"viewer"}
