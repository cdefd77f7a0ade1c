"""Branches by role say what the truth table says, whatever policies and roles there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nexus_core.masking.native.rules import branches, clear_to, rules_of, seen_by
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import CLEAR, Column, Mask, MaskKind, Match, Policy, resolve

_ROLES = ("analyst", "hr", "steward")
_MASKS = st.sampled_from(
    [
        Mask(MaskKind.REFUSE),
        Mask(MaskKind.NULL),
        Mask(MaskKind.CONSTANT, (("value", "x"),)),
        Mask(MaskKind.CONSTANT, (("value", "y"),)),
        Mask(MaskKind.ROUND, (("digits", "0"),)),
        Mask(MaskKind.ROUND, (("digits", "2"),)),
        Mask(MaskKind.BUCKET, (("size", "10"),)),
    ]
)
_HELD = st.frozensets(st.sampled_from(_ROLES))
_POLICY = st.builds(lambda mask, roles: Policy("p", Match(), mask, roles), _MASKS, _HELD)
_CLASS = st.sampled_from(["Public", "PII", None])


@given(st.lists(_POLICY, max_size=5), _CLASS, _HELD)
def test_branches_are_the_truth_table(policies: list[Policy], class_name: str | None, held: frozenset[str]) -> None:
    column = Column(DatasetName("mysql", "shop.orders"), "pay", class_name)
    rules, expected = rules_of(policies, column), resolve(policies, column, held).mask
    taken = next(
        branch.mask
        for branch in branches(rules)
        if all(any(held.isdisjoint(roles) for roles in unless) for unless in branch.lacks)
    )
    assert taken == expected
    needed = clear_to(rules)
    assert (expected == CLEAR) == (needed is not None and not any(held.isdisjoint(roles) for roles in needed))
    if len(held) < 2:
        assert seen_by(rules, next(iter(held), None)) == expected
