"""Each attack of tests/attacks leaks to who may read the tables, and not through the walls, each off in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests import attacks
from tests.attacks import Attack
from tests.masking import leaks
from tests.walls import Walls

Way = Callable[[str], str]


def _told(attack: Attack, ask: Way) -> bool:
    """Whether an answer tells of a value: by a canary, or by differing from that to a wrong guess."""
    said = _without_guesses(ask(attack.text), attack)
    if attack.control:
        return bool(leaks(said)) or said != _without_guesses(ask(attack.control), attack)
    return bool(leaks(said))


def _without_guesses(said: str, attack: Attack) -> str:
    for guess in attack.guesses:
        said = said.replace(guess, "?") if guess else said
    return said


def _leaking(found: Iterable[Attack], ask: Way) -> list[str]:
    return [attack.text for attack in found if _told(attack, ask)]


def _harmless(found: Iterable[Attack], ask: Way) -> list[str]:
    return [attack.text for attack in found if not _told(attack, ask)]


CORPORA = {
    "values": list(attacks.values()),
    "oracles": list(attacks.oracles()),
    "catalogue": list(attacks.listed("catalogue")),
    "definer": list(attacks.listed("definer")),
}


def test_there_are_hundreds() -> None:
    assert sum(map(len, CORPORA.values())) > 800


@pytest.mark.parametrize("corpus", CORPORA)
def test_each_leaks_where_nothing_defends(walled: Walls, corpus: str) -> None:
    assert _harmless(CORPORA[corpus], walled.none) == []


@pytest.mark.parametrize("corpus", CORPORA)
def test_none_leaks_through_both_walls(walled: Walls, corpus: str) -> None:
    assert _leaking(CORPORA[corpus], walled.both) == []


@pytest.mark.parametrize("corpus", CORPORA)
def test_none_leaks_through_the_statement_wall_alone(walled: Walls, corpus: str) -> None:
    assert _leaking(CORPORA[corpus], walled.statements_only) == []


@pytest.mark.parametrize("corpus", ["values", "oracles"])
def test_no_value_leaks_through_privileges_alone(walled: Walls, corpus: str) -> None:
    assert _leaking(CORPORA[corpus], walled.privileges_only) == []
