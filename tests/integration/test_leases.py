"""Partitions among workers: fair shares, takeover, epochs, and commits that notice what others changed."""

import asyncio

import pytest

from nexus_core.errors import LostLeaseError, StaleReadError
from nexus_core.model.edge import digest_of
from nexus_core.model.partition import ALL_PARTITIONS, beside, partition_of_key
from nexus_core.store import ledger_lease
from nexus_core.store.database import open_store, writing
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Held, claim, members, release, renew, surplus
from nexus_core.store.ledger_rows import Changes, DatasetRow, FacetRow, LookupRow
from tests.stores import STORES, postgresql_settings


@pytest.fixture(params=STORES)
async def store(request, tmp_path):
    store = open_store((await STORES[request.param](request, tmp_path)).store_url)
    yield store
    await store.dispose()


async def balanced(store, helds):
    for _ in range(2):
        for index, held in enumerate(helds):
            held = await claim(store, held)
            if more := await surplus(store, held):
                await release(store, held, more)
                held = held.without(more)
            helds[index] = held
    return helds


async def test_the_first_worker_holds_all_and_shares_fairly_with_those_that_come(store):
    [first] = await balanced(store, [Held("a", {})])
    assert first.whole
    helds = await balanced(store, [first, Held("b", {}), Held("c", {})])
    assert sorted(len(held.epochs) for held in helds) == [20, 22, 22]
    assert set().union(*(held.partitions for held in helds)) == ALL_PARTITIONS
    assert {member.owner: member.partition_count for member in await members(store)} == {
        held.owner: len(held.epochs) for held in helds
    }


async def test_leases_that_are_given_back_are_free_at_once(store):
    helds = await balanced(store, [Held("a", {}), Held("b", {})])
    await release(store, helds[0], helds[0].partitions)
    assert (await claim(store, helds[1])).whole


async def test_a_worker_that_dies_is_replaced_and_its_epochs_are_worth_nothing(store, monkeypatch):
    monkeypatch.setattr(ledger_lease, "LEASE_SECONDS", 0.5)
    dead, alive = await balanced(store, [Held("a", {}), Held("b", {})])
    for _ in range(8):
        await asyncio.sleep(0.1)
        await renew(store, alive, 7)
    alive = await claim(store, alive)
    assert alive.whole
    for partition, epoch in dead.epochs.items():
        assert alive.epochs[partition] > epoch
    with pytest.raises(LostLeaseError):
        await renew(store, dead, 0)
    with pytest.raises(LostLeaseError):
        await Ledger(store).commit(Changes(dead.partitions), dead, await _seen(store, Changes()))
    assert {member.owner: member.merged_count for member in await members(store) if member.alive} == {"b": 7}


async def test_a_worker_that_claims_and_renews_at_once_is_one_worker(store):
    """The first signs of life of its two tasks meet, as they do after a pause that was longer than an hour."""
    none = Held("a", {})
    await asyncio.gather(*(step for _ in range(4) for step in (claim(store, none), renew(store, none, 3))))
    assert [(each.owner, each.alive) for each in await members(store)] == [("a", True)]


async def test_workers_that_claim_at_once_never_share_a_partition(store):
    helds = await asyncio.gather(*(claim(store, Held(name, {})) for name in "abcdef"))
    taken = [partition for held in helds for partition in held.partitions]
    assert len(taken) == len(set(taken))


async def _seen(store, changes, datasets=(), facets=()):
    async with Ledger(store).reading() as snapshot:
        await snapshot.datasets(datasets)
        await snapshot.facets(facets)
        return await snapshot.seen(changes)


def _dataset(key, timelines=b"{}"):
    return DatasetRow(key, "n", "d", timelines, True)


async def test_a_round_that_rests_on_what_another_one_changed_is_refused(store):
    ledger, [a, b] = Ledger(store), await balanced(store, [Held("a", {}), Held("b", {})])
    key = digest_of("d")
    changes = Changes(a.partitions, datasets=[_dataset(key)])
    first = await _seen(store, changes, [key])
    reader = await _seen(store, Changes(), [key])
    await ledger.commit(changes, a, first)
    with pytest.raises(StaleReadError):
        await ledger.commit(Changes(b.partitions), b, reader)
    with pytest.raises(StaleReadError):
        await ledger.commit(changes, a, first)
    await ledger.commit(Changes(b.partitions), b, await _seen(store, Changes(), [key]))


async def test_a_timeline_made_without_a_fact_of_another_round_is_refused(store):
    ledger, [a, b] = Ledger(store), await balanced(store, [Held("a", {}), Held("b", {})])
    key = digest_of("d")
    fact = Changes(b.partitions, facets=[FacetRow(key, "schema", "producer", "e", "f", 1, 1)])
    rebuilt = Changes(a.partitions, datasets=[_dataset(key)])
    seen = await _seen(store, rebuilt, [key], facets=[key])
    await ledger.commit(fact, b, await _seen(store, fact, [key]))
    with pytest.raises(StaleReadError):
        await ledger.commit(rebuilt, a, seen)


async def test_what_rests_on_a_changed_schema_in_another_partition_becomes_a_task(store):
    ledger, [a, b] = Ledger(store), await balanced(store, [Held("a", {}), Held("b", {})])
    key = digest_of("d")
    mine, foreign = ([f"{partition:02x}" for partition in held.partitions] for held in (a, b))
    units = [beside(mine[0], digest_of(1)), beside(foreign[0], digest_of(2)), beside(foreign[0], digest_of(3))]
    late = Changes(b.partitions, lookups=[LookupRow(unit, key, None) for unit in units])
    changes = Changes(a.partitions, datasets=[_dataset(key)], changed={key: 17})
    await ledger.commit(late, b, await _seen(store, late))
    await ledger.commit(changes, a, await _seen(store, changes, [key]))
    async with ledger.reading() as snapshot:
        [(task_id, task)] = await snapshot.tasks(b.partitions, 10)
        assert await snapshot.tasks(a.partitions, 10) == []
    assert task == (partition_of_key(foreign[0]), "belief", key, 17)
    done = Changes(b.partitions, done_tasks=[(task_id,)])
    await ledger.commit(done, b, await _seen(store, done))
    async with ledger.reading() as snapshot:
        assert await snapshot.tasks(b.partitions, 10) == []


async def test_a_dataset_that_changed_while_the_graph_was_told_is_told_again(store):
    ledger, telling = Ledger(store), Ledger(store)  # of two processes
    [a, b] = await balanced(store, [Held("a", {}), Held("b", {})])
    key = digest_of("d")
    owner, other = (a, b) if partition_of_key(key) in a.partitions else (b, a)
    changes = Changes(other.partitions, datasets=[_dataset(key)])
    await ledger.commit(changes, other, await _seen(store, changes, [key]))
    before = await _seen(store, Changes(), [key])
    await ledger.commit(changes, other, await _seen(store, changes, [key]))
    await telling.projected(owner, before, [key], [], [])
    async with ledger.reading() as snapshot:
        assert [row.dataset_key for row in (await snapshot.pending(owner.partitions, 10))[0]] == [key]
    await telling.projected(owner, await _seen(store, Changes(), [key]), [key], [], [])
    async with ledger.reading() as snapshot:
        assert (await snapshot.pending(owner.partitions, 10))[0] == []


async def test_a_transaction_that_is_left_open_is_ended_by_the_server(postgresql, tmp_path):
    store = open_store((await postgresql_settings(postgresql, tmp_path)).store_url)
    async with writing(store) as connection:
        shown = await connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout")
        assert shown.scalar_one() == "10s"
    await store.dispose()
