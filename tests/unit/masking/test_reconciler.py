from __future__ import annotations

import pytest

from nexus_core.masking.profiles import LEASE_SECONDS
from nexus_core.masking.reconciler import ROUND_SECONDS, pause_seconds


@pytest.mark.parametrize("took", [0.0, 0.1, 0.5, 1.0, 1.5, 1.9])
def test_a_round_and_the_pause_after_it_fit_into_a_lease(took: float) -> None:
    assert ROUND_SECONDS <= pause_seconds(took) < LEASE_SECONDS - took
