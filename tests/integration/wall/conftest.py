"""The masking sample with both walls before it, once for a file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks import SECRETS
from tests.masking import sample
from tests.services import PostgreSQL
from tests.walls import Walls, walls


@pytest.fixture(scope="module")
def walled(postgresql: PostgreSQL) -> Iterator[Walls]:
    with sample(postgresql) as shop, walls(shop) as made:
        shop.run(SECRETS)
        yield made
