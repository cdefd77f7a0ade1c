"""What a change of policies is said to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from nexus_core.governance.policies.plan import PROFILES_MAX, Direction, Plan, make_plan, unknown_roles
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import (
    CLEAR,
    NULL,
    REFUSE,
    Column,
    Mask,
    MaskKind,
    Match,
    Policy,
    PolicySet,
    RowFilter,
)

ORDERS = DatasetName("postgres://db:5432", "shop.public.orders")
COLUMNS = (Column(ORDERS, "id", "Public"), Column(ORDERS, "email", "PII"), Column(ORDERS, "note"))
EMAIL = Mask(MaskKind.PARTIAL, (("shape", "email"),))


@dataclass(frozen=True)
class _Holders:
    name: str
    held: frozenset[str]
    count: int = 3

    def roles(self, column: Column) -> frozenset[str]:
        return self.held if column.dataset == ORDERS else frozenset()


ANALYSTS, STEWARDS = _Holders("analyst", frozenset({"analyst"})), _Holders("steward", frozenset({"steward"}))


def _set(*policies: tuple[Mask, str], rows: tuple[RowFilter, ...] = ()) -> PolicySet:
    pii = Match(("PII",))
    made = (Policy(f"p{n}", pii, mask, frozenset({role})) for n, (mask, role) in enumerate(policies))
    return PolicySet(tuple(made), rows)


def _plan(
    before: PolicySet,
    after: PolicySet,
    columns: Sequence[Column] = COLUMNS,
    people: Sequence[_Holders] = (ANALYSTS, STEWARDS),
) -> Plan:
    async def each() -> AsyncIterator[Column]:
        for column in columns:
            yield column

    return asyncio.run(make_plan(before, after, each(), people))


def test_it_tells_who_sees_more_and_who_less() -> None:
    plan = _plan(_set((NULL, "steward")), _set((EMAIL, "nobody")))
    assert [(each.audience, each.before, each.after, each.direction) for each in plan.changes] == [
        ("analyst", NULL, EMAIL, Direction.LOOSER),
        ("steward", CLEAR, EMAIL, Direction.TIGHTER),
    ]
    assert [(each.column_count, each.people_count, each.samples) for each in plan.changes] == [(1, 3, [COLUMNS[1]])] * 2
    assert not plan.unprotected


def test_columns_that_no_policy_matches_any_more_are_named() -> None:
    plan = _plan(_set((NULL, "steward")), PolicySet())
    assert plan.unprotected == [COLUMNS[1]]
    assert [(each.after, each.direction) for each in plan.changes] == [(REFUSE, Direction.TIGHTER)] * 2


def test_nothing_changes() -> None:
    plan = _plan(_set((NULL, "steward")), _set((NULL, "steward"), (NULL, "steward")))
    assert plan.empty
    assert plan.column_count == 3


def test_rows_and_profiles() -> None:
    own = RowFilter("own", ("*/shop.*",), "region = :region", frozenset({"steward"}))
    plan = _plan(PolicySet(), PolicySet(row_filters=(own,)))
    assert [(each.audience, each.before, each.after) for each in plan.row_changes] == [("analyst", (), (own.where,))]
    assert plan.profile_counts == {ORDERS.namespace: 2}
    assert not plan.problems


@pytest.mark.parametrize("count", [PROFILES_MAX, PROFILES_MAX + 1])
def test_a_source_has_so_many_profiles_and_no_more(count: int) -> None:
    places = range(count.bit_length())
    columns = [Column(ORDERS, f"c{place}", f"C{place}") for place in places]
    policies = tuple(Policy(f"p{place}", Match((f"C{place}",)), NULL, frozenset({f"r{place}"})) for place in places)
    people = [
        _Holders(f"a{number}", frozenset(f"r{place}" for place in places if number >> place & 1))
        for number in range(count)
    ]
    plan = _plan(PolicySet(), PolicySet(policies), columns, people)
    assert plan.profile_counts == {ORDERS.namespace: count}
    told = f"{ORDERS.namespace} would need {count} profiles of masks, and 200 are the most. Name fewer roles."
    assert plan.problems == ([told] if count > PROFILES_MAX else [])


def test_masks_between_which_neither_is_stronger() -> None:
    plan = _plan(_set((EMAIL, "steward")), _set((Mask(MaskKind.PARTIAL, (("shape", "text"),)), "steward")))
    assert [each.direction for each in plan.changes] == [Direction.OTHER]


def test_roles_that_nobody_can_hold() -> None:
    assert unknown_roles(_set((NULL, "steward"), (NULL, "stewart")), ["steward", "admin"]) == ["stewart"]
