"""What any event log must do; each log that we have runs through all of it."""

import asyncio
import dataclasses
import itertools
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from nexus_core.errors import UnavailableError
from nexus_core.eventlog.partition import ALL_PARTITIONS, partition_of
from nexus_core.events.identity import event_id
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.store.database import writing
from tests.eventlogs import LOGS, environment_of

CANARY = "Canary-4711"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def envelope(number: int, quarantined: bool = False) -> Envelope:
    query = f"insert into t select '{CANARY}', {number} from s"
    event = {"job": {"namespace": "n", "name": f"j{number}", "facets": {"sql": {"query": query}}}, "run": {}}
    return Envelope(
        id=event_id("acc", event),
        principal="acc",
        authority=Authority(jobs=("n",), outputs=("*",), backfill=True),
        accepted_at=NOW + timedelta(seconds=number),
        valid_at=NOW,
        kind=EventKind.RUN,
        event=event,
        quarantined=quarantined,
    )


@pytest.fixture(params=LOGS)
async def home(request, tmp_path):
    async with LOGS[request.param](request, tmp_path) as home:
        yield home


@pytest.fixture
async def log(home):
    return await home.open()


async def scanned(log, limit=100):
    """Everything that a reader who keeps the last position gets."""
    found, after = [], 0
    while part := await log.scan(after, limit):
        assert [position for position, _ in part] == sorted({position for position, _ in part})
        found += [event for _, event in part]
        after = part[-1][0]
    return found


async def test_what_was_appended_is_pending_in_order_and_whole(log):
    envelopes = [envelope(number) for number in range(5)]
    assert await log.append(envelopes) == [True] * 5
    assert await log.pending(ALL_PARTITIONS, 10) == envelopes
    assert await log.pending(ALL_PARTITIONS, 2) == envelopes[:2]
    assert await log.pending(ALL_PARTITIONS, 2, {envelopes[0].id, envelopes[2].id}) == [envelopes[1], *envelopes[3:4]]
    assert await log.lag() == 5


async def broken_off(log, home, undone):
    async with writing(home.store) as connection:
        await log.append_within(connection, [undone])
        raise ZeroDivisionError


async def test_events_of_a_transaction_are_there_if_it_is(log, home):
    kept, undone = envelope(0), envelope(1)
    async with writing(home.store) as connection:
        await log.append_within(connection, [kept])
    with pytest.raises(ZeroDivisionError):
        await broken_off(log, home, undone)
    await asyncio.gather(log.send_waiting(), log.send_waiting())
    assert await log.send_waiting() == 0
    assert await log.pending(ALL_PARTITIONS, 10) == [kept]
    assert await log.append([kept]) == [False]


async def test_pending_events_are_told_by_partition(log):
    envelopes = [envelope(number) for number in range(200)]
    await log.append(envelopes)
    of = {one.id: partition_of(one.kind, one.event) for one in envelopes}
    for partitions in ({3}, {7, 11, 12}, ALL_PARTITIONS - {0}):
        expected = [one for one in envelopes if of[one.id] in partitions]
        assert await log.pending(partitions, 1000) == expected
        assert await log.pending(partitions, 2) == expected[:2]
    assert await log.pending(set(), 10) == []
    backlog = await log.backlog()
    assert sum(backlog.pending.values()) == 200
    assert backlog.pending[of[envelopes[0].id]] == sum(of[one.id] == of[envelopes[0].id] for one in envelopes)
    assert backlog.oldest_at == envelopes[0].accepted_at


async def test_the_first_record_of_an_id_stays(log):
    first = envelope(1)
    again = dataclasses.replace(first, accepted_at=NOW + timedelta(days=1))
    assert await log.append([first, again]) == [True, False]
    assert await log.append([again, envelope(2)]) == [False, True]
    assert await log.pending(ALL_PARTITIONS, 10) == [first, envelope(2)]
    assert await scanned(log) == [first, envelope(2)]


async def test_concurrent_appends_all_get_their_answer(log):
    calls = [[envelope(number % 50), envelope(1000 + number)] for number in range(200)]
    answers = await asyncio.gather(*(log.append(call) for call in calls))
    assert sum(first for first, _ in answers) == 50
    assert all(second for _, second in answers)
    assert await log.lag() == 250


async def test_processes_that_store_the_same_events_in_other_orders_store_each_once(home):
    logs = [await home.open() for _ in range(3)]
    events = [envelope(number) for number in range(60)]
    orders = [events, events[::-1], events[30:] + events[:30]]
    answers = await asyncio.gather(*(log.append(order) for log, order in zip(logs, orders, strict=True)))
    assert sum(map(sum, answers)) == 60
    assert sorted(one.id for one in await scanned(logs[0])) == sorted(one.id for one in events)


async def test_a_caller_that_goes_away_harms_nobody(log):
    gone = asyncio.create_task(log.append([envelope(1)]))
    stays = asyncio.create_task(log.append([envelope(2)]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == [True]


async def test_what_was_merged_does_not_die(log):
    merged = envelope(1)
    await log.append([merged])
    await log.mark_merged([merged.id])
    await log.mark_dead(merged.id, "a worker that woke up late could not merge it")
    assert await log.dead_letters(10) == []


async def test_events_leave_the_lag_when_merged_dead_or_quarantined(log):
    merged, dead, held = envelope(1), envelope(2), envelope(3, quarantined=True)
    await log.append([merged, dead, held])
    assert await log.lag() == 2
    await log.mark_merged([merged.id])
    await log.mark_dead(dead.id, "it cannot be merged")
    assert await log.lag() == 0
    assert await log.pending(ALL_PARTITIONS, 10) == []
    letters = await log.dead_letters(10)
    assert [(letter.id, reason.split()[0]) for letter, reason in letters] == [(held.id, "Its"), (dead.id, "it")]
    assert CANARY not in str(letters)
    backlog = await log.backlog()
    assert (backlog.pending, backlog.dead_count, backlog.quarantined_count) == ({}, 1, 1)
    assert await scanned(log) == [merged, dead]
    assert await log.totals() == (3, held.accepted_at)


async def test_a_dead_letter_can_be_tried_again(log):
    dead = envelope(1)
    await log.append([dead, envelope(2)])
    assert not await log.retry(dead.id, NOW)
    await log.mark_dead(dead.id, "it cannot be merged")
    assert await log.retry(dead.id, NOW + timedelta(days=1))
    assert await log.pending(ALL_PARTITIONS, 10) == [dead, envelope(2)]
    assert await log.dead_letters(10) == []
    assert not await log.retry("sha256:unknown", NOW)


async def test_a_released_event_counts_from_its_release(log):
    held, later = envelope(1, quarantined=True), envelope(2)
    await log.append([held, later])
    [(seen, _)] = await log.scan(0, 10)
    now = NOW + timedelta(days=1)
    assert await log.retry(held.id, now)
    released = dataclasses.replace(held, quarantined=False, accepted_at=now)
    assert [event for _, event in await log.scan(seen, 10)] == [released]
    assert await log.pending(ALL_PARTITIONS, 10) == [later, released]


async def test_a_superseded_event_is_kept_and_left_alone(log):
    dead, held = envelope(1), envelope(2, quarantined=True)
    await log.append([dead, held])
    await log.mark_dead(dead.id, "it cannot be merged")
    assert [await log.supersede(one.id, "sha256:new") for one in (dead, held)] == [True, True]
    assert not await log.supersede(dead.id, "sha256:new")
    assert await log.dead_letters(10) == []
    assert await log.pending(ALL_PARTITIONS, 10) == await log.scan(0, 10) == []
    assert [one.id for one in await log.read([dead.id, held.id])] == [dead.id, held.id]


async def test_a_discarded_event_is_left_alone_until_it_is_restored(log):
    dead, held, later = envelope(1), envelope(2, quarantined=True), envelope(3)
    await log.append([dead, held, later])
    await log.mark_dead(dead.id, "it cannot be merged")
    [(seen, _)] = (await log.scan(0, 10))[-1:]
    assert [await log.discard(one.id, "a test of ours") for one in (dead, held, later)] == [True, True, False]
    assert await log.dead_letters(10) == []
    assert not await log.retry(dead.id, NOW)
    assert [each for _, each in await log.scan(0, 10)] == [later]
    listed = [(each.id, reason.split()[0], why) for each, reason, why in await log.discarded(10)]
    assert listed == [(held.id, "Its", "a test of ours"), (dead.id, "it", "a test of ours")]
    assert CANARY not in str(await log.discarded(10))
    assert [await log.restore(one.id) for one in (dead, held, later)] == [True, True, False]
    assert await log.discarded(10) == []
    assert [each for _, each in await log.scan(seen, 10)] == [dead]  # nobody who scanned before misses it
    letters = {letter.id: reason for letter, reason in await log.dead_letters(10)}
    assert letters[dead.id] == "it cannot be merged"
    assert letters.keys() == {dead.id, held.id}


async def test_read_gives_the_order_asked(log):
    envelopes = [envelope(number) for number in range(3)]
    await log.append(envelopes)
    assert await log.read([envelopes[2].id, "sha256:unknown", envelopes[0].id]) == [envelopes[2], envelopes[0]]
    assert await log.read([]) == []


async def test_a_reader_who_keeps_positions_misses_nothing_of_many_writers(home):
    reader, found, after = await home.open(), [], 0
    logs = [await home.open() for _ in range(4)]
    numbers = itertools.count()

    async def write(log):
        for _ in range(25):
            await log.append([envelope(next(numbers)) for _ in range(3)])

    writing = asyncio.gather(*(write(log) for log in logs))
    while not writing.done() or await reader.scan(after, 1):
        for after, event in await reader.scan(after, 7):  # noqa: B007, B020 the last one is where to go on
            found.append(event.id)
        await asyncio.sleep(0)
    await writing
    assert len(found) == len(set(found)) == 300


async def test_another_process_finds_everything(home):
    events = [envelope(1), envelope(2), envelope(3)]
    first = await home.open()
    await first.append(events)
    await first.mark_merged([events[1].id])
    again = await home.open()
    assert await again.pending(ALL_PARTITIONS, 10) == [events[0], events[2]]
    assert await again.append(events) == [False] * 3


WRITER = """
import asyncio, sys, pickle, os
sys.path.insert(0, {tests!r})
from test_eventlog import envelope
from nexus_core.eventlog.opening import open_log
from nexus_core.settings import Settings
from nexus_core.store.database import open_store

async def write(log, start):
    for number in range(start, 10**6, 4):
        one = envelope(number)
        await log.append([one])
        print(one.id, flush=True)

async def main():
    settings = Settings.load()
    log = await open_log(open_store(settings.store_url), settings)
    await asyncio.gather(*(write(log, start) for start in range(4)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(home, log):
    script = WRITER.format(tests=os.path.dirname(__file__))
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env=os.environ | environment_of(home.settings)
    )
    acknowledged = [(await writer.stdout.readline()).decode().strip() for _ in range(300)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [line.decode().strip() async for line in writer.stdout if line.endswith(b"\n")]
    await writer.wait()
    assert {found.id for found in await log.read(acknowledged)} == set(acknowledged)
    assert set(acknowledged) <= {found.id for found in await log.pending(ALL_PARTITIONS, 10**6)}


async def test_a_log_that_fails_says_so_and_takes_events_again_later(home, log):
    async with home.broken():
        with pytest.raises(UnavailableError):
            await log.append([envelope(1)])
    assert await log.append([envelope(1)]) == [True]
    assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1)]
