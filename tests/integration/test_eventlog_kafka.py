"""What is particular to the log in Kafka: the topic's settings, records without an entry, and brokers that fail."""

import asyncio
import dataclasses
import time
from contextlib import aclosing, asynccontextmanager

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from sqlalchemy import delete, func, select, update

from nexus_core.errors import ConfigurationError, TooLargeError, UnavailableError
from nexus_core.eventlog.event_keys import open_event_keys
from nexus_core.eventlog.kafka_record import headers_of
from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS, partition_of
from nexus_core.eventlog.rows import name_of, to_row
from nexus_core.eventlog.seal import seal_of
from nexus_core.settings import ApiSettings, Settings
from nexus_core.store.database import open_store, reading, writing
from nexus_core.store.event_tables import events
from tests import services
from tests.contract.test_eventlog import CANARY, NOW, envelope, scanned
from tests.eventlogs import kafka_settings
from tests.stores import sqlite_settings


class Place:
    """A store and a topic that make a log."""

    def __init__(self, broker, settings: Settings) -> None:
        self.broker, self.settings = broker, settings
        self.topic = settings.eventlog.topic
        self.store = open_store(settings.store_url)

    async def open(self, **given):
        log = self.settings.eventlog.model_copy(update=given)
        return await open_log(self.store, self.settings.model_copy(update={"eventlog": log}))

    def make_topic(self, partition_count=64, **config):
        admin = AdminClient({"bootstrap.servers": self.broker.bootstrap})
        admin.create_topics([NewTopic(self.topic, partition_count, 1, config=config)])[self.topic].result()

    async def produce(self, *envelopes):
        """Put events into the topic as an appender does that ends before it enters them into the index."""
        producer = Producer({"bootstrap.servers": self.broker.bootstrap})
        async with aclosing(await open_event_keys(self.settings, seal_of(self.settings, first_start=False))) as keys:
            await keys.ready(map(name_of, envelopes), make=True)
            rows = [to_row(one, keys) for one in envelopes]
        for row in rows:
            place = {"key": row["id"], "partition": row["partition"], "headers": headers_of(row)}
            producer.produce(self.topic, value=row["event"], **place)
        assert producer.flush(30) == 0

    def records(self):
        """Everything in the topic, in turn by partition."""
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": "test"})
        consumer.assign([TopicPartition(self.topic, partition, 0) for partition in ALL_PARTITIONS])
        found = []
        while messages := consumer.consume(1000, 2.0):
            found += messages
        consumer.close()
        return found

    async def count(self):
        async with reading(self.store) as connection:
            return (await connection.execute(select(func.count()).select_from(events))).scalar_one()


@asynccontextmanager
async def placed(broker, folder, **given):
    settings = await sqlite_settings(folder)
    log = kafka_settings(broker, f"events-{folder.name}", **given)
    place = Place(broker, settings.model_copy(update={"eventlog": log}))
    try:
        yield place
    finally:
        await place.store.dispose()


@pytest.fixture
async def place(kafka, tmp_path):
    async with placed(kafka, tmp_path) as place:
        yield place


@pytest.fixture
async def log(place):
    async with aclosing(await place.open()) as log:
        yield log


@pytest.fixture(scope="module")
def own_kafka():
    """A broker to kill and pause; each test leaves it running."""
    with services.kafka() as broker:
        yield broker


async def test_literals_lie_in_the_topic_sealed(log, place):
    await log.append([envelope(number) for number in range(20)])
    records = place.records()
    assert len(records) == 20
    assert CANARY not in str([(record.key(), record.value(), record.headers()) for record in records])
    assert [one.event for one in await log.read([envelope(3).id])] == [envelope(3).event]


async def test_a_record_that_was_never_entered_is_merged_like_any_other(log, place):
    await log.append([envelope(1)])
    await place.produce(envelope(2), envelope(3, quarantined=True))
    await eventually(lambda: log.pending(ALL_PARTITIONS, 10), [envelope(1), envelope(2)])
    await log.mark_merged([envelope(2).id])
    assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1)]
    assert await log.append([envelope(2)]) == [False]
    assert [letter.id for letter, _ in await log.dead_letters(10)] == [envelope(3).id]
    assert await place.count() == 3


async def test_of_records_with_one_id_the_first_counts(log, place):
    """Its producer gave up and was answered 503; the event was sent again, and entered before a worker read on."""
    first = envelope(1)
    again = dataclasses.replace(first, accepted_at=NOW.replace(year=2027))
    await place.produce(first)
    assert await log.append([again]) == [True]
    assert len(place.records()) == 2
    async with aclosing(await place.open()) as worker:
        assert await worker.pending(ALL_PARTITIONS, 10) == [first]
    assert await scanned(log) == [first]
    assert await place.count() == 1


async def test_the_index_can_be_made_anew_from_the_topic(log, place):
    sent = [envelope(number) for number in range(50)]
    await log.append(sent)
    async with writing(place.store) as connection:
        await connection.execute(delete(events))
    by_id = {one.id: one for one in sent}
    async with aclosing(await place.open()) as again:
        found = []
        deadline = time.monotonic() + 30
        while len(found) < 50 and time.monotonic() < deadline:
            found = await again.pending(ALL_PARTITIONS, 100)
        assert {one.id: one for one in found} == by_id


async def test_another_worker_takes_over_between_dead_and_merged_events(log, place):
    sent = [envelope(number) for number in range(120)]
    of = {one.id: partition_of(one.kind, one.event) for one in sent}
    await log.append(sent)
    low, high = set(range(32)), set(range(32, 64))
    async with aclosing(await place.open()) as first:
        taken = await first.pending(low, 20)
        await first.mark_merged([one.id for one in taken[5:]])
        await first.mark_dead(taken[0].id, "poison")
        left = [one for one in sent if of[one.id] in low and one not in taken[5:] and one != taken[0]]
        assert await first.pending(low, 200) == left
    async with aclosing(await place.open()) as second:
        assert await second.pending(high, 200) == [one for one in sent if of[one.id] in high]
        assert await second.pending(low, 200) == left
        assert await second.pending(ALL_PARTITIONS, 3) == [one for one in sent if of[one.id] in high or one in left][:3]
        assert await second.retry(taken[0].id, NOW)
        assert await second.pending(low, 200) == sorted([taken[0], *left], key=sent.index)


async def test_records_of_others_are_passed_over(log, place):
    producer = Producer({"bootstrap.servers": place.broker.bootstrap})
    producer.produce(
        place.topic, value=b"{}", key=b"someone", partition=partition_of(envelope(1).kind, envelope(1).event)
    )
    producer.flush()
    await log.append([envelope(1)])
    assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1)]


async def test_large_events_pass(log):
    one = envelope(1)
    facets = {"sql": {"query": f"select '{'x' * 12_000_000}'"}}
    large = dataclasses.replace(one, event={**one.event, "job": {**one.event["job"], "facets": facets}})
    assert await log.append([large]) == [True]
    assert await log.pending(ALL_PARTITIONS, 10) == [large]


async def test_an_event_that_no_record_holds_is_refused_for_good(place):
    small = place.settings.model_copy(update={"api": ApiSettings(event_max_bytes=1000)})
    one = envelope(1)
    large = dataclasses.replace(one, event={**one.event, "producer": "x" * 2_000_000})
    async with aclosing(await open_log(place.store, small)) as log:
        with pytest.raises(TooLargeError):
            await log.append([large])
        assert await log.append([one]) == [True]


async def test_events_of_the_time_before_kafka_stay(place):
    sql = place.settings.eventlog.model_copy(update={"kind": "sql"})
    before = await open_log(place.store, place.settings.model_copy(update={"eventlog": sql}))
    await before.append([envelope(1)])
    async with aclosing(await place.open()) as log:
        assert await log.append([envelope(1), envelope(2)]) == [False, True]
        assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1), envelope(2)]
        assert await scanned(log) == [envelope(1), envelope(2)]
    with pytest.raises(ConfigurationError, match="lies in Kafka"):
        await place.open(kind="sql")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"retention.ms": "604800000"}, "retention.ms is 604800000.*--add-config .*retention.ms=-1"),
        ({"cleanup.policy": "compact"}, "cleanup.policy is compact"),
        ({"max.message.bytes": "1000000"}, "max.message.bytes is 1000000"),
        ({"unclean.leader.election.enable": "true"}, "unclean.leader.election.enable is true"),
    ],
)
async def test_a_topic_that_could_lose_events_is_refused(place, config, message):
    right = {"retention.ms": "-1", "max.message.bytes": "70000000"}
    place.make_topic(**right | config)
    with pytest.raises(ConfigurationError, match=message):
        await place.open()


async def test_partitions_are_counted(place):
    place.make_topic(65)
    with pytest.raises(ConfigurationError, match="65 partitions, not 64"):
        await place.open()


async def test_replicas_and_brokers_are_checked(place):
    with pytest.raises(ConfigurationError, match="too few brokers"):
        await place.open(replication_factor=3, min_insync_replicas=2)
    async with aclosing(await place.open()):
        pass
    with pytest.raises(ConfigurationError, match=r"min\.insync\.replicas is 1.*--add-config min\.insync\.replicas=2"):
        await place.open(min_insync_replicas=2)
    with pytest.raises(ConfigurationError, match="1 replicas"):
        await place.open(replication_factor=2)


async def test_another_topic_is_refused(log, place):
    with pytest.raises(ConfigurationError, match="not the one that this store is the index of"):
        await place.open(topic=f"{place.topic}-other")


async def test_records_that_are_gone_are_told(log, place):
    await log.append([envelope(1)])
    async with writing(place.store) as connection:
        await connection.execute(update(events).values(log_offset=events.c.log_offset + 7))
    async with aclosing(await place.open()) as again:
        with pytest.raises(ConfigurationError, match="no longer holds records"):
            await again.read([envelope(1).id])


async def test_no_brokers_and_secrets_in_clear_are_refused(place):
    for given, message in [
        ({"bootstrap_servers": None}, "BOOTSTRAP_SERVERS"),
        ({"options": {"sasl.password": "hunter2"}}, "sasl.password is a secret in clear"),
        ({"options": {"sasl.password": "env:NOT_THERE"}}, "NOT_THERE is not set"),
        ({"options": {"acks": "0"}}, "acks is not for you to set"),
    ]:
        with pytest.raises(ConfigurationError, match=message) as caught:
            await place.open(**given)
        assert "hunter2" not in str(caught.value)


async def test_a_start_without_a_broker_says_so(tmp_path):
    broker = services.Kafka(tmp_path, services.free_port(), services.free_port())
    async with placed(broker, tmp_path, timeout_s=1) as place:
        with pytest.raises(UnavailableError, match="Kafka"):
            await place.open()


async def test_with_the_broker_away_events_are_refused_and_taken_again_later(own_kafka, tmp_path):
    async with placed(own_kafka, tmp_path) as place, impatient(place) as log:
        await log.append([envelope(1)])
        assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1)]
        own_kafka.kill()
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="Kafka"):
            await log.append([envelope(2)])
        assert time.monotonic() - began < 20
        own_kafka.start()
        await eventually(lambda: appended(log, envelope(3)), True)
        await eventually(lambda: ids(log.pending(ALL_PARTITIONS, 10)), {envelope(1).id, envelope(3).id})


async def test_an_answer_that_comes_too_late_makes_no_duplicate(own_kafka, tmp_path):
    async with placed(own_kafka, tmp_path) as place, impatient(place) as log:
        await log.append([envelope(1)])
        own_kafka.pause()
        with pytest.raises(UnavailableError):
            await log.append([envelope(2)])
        own_kafka.go_on()
        await eventually(lambda: appended(log, envelope(2)), True)
        await eventually(lambda: ids(log.pending(ALL_PARTITIONS, 10)), {envelope(1).id, envelope(2).id})
        assert await place.count() == 2


async def test_killing_the_broker_under_load_loses_no_acknowledged_event(own_kafka, tmp_path):
    acknowledged: list[str] = []
    more = asyncio.Semaphore(0)
    stop = asyncio.Event()

    async def write(log, start):
        for number in range(start, 10**6, 4):
            while not stop.is_set():
                try:
                    await log.append([envelope(number)])
                except UnavailableError:
                    continue
                acknowledged.append(envelope(number).id)
                more.release()
                break

    async def acknowledge(count):
        for _ in range(count):
            await more.acquire()

    async with placed(own_kafka, tmp_path) as place, impatient(place) as log:
        writing = [asyncio.create_task(write(log, start)) for start in range(4)]
        await acknowledge(100)
        await asyncio.to_thread(own_kafka.kill)
        await asyncio.to_thread(own_kafka.start)
        await acknowledge(100)
        stop.set()
        for task in writing:
            task.cancel()
        await asyncio.wait(writing)
        async with aclosing(await place.open()) as again:
            found = await again.pending(ALL_PARTITIONS, 10**6)
        assert set(acknowledged) <= {one.id for one in found}
        assert len(found) == len({one.id for one in found})


@asynccontextmanager
async def impatient(place):
    """A log with a short time-out, once its topic is made."""
    async with aclosing(await place.open()):
        pass
    async with aclosing(await place.open(timeout_s=12)) as log:
        yield log


async def appended(log, one):
    try:
        await log.append([one])
    except UnavailableError:
        return False
    return True


async def ids(events):
    try:
        return {one.id for one in await events}
    except UnavailableError:
        return None


async def eventually(ask, expected, within_s=60.0):
    deadline = time.monotonic() + within_s
    while (found := await ask()) != expected:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
