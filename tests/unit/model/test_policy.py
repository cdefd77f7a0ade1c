"""The truth table of docs/policies.md, and what holds for every set of policies."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexus_core.model.access import UNKNOWN, Attributes
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
    RowFilter,
    filters,
    resolve,
    strength,
    strongest,
)

DOC = Path(__file__).parents[3] / "docs" / "policies.md"
ORDERS = DatasetName("postgres://db:5432", "shop.public.orders")
_MASK = re.compile(r"(?P<kind>\w+)(?:\((?P<name>\w+) (?P<value>[^)]+)\))?(?: clear for (?P<roles>.+))?")


def _rows() -> list[list[str]]:
    table = DOC.read_text().partition("## Truth table")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:2] == "| "]
    return rows[1:]


def _policy(text: str) -> Policy:
    found = _MASK.fullmatch(text)
    assert found, text
    parameters = ((found["name"], found["value"]),) if found["name"] else ()
    return Policy(text, Match(), Mask(MaskKind(found["kind"]), parameters), _names(found["roles"]))


def _names(text: str | None) -> frozenset[str]:
    return frozenset() if text in (None, "none") else frozenset(text.split(", "))


@pytest.mark.parametrize(("policies", "roles", "class_name", "result"), _rows())
def test_truth_table(policies: str, roles: str, class_name: str, result: str) -> None:
    known = [] if policies == "none" else [_policy(each) for each in policies.split("; ")]
    column = Column(ORDERS, "x", None if class_name == "not classified" else class_name)
    assert str(resolve(known, column, _names(roles)).mask) == result


def test_the_table_is_read() -> None:
    assert len(_rows()) > 30


_MASKS = st.sampled_from(
    [REFUSE, NULL, CLEAR]
    + [
        Mask(kind, ((name, value),))
        for kind, name in ((MaskKind.CONSTANT, "value"), (MaskKind.PARTIAL, "shape"), (MaskKind.ROUND, "digits"))
        for value in "12"
    ]
)
_ROLES = st.frozensets(st.sampled_from(["admin", "steward", "analyst"]))
_CLASSES = st.sampled_from([None, "Public", "Confidential", "PII"])
_MATCHES = st.builds(Match, classes=st.lists(st.sampled_from(["Public", "PII"]), max_size=2).map(tuple))
_POLICIES = st.lists(st.builds(Policy, st.just("p"), _MATCHES, _MASKS, _ROLES), max_size=5)


def test_what_combines_to_null_stays_null_beside_a_constant() -> None:
    first, second = (Mask(MaskKind.PARTIAL, (("shape", shape),)) for shape in ("email", "card"))
    assert strongest([first, second, Mask(MaskKind.CONSTANT, (("value", "x"),))]) == NULL
    assert strongest([first, second, REFUSE]) == REFUSE


@given(_POLICIES, _CLASSES, _ROLES, st.randoms(use_true_random=False))
def test_order_does_not_matter(
    policies: list[Policy], class_name: str | None, roles: frozenset[str], random: Random
) -> None:
    column = Column(ORDERS, "x", class_name)
    shuffled = random.sample(policies, len(policies))
    assert resolve(policies, column, roles).mask == resolve(shuffled, column, roles).mask


@given(_POLICIES, _POLICIES, _CLASSES, _ROLES)
def test_one_more_matching_policy_never_shows_more(
    policies: list[Policy], more: list[Policy], class_name: str | None, roles: frozenset[str]
) -> None:
    column = Column(ORDERS, "x", class_name)
    before = resolve(policies, column, roles)
    if before.said:
        assert strength(resolve(policies + more, column, roles).mask) >= strength(before.mask)


@given(_POLICIES, _CLASSES, _ROLES, _ROLES)
def test_one_more_role_never_shows_less(
    policies: list[Policy], class_name: str | None, roles: frozenset[str], more: frozenset[str]
) -> None:
    column = Column(ORDERS, "x", class_name)
    few, many = resolve(policies, column, roles).mask, resolve(policies, column, roles | more).mask
    assert strength(many) <= strength(few)


@given(_POLICIES, _CLASSES, _ROLES)
def test_clear_only_if_each_matching_policy_says_so(
    policies: list[Policy], class_name: str | None, roles: frozenset[str]
) -> None:
    found = resolve(policies, Column(ORDERS, "x", class_name), roles)
    if found.mask == CLEAR:
        assert all(mask == CLEAR for _, mask in found.said)
        assert found.said or class_name == "Public"


def test_each_given_part_of_a_match_has_to_hold() -> None:
    match = Match(("PII",), ("postgres://*/shop.public.*",), ("*MAIL*",), ("sales",), ("gdpr", "hr"))
    sales, gdpr = Attributes("sales"), frozenset({"gdpr"})
    column = Column(ORDERS, "Email", "PII", sales, gdpr)
    assert match.holds(column)
    others = [
        Column(DatasetName("postgres://db:5432", "shop.raw.orders"), "Email", "PII", sales, gdpr),
        Column(ORDERS, "name", "PII", sales, gdpr),
        Column(ORDERS, "Email", "Public", sales, gdpr),
        Column(ORDERS, "Email", "PII", UNKNOWN, gdpr),
        Column(ORDERS, "Email", "PII", sales, frozenset({"x"})),
    ]
    assert not any(match.holds(other) for other in others)


def test_row_filters_add_up_and_an_exempt_role_lifts_one() -> None:
    region = RowFilter("region", ("*/shop.*",), "region = :region", frozenset({"steward"}))
    open_ = RowFilter("open", ("*",), "state = 'open'")
    elsewhere = RowFilter("elsewhere", ("mysql://*",), "false")
    every = (region, open_, elsewhere)
    assert filters(every, ORDERS, frozenset({"analyst"})) == (region, open_)
    assert filters(every, ORDERS, frozenset({"analyst", "steward"})) == (open_,)
