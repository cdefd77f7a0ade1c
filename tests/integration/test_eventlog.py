"""What any event log must do; each log that we have runs through all of it."""

import asyncio
import dataclasses
import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.opening import open_log
from nexus_core.events.identity import event_id
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.settings import SecretsSettings, Settings
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate

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


@pytest.fixture
async def store(tmp_path):
    settings = Settings(data_dir=tmp_path)
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    yield store
    await store.dispose()


@pytest.fixture
async def log(store, tmp_path):
    return await open_log(store, Settings(data_dir=tmp_path))


async def test_what_was_appended_is_pending_in_order_and_whole(log):
    envelopes = [envelope(number) for number in range(5)]
    assert await log.append(envelopes) == [True] * 5
    assert await log.pending(10) == envelopes
    assert await log.pending(2) == envelopes[:2]
    assert await log.lag() == 5


async def test_the_first_record_of_an_id_stays(log):
    first = envelope(1)
    again = dataclasses.replace(first, accepted_at=NOW + timedelta(days=1))
    assert await log.append([first, again]) == [True, False]
    assert await log.append([again, envelope(2)]) == [False, True]
    assert await log.pending(10) == [first, envelope(2)]


async def test_concurrent_appends_all_get_their_answer(log):
    calls = [[envelope(number % 50), envelope(1000 + number)] for number in range(200)]
    answers = await asyncio.gather(*(log.append(call) for call in calls))
    assert sum(first for first, _ in answers) == 50
    assert all(second for _, second in answers)
    assert await log.lag() == 250


async def test_a_caller_that_goes_away_harms_nobody(log):
    gone = asyncio.create_task(log.append([envelope(1)]))
    stays = asyncio.create_task(log.append([envelope(2)]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == [True]


async def test_events_leave_the_lag_when_merged_dead_or_quarantined(log):
    merged, dead, held = envelope(1), envelope(2), envelope(3, quarantined=True)
    await log.append([merged, dead, held])
    assert await log.lag() == 2
    await log.mark_merged([merged.id])
    await log.mark_dead(dead.id, "it cannot be merged")
    assert await log.lag() == 0
    assert await log.pending(10) == []
    letters = await log.dead_letters(10)
    assert [(letter.id, reason.split()[0]) for letter, reason in letters] == [(held.id, "Its"), (dead.id, "it")]
    assert CANARY not in str(letters)


async def test_read_gives_the_order_asked(log):
    envelopes = [envelope(number) for number in range(3)]
    await log.append(envelopes)
    assert await log.read([envelopes[2].id, "sha256:unknown", envelopes[0].id]) == [envelopes[2], envelopes[0]]
    assert await log.read([]) == []


async def test_literals_lie_nowhere_in_clear(log, tmp_path):
    await log.append([envelope(number) for number in range(20)])
    for path in tmp_path.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path.name


async def test_a_lost_or_wrong_key_is_explained(log, store, tmp_path):
    (tmp_path / "secrets-key").unlink()
    with pytest.raises(ConfigurationError, match="is gone"):
        await open_log(store, Settings(data_dir=tmp_path))
    wrong = SecretsSettings(key=SecretStr("A" * 43 + "="))
    with pytest.raises(ConfigurationError, match="not the one"):
        await open_log(store, Settings(data_dir=tmp_path, secrets=wrong))


def test_the_key_file_is_private(log, tmp_path):
    assert (tmp_path / "secrets-key").stat().st_mode & 0o077 == 0


WRITER = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from test_eventlog import envelope
from pathlib import Path
from nexus_core.eventlog.opening import open_log
from nexus_core.settings import Settings
from nexus_core.store.database import open_store

async def write(log, start):
    for number in range(start, 10**6, 4):
        one = envelope(number)
        await log.append([one])
        print(one.id, flush=True)

async def main():
    settings = Settings(data_dir=Path({data!r}))
    log = await open_log(open_store(settings.store_url), settings)
    await asyncio.gather(*(write(log, start) for start in range(4)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(log, tmp_path):
    script = WRITER.format(tests=os.path.dirname(__file__), data=str(tmp_path))
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    acknowledged = [(await writer.stdout.readline()).decode().strip() for _ in range(300)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [line.decode().strip() async for line in writer.stdout if line.endswith(b"\n")]
    await writer.wait()
    assert {found.id for found in await log.read(acknowledged)} == set(acknowledged)
    with sqlite3.connect(tmp_path / "nexus.db") as check:
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
