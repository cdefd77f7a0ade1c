"""Each attack of tests/attacks leaks to who may read the tables, and not through the walls, each off in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.attacks import Attack, listed, over_targets
from tests.masking import leaks
from tests.walls import Walls

Way = Callable[[str], str]

CORPORA = {
    "values": list(over_targets("values")),
    "oracles": list(over_targets("oracles")),
    "catalogue": list(listed("catalogue")),
    "definer": list(listed("definer")),
    "encodings": list(listed("encodings")),
}


def _tells(attack: Attack, ask: Way) -> bool:
    """Whether an answer tells of a value: by a canary, or by differing from that to a wrong guess."""
    said = _without_guesses(ask(attack.text), attack)
    if attack.control:
        return bool(leaks(said)) or said != _without_guesses(ask(attack.control), attack)
    return bool(leaks(said))


def _without_guesses(said: str, attack: Attack) -> str:
    for guess in filter(None, attack.guesses):
        said = said.replace(guess, "?")
    return said


def telling(found: Iterable[Attack], ask: Way) -> list[str]:
    """Give the attacks whose answers tell of a value."""
    return [attack.text for attack in found if _tells(attack, ask)]


def test_there_are_hundreds() -> None:
    assert sum(map(len, CORPORA.values())) > 700


@pytest.mark.parametrize("corpus", CORPORA)
def test_each_leaks_where_nothing_defends(walled: Walls, corpus: str) -> None:
    """For one of its targets at least: a partitioned table cannot be copied, a number has no bad JSON in it."""
    proven = {attack.template for attack in CORPORA[corpus] if _tells(attack, walled.none)}
    assert {attack.template for attack in CORPORA[corpus]} - proven == set()


@pytest.mark.parametrize("corpus", CORPORA)
def test_none_leaks_through_both_walls(walled: Walls, corpus: str) -> None:
    assert telling(CORPORA[corpus], walled.both) == []


@pytest.mark.parametrize("corpus", CORPORA)
def test_none_leaks_through_the_statement_wall_alone(walled: Walls, corpus: str) -> None:
    assert telling(CORPORA[corpus], walled.statements_only) == []


@pytest.mark.parametrize("corpus", ["values", "oracles"])
def test_no_value_leaks_through_privileges_alone(walled: Walls, corpus: str) -> None:
    assert telling(CORPORA[corpus], walled.privileges_only) == []
