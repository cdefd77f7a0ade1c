"""The queueing model keeps what any queue must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.simulation.figures import HERE, MACHINE, QUIET
from benchmarks.simulation.inputs import Costs, Deployment, Load
from benchmarks.simulation.model import simulate

LOAD = Load(events_a_minute=6000, seconds=20, burst=1.0, jobs=500)
SMALL = Deployment(apis=1, workers=1, store_cores=1, graph_cores=1)


def test_every_event_shows_once_and_the_same_inputs_give_the_same() -> None:
    first, again = simulate(LOAD, Costs(), SMALL), simulate(LOAD, Costs(), SMALL)
    assert first == again
    assert len(first.latencies) == pytest.approx(2000, rel=0.15)


def test_stations_are_busy_as_rate_times_cost_says() -> None:
    costs = replace(Costs(), round_worker=0.0, round_store=0.0, telling=0.0)
    result = simulate(replace(LOAD, changing=0.0), costs, SMALL)
    count, seconds = len(result.latencies), LOAD.seconds  # and until the last shows
    assert result.busy["api"] == pytest.approx(count * costs.accept_api / 1000 / seconds, rel=0.08)
    assert result.busy["workers"] == pytest.approx(count * costs.merge_same / 1000 / seconds, rel=0.08)
    assert result.busy["store"] == pytest.approx(
        count * (costs.accept_store + costs.store_same) / 1000 / seconds, rel=0.08
    )


def test_no_event_shows_sooner_than_its_own_work_takes() -> None:
    costs = Costs()
    own = costs.accept_api + costs.accept_store + costs.merge_same + costs.store_same + costs.graph_same
    fixed = costs.round_worker + costs.round_store + costs.telling
    assert simulate(LOAD, costs, Deployment()).latencies[0] >= (own + fixed) / 1000 - 1e-9


def test_more_work_than_cores_makes_a_queue_and_more_cores_end_it() -> None:
    heavy = replace(Costs(), graph_same=20.0)
    slow = simulate(LOAD, heavy, Deployment(graph_cores=1)).percentile(0.95)
    quick = simulate(LOAD, heavy, Deployment(graph_cores=8)).percentile(0.95)
    assert slow > 5 > quick


def test_the_machine_of_the_benchmarks_is_as_was_measured() -> None:
    """docs/benchmarks.md: the oldest event that waits is 0.9 s old at p95, at most 1.0 s."""
    result = simulate(HERE, QUIET, MACHINE)
    assert (result.age(0.95), result.age(1.0)) == pytest.approx((0.9, 1.0), abs=0.15)


def test_an_absence_of_the_graph_is_caught_up() -> None:
    result = simulate(replace(LOAD, graph_away=(5.0, 10.0)), Costs(), Deployment())
    assert 4.0 < result.latencies[-1] < 8.0
    assert result.percentile(0.5) < 1.0
