import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from nexus_core.catalogue import merged
from nexus_core.catalogue.record import record_of
from nexus_core.catalogue.search import find_datasets
from nexus_core.errors import InvalidInputError
from nexus_core.model.access import EVERYTHING, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.envelope import Authority, Envelope, EventKind
from nexus_core.model.names import DatasetName, JobName
from nexus_core.store import catalogue as rows
from nexus_core.store.database import open_store, writing
from tests.stores import STORES

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NAMESPACE = "postgres://db.example:5432"
HARVESTER = Authority(harvest=("postgres://*",))
NOBODY = Authority()
_numbers = itertools.count()


@pytest.fixture(params=STORES)
async def new_store(request, tmp_path):
    """Makes empty stores of one kind."""
    made = []

    async def make():
        settings = await STORES[request.param](request, tmp_path / str(len(made)))
        made.append(open_store(settings.store_url))
        return made[-1]

    yield make
    for store in made:
        await store.dispose()


@pytest.fixture
async def store(new_store):
    return await new_store()


def dataset_event(name, at=0, authority=NOBODY, namespace=NAMESPACE, **facets):
    event = {"eventTime": T0.isoformat(), "dataset": {"namespace": namespace, "name": name, "facets": facets}}
    return envelope(EventKind.DATASET, event, at, authority)


def run_event(job, kind, at=0, inputs=(), outputs=(), run_facets=None, **job_facets):
    event = {
        "eventType": kind,
        "run": {"runId": "r", "facets": run_facets or {}},
        "job": {"namespace": "airflow", "name": job, "facets": job_facets},
        "inputs": list(inputs),
        "outputs": list(outputs),
    }
    return envelope(EventKind.RUN, event, at, NOBODY)


def envelope(kind, event, at, authority):
    when = T0 + timedelta(hours=at)
    return Envelope(f"sha256:{next(_numbers):064x}", "p", authority, when, when, kind, event)


def schema(*names):
    return {"fields": [{"name": name, "type": "text"} for name in names]}


def described(text):
    return {"description": text}


async def take(store, *envelopes):
    async with writing(store) as connection:
        await record_of(envelopes, Aliases())(connection)


async def facets(store, name, *, jobs=False):
    owner = JobName("airflow", name) if jobs else DatasetName(NAMESPACE, name)
    found = await rows.owner(store, node_key(owner.id), jobs=jobs)
    return merged.merge(found[1])


async def names(store, text="", scope=EVERYTHING, **filters):
    page = await find_datasets(store, scope, text, filters, None, 50)
    return [match.name for match, _ in page.matches]


async def contents(store):
    async with store.connect() as connection:
        return [
            (await connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2, 3")).all()
            for table in ("catalogue_dataset", "catalogue_job", "catalogue_facet")
        ] + [
            (
                await connection.exec_driver_sql(
                    "SELECT dataset_key, description, fields FROM catalogue_search ORDER BY 1"
                )
            ).all()
        ]


async def test_order_repetition_and_batching_change_nothing(new_store):
    events = [
        dataset_event("s.a", 1, documentation=described("one"), schema=schema("x")),
        dataset_event("s.a", 3, documentation=described("three"), schema=schema("x", "y")),
        dataset_event("s.a", 2, documentation=described("two"), tags={"tags": [{"key": "gold"}]}),
        dataset_event("s.a", 0, HARVESTER, schema=schema("h"), lineageNexus_profile={"row_count": 7}),
        dataset_event("s.a", 3, documentation=described("at the same time")),
        dataset_event("s.b", 1, documentation={"_deleted": True}),
        dataset_event("s.b", 0, documentation=described("gone")),
        run_event("load", "COMPLETE", 2, outputs=[{"namespace": NAMESPACE, "name": "s.a"}], sql={"query": "select 1"}),
        run_event(
            "load", "START", 2, inputs=[{"namespace": NAMESPACE, "name": "s.b", "facets": {"schema": schema("q")}}]
        ),
    ]
    seen = []
    for seed in range(5):
        rnd = random.Random(seed)
        shuffled = rnd.sample(events, len(events)) + rnd.sample(events, 3)
        store = await new_store()
        while shuffled:
            count = rnd.randint(1, 4)
            await take(store, *shuffled[:count])
            shuffled = shuffled[count:]
        seen.append(await contents(store))
    assert all(each == seen[0] for each in seen[1:])


async def test_a_harvest_is_believed_before_other_producers_and_deletion_removes(store):
    await take(
        store,
        dataset_event("s.a", 0, HARVESTER, schema=schema("real"), datasetType={"datasetType": "VIEW"}),
        dataset_event(
            "s.a", 9, schema=schema("claimed"), documentation=described("told"), tags={"tags": [{"key": "t"}]}
        ),
    )
    merged_facets = await facets(store, "s.a")
    assert [field.name for field in merged.fields_of(merged_facets)] == ["real"]
    assert (merged.description_of(merged_facets), merged.kind_of(merged_facets)) == ("told", "view")
    await take(store, dataset_event("s.a", 10, documentation={"_deleted": True}))
    assert merged.description_of(await facets(store, "s.a")) is None


async def test_facets_that_need_an_authority_have_no_effect_without_it(store):
    await take(
        store,
        dataset_event(
            "s.a",
            lineageNexus_profile={"row_count": 1},
            tags={"tags": [{"key": "Classification", "value": "Public"}, {"key": "gold"}]},
        ),
    )
    merged_facets = await facets(store, "s.a")
    assert merged.size_of(merged_facets) == (None, None)
    assert merged.tags_of(merged_facets) == ["gold"]


async def test_private_literals_are_hidden_and_the_last_run_is_known(store):
    sql = {"query": "select * from t where email = 'ann@example.org'", "dialect": "postgres"}
    airflow = {
        "airflow": {
            "dag": {"dag_id": "daily"},
            "taskInstance": {"log_url": "http://af.example/base/dags/daily/runs/1/tasks/load?try_number=1"},
        }
    }
    await take(
        store,
        run_event("daily.load", "COMPLETE", 1, sql=sql, jobType={"integration": "AIRFLOW", "jobType": "TASK"}),
        run_event("daily.load", "START", 1, run_facets=airflow, sql=sql),
        run_event("daily.load", "START", 0, run_facets=airflow),
    )
    job = await facets(store, "daily.load", jobs=True)
    text, dialect = merged.sql_of(job)
    assert "ann@example.org" not in str(await contents(store))
    assert (text.startswith("select * from t where email = '"), dialect) == (True, "postgres")
    assert job["run"]["state"] == "COMPLETE"
    later = run_event("daily.load", "START", 2, run_facets=airflow)
    await take(store, later)
    assert (await facets(store, "daily.load", jobs=True))["run"]["airflow_url"] == "http://af.example/base/dags/daily"
    script = {"airflow": {"dag": {"dag_id": "d"}, "taskInstance": {"log_url": "javascript://x/dags/d"}}}
    await take(store, run_event("evil", "START", 2, run_facets=script))
    assert (await facets(store, "evil", jobs=True))["run"]["airflow_url"] is None


async def test_queries_of_a_task_belong_to_the_task(store):
    parent = {"parent": {"job": {"namespace": "airflow", "name": "dag.task"}, "run": {"runId": "r"}}}
    kind = {"integration": "AIRFLOW", "jobType": "QUERY"}
    await take(
        store,
        run_event("dag.task.query.2", "COMPLETE", 1, run_facets=parent, jobType=kind, sql={"query": "delete from b"}),
        run_event("dag.task.query.1", "COMPLETE", 0, run_facets=parent, jobType=kind, sql={"query": "delete from a"}),
    )
    assert merged.sql_of(await facets(store, "dag.task", jobs=True))[0] == "delete from a;\ndelete from b"


async def test_search_ranks_the_name_first(store):
    await take(
        store,
        dataset_event("shop.core.customers"),
        dataset_event("shop.core.customers_daily"),
        dataset_event("shop.core.dim_customers"),
        dataset_event("shop.core.dimCustomersV2"),
        dataset_event("shop.core.orders", schema=schema("id", "customers_id", "amount")),
        dataset_event(
            "shop.core.notes",
            documentation=described("Notes on customers"),
            ownership={"owners": [{"name": "team:crm"}]},
        ),
        dataset_event("shop.core.supercustomers"),
    )
    assert await names(store, "customers") == [
        "shop.core.customers",
        "shop.core.customers_daily",
        "shop.core.dim_customers",
        "shop.core.dimCustomersV2",
        "shop.core.supercustomers",
        "shop.core.orders",
        "shop.core.notes",
    ]
    assert await names(store, "cust") == await names(store, "CUSTOMER")
    assert await names(store, "orders amount") == ["shop.core.orders"]
    assert await names(store, "shop.core.orders") == ["shop.core.orders"]
    assert await names(store, "crm") == ["shop.core.notes"]
    page = await find_datasets(store, EVERYTHING, "custom", {}, None, 50)
    assert {match.name: list(fields) for match, fields in page.matches}["shop.core.orders"] == ["customers_id"]


@pytest.mark.parametrize(
    "text", ["'", '"', "a'b\"c", "*", "NEAR(a b)", "names:x", "-x", "(", ") OR 1=1 --", "\x00", "💥", "{"]
)
async def test_any_text_may_be_searched(store, text):
    await take(store, dataset_event("shop.a"))
    assert await names(store, text) in (["shop.a"], [])


async def test_what_is_out_of_scope_neither_shows_nor_counts(store):
    await take(
        store,
        dataset_event("a.public", namespace="postgres://a:5432", tags={"tags": [{"key": "shared"}]}),
        dataset_event("a.secret", namespace="mysql://b:3306", tags={"tags": [{"key": "top-secret"}]}),
    )
    scope = Scope.of("postgres://*")
    for text in ("", "secret", "a", "ecre", "top"):
        page = await find_datasets(store, scope, text, {}, None, 50)
        assert [match.name for match, _ in page.matches] == (["a.public"] if text in ("", "a") else [])
        assert page.total == len(page.matches)
        assert "secret" not in str(page.facets)
        assert "mysql" not in str(page.facets)
    assert await names(store, scope=Scope()) == []
    assert await names(store, scope=Scope.of("[!m]*")) == ["a.public"]


async def test_facets_count_all_matches_and_filters_narrow(store):
    await take(
        store,
        *(
            dataset_event(
                f"s.t{number:03}", tags={"tags": [{"key": f"tag{number % 3}"}]}, datasetType={"datasetType": "VIEW"}
            )
            for number in range(60)
        ),
        dataset_event("topic", namespace="kafka://k:9092"),
    )
    page = await find_datasets(store, EVERYTHING, "", {}, None, 10)
    assert (page.total, page.capped, len(page.matches)) == (61, False, 10)
    assert page.facets["platform"] == [("postgres", 60), ("kafka", 1)]
    assert page.facets["kind"] == [("view", 60), ("dataset", 1)]
    assert page.facets["tag"] == [("tag0", 20), ("tag1", 20), ("tag2", 20)]
    narrowed = await find_datasets(
        store, EVERYTHING, "t0", {"tag": ["tag1", "tag2"], "platform": ["postgres"]}, None, 100
    )
    assert narrowed.total == 40
    assert await names(store, tag=["' OR 1=1 --"]) == []


async def test_pages_follow_each_other_while_the_index_grows(store):
    await take(store, *(dataset_event(f"s.orders{number:02}") for number in range(25)))
    found, cursor = [], None
    for turn in range(4):
        page = await find_datasets(store, EVERYTHING, "orders", {}, cursor, 7)
        found += [match.name for match, _ in page.matches]
        cursor = page.next
        await take(store, dataset_event(f"s.new_orders{turn}"))
        if cursor is None:
            break
    assert [name for name in found if "new" not in name] == [f"s.orders{number:02}" for number in range(25)]
    for broken in ("x", "WzFd", "W10=", "%", "é"):
        with pytest.raises(InvalidInputError, match="cursor"):
            await find_datasets(store, EVERYTHING, "", {}, broken, 7)


async def test_changed_facets_replace_what_search_finds(store):
    await take(store, dataset_event("s.a", 0, schema=schema("old_column"), tags={"tags": [{"key": "old"}]}))
    await take(store, dataset_event("s.a", 1, schema=schema("new_column"), tags={"tags": [{"key": "new"}]}))
    assert (await names(store, "old"), await names(store, "new_column")) == ([], ["s.a"])
    assert (await names(store, tag=["old"]), await names(store, tag=["new"])) == ([], ["s.a"])


async def test_workers_that_write_at_once_lose_nothing(new_store):
    events = [
        dataset_event(f"s.t{number % 5}", number, documentation=described(f"{number}"), schema=schema(f"c{number % 3}"))
        for number in range(60)
    ]
    straight, crowded = await new_store(), await new_store()
    await take(straight, *events)
    await asyncio.gather(*(take(crowded, *random.Random(start).sample(events, 60)) for start in range(6)))
    expected, found = await contents(straight), await contents(crowded)
    assert found[:3] == expected[:3]
    assert await names(crowded, "s") == await names(straight, "s")
