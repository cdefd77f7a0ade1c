"""Both walls before the newest PostgreSQL: nothing leaks, and ordinary work goes on as with the one before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nexus_core.proxy.wall import Refused, judge
from tests.attacks import SECRETS
from tests.integration.wall.test_attacks import CORPORA, telling
from tests.integration.wall.test_ordinary import QUERIES
from tests.masking import sample
from tests.services import PostgreSQL
from tests.walls import Walls, walls

pytestmark = pytest.mark.service
MAJOR = 18


@pytest.fixture(scope="module")
def newest(newest_postgresql: PostgreSQL) -> Iterator[Walls]:
    with sample(newest_postgresql) as shop, walls(shop) as made:
        shop.run(SECRETS)
        yield made


def test_nothing_leaks_and_ordinary_queries_answer_as_they_do_directly(newest: Walls) -> None:
    (row,) = newest.sample.rows("SELECT current_setting('server_version_num')::int / 10000")
    assert row == (MAJOR,)
    attacks = [attack for corpus in CORPORA.values() for attack in corpus]
    assert telling(attacks, newest.both) == []
    assert telling([*CORPORA["values"], *CORPORA["oracles"]], newest.privileges_only) == []
    for text in QUERIES:
        verdict = judge(text, newest.open_profile)
        assert not isinstance(verdict, Refused), text
        direct = newest.none(text)
        assert "error" not in direct
        assert newest.ask(f"{newest.profile.login_role}_reader", verdict.text) == direct
