import json
import random
from datetime import timedelta
from itertools import pairwise

import pytest

from nexus_core.api.graph import graph_json
from nexus_core.errors import NotFoundError, UnavailableError
from nexus_core.graph.connection import open_graph
from nexus_core.graph.read import read_lineage
from nexus_core.graph.read_answer import Asked, Direction, Granularity, LineageQuery
from nexus_core.graph.schema import prepare_graph
from nexus_core.model.access import EVERYTHING, Scope
from nexus_core.model.edge import OPEN_END, node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.settings import GraphSettings
from tests.integration.graph_model import NAMESPACES, T0, load, micro, random_model

pytestmark = pytest.mark.service
# The same sight by another way: it takes the search level by level.
EVERY_NAMESPACE = Scope.of(*(f"{name[:5].replace('[', '?')}*" for name in NAMESPACES))


def questions(model, seed, count):
    rnd = random.Random(seed)
    nodes = [*model.datasets, *model.names]
    for _ in range(count):
        start = rnd.choice(nodes)
        name = model.datasets[model.parent[start]]
        field = model.names[start].field if start in model.names else None
        yield LineageQuery(
            name.namespace,
            name.name,
            field=field,
            direction=rnd.choice(list(Direction)),
            depth=rnd.choice([2, 20]),
            granularity=Granularity.FIELD if field else rnd.choice(list(Granularity)),
            as_of=rnd.choice([None, None, T0 + timedelta(days=1), T0 + timedelta(days=4), T0 + timedelta(days=7)]),
            indirect=rnd.random() < 0.4,
            limit=rnd.choice([1000, 1000, 5, 1]),
        )


@pytest.fixture
async def graph(clean_graph):
    await prepare_graph(clean_graph)
    return clean_graph


@pytest.mark.parametrize("seed", range(4))
async def test_answers_are_the_true_reachable_set(graph, seed):
    model = random_model(seed)
    await load(graph, model)
    for number, query in enumerate(questions(model, seed, 50)):
        scope = EVERYTHING if number % 2 else EVERY_NAMESPACE
        answer = await read_lineage(graph, query, scope, 60)
        levels = model.levels(query, EVERYTHING)
        order = sorted(levels, key=lambda node: (levels[node], node))
        assert [node.id for node in answer.nodes] == order[: query.limit], query
        assert answer.truncated == (len(order) > query.limit), query
        edges = model.edges(query, set(order[: query.limit]))
        assert {(edge.source, edge.target, edge.kind) for edge in answer.edges} == edges, query
        for node in answer.nodes[:10]:
            assert node.upstream_count == len(neighbours(model, query, Direction.UPSTREAM, node.id)), (query, node)
            assert node.downstream_count == len(neighbours(model, query, Direction.DOWNSTREAM, node.id)), (query, node)


def neighbours(model, query, direction, node):
    """Direct neighbours without those by filters and joins."""
    plain = LineageQuery(query.namespace, query.name, granularity=query.granularity, as_of=query.as_of)
    return model.hops(plain, direction)(node)


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_hidden_shows_as_opaque_groups_alone(graph, seed):
    model = random_model(seed + 100)
    await load(graph, model)
    scope, secret = Scope.of(NAMESPACES[0], NAMESPACES[2].replace("[", "?")), NAMESPACES[1]
    asked = 0
    for query in questions(model, seed, 50):
        if query.limit < 1000:
            continue
        if query.namespace == secret:
            with pytest.raises(NotFoundError, match="not known here"):
                await read_lineage(graph, query, scope, 60)
            continue
        asked += 1
        answer = await read_lineage(graph, query, scope, 60)
        levels = model.levels(query, scope)
        visible = {node for node in levels if model.sees(scope, node)}
        assert {node.id for node in answer.nodes if node.kind != "hidden"} == visible, query
        assert any(node.kind == "hidden" for node in answer.nodes) == (visible != set(levels)), query
        check_no_leak(model, query, scope, answer, secret)
        check_order(answer, levels)
    assert asked > 10


def check_no_leak(model, query, scope, answer, secret):
    shown = graph_json(answer)
    text = json.dumps(shown, default=str)
    assert secret not in text
    for node in shown["nodes"]:
        if node["kind"] == "hidden":
            assert set(node) == {"id", "kind"}
            assert node["id"] not in json.dumps([n for n in shown["nodes"] if n is not node])
        else:
            seen = {
                other
                for other in neighbours(model, query, Direction.DOWNSTREAM, node["id"])
                if model.sees(scope, other)
            }
            assert node["downstream_count"] == len(seen)
    for edge in shown["edges"]:
        if "hidden:" in edge["source"] + edge["target"]:
            assert set(edge) == {"source", "target", "kind"}
            assert edge["kind"] == "DATASET"
    ends = {end for edge in shown["edges"] for end in (edge["source"], edge["target"])}
    assert all(node["id"] in ends for node in shown["nodes"] if node["kind"] == "hidden")


def check_order(answer, levels):
    known = [levels[node.id] for node in answer.nodes if node.kind != "hidden"]
    assert known == sorted(known)


async def test_a_hidden_group_is_one_hop_and_counts_once(graph):
    names = [DatasetName("postgres://a:5432", f"t{number}") for number in range(7)]
    hidden = [DatasetName("kafka://b:9092", f"h{number}") for number in range(5)]
    chain = [names[0], hidden[0], hidden[1], hidden[2], names[1], names[2]]
    await load_chain(graph, [*pairwise(chain), (names[0], hidden[3]), (hidden[3], hidden[2])])
    scope = Scope.of("postgres://*")
    query = LineageQuery("postgres://a:5432", "t0", direction=Direction.DOWNSTREAM, depth=2)
    answer = await read_lineage(graph, query, scope, 60)
    assert [node.kind for node in answer.nodes] == ["dataset", "hidden", "dataset"]
    assert [node.id for node in answer.nodes if node.kind == "dataset"] == [names[0].id, names[1].id]
    assert {(edge.source, edge.target) for edge in answer.edges} == {
        (names[0].id, answer.nodes[1].id),
        (answer.nodes[1].id, names[1].id),
    }
    short = await read_lineage(graph, LineageQuery("postgres://a:5432", "t0", limit=2), scope, 10)
    assert ([node.kind for node in short.nodes], short.truncated) == (["dataset", "hidden"], True)
    again = await read_lineage(graph, query, scope, 60)
    assert again.nodes[1].id != answer.nodes[1].id


async def load_chain(graph, edges, job="airflow"):
    rows = [
        {
            "a": {"key": node_key(a.id), "namespace": a.namespace, "name": a.name},
            "b": {"key": node_key(b.id), "namespace": b.namespace, "name": b.name},
            "p": {"evidence": f"e{n}", "kind": "DATASET", "froms": [micro(T0)], "tos": [OPEN_END], "job_name": "j"},
        }
        for n, (a, b) in enumerate(edges)
    ]
    await graph.execute_query(
        "UNWIND $rows AS r MERGE (a:Dataset {key: r.a.key}) SET a += r.a MERGE (b:Dataset {key: r.b.key}) SET b += r.b "
        "CREATE (a)-[e:FEEDS]->(b) SET e = r.p",
        rows=rows,
    )


async def load_job(graph, job, reads, writes, tos=OPEN_END):
    row = {"key": node_key(job.id), "namespace": job.namespace, "name": job.name}
    touch = {"evidence": "e0", "froms": [micro(T0)], "tos": [tos]}
    for kind, names in (("READS", reads), ("WRITES", writes)):
        arrow = f"(d)-[e:{kind}]->(j)" if kind == "READS" else f"(j)-[e:{kind}]->(d)"
        await graph.execute_query(
            f"MERGE (j:Job {{key: $job.key}}) SET j += $job WITH j UNWIND $keys AS key MATCH (d:Dataset {{key: key}}) "
            f"CREATE {arrow} SET e = $touch",
            job=row,
            keys=[node_key(name.id) for name in names],
            touch=touch,
        )


async def test_a_question_from_a_job_starts_with_what_it_reads_and_writes(graph):
    names = [DatasetName("postgres://a:5432", f"t{number}") for number in range(4)]
    await load_chain(graph, pairwise(names))
    job = JobName("airflow", "load 'x'")
    await load_job(graph, job, [names[1]], [names[2]])
    await load_job(graph, job, [names[0]], [], tos=micro(T0 + timedelta(days=1)))
    query = LineageQuery(job.namespace, job.name, asked=Asked.JOB, depth=1)
    answer = await read_lineage(graph, query, EVERYTHING, 10)
    assert [node.id for node in answer.nodes] == [job.id, names[1].id, names[2].id]
    assert {(edge.source, edge.target, edge.kind) for edge in answer.edges} == {
        (names[1].id, job.id, "READS"),
        (job.id, names[2].id, "WRITES"),
        (names[1].id, names[2].id, "DATASET"),
    }
    whole = await read_lineage(graph, LineageQuery(job.namespace, job.name, asked=Asked.JOB), EVERYTHING, 10)
    assert {node.id for node in whole.nodes} == {job.id, *(name.id for name in names)}
    with pytest.raises(NotFoundError):
        await read_lineage(graph, query, Scope.of("mysql://*"), 10)


async def test_a_job_that_holds_others_answers_for_them(graph):
    names = [DatasetName("postgres://a:5432", f"t{number}") for number in range(4)]
    await load_chain(graph, pairwise(names))
    dag, task = JobName("airflow", "daily"), JobName("airflow", "daily.load")
    await load_job(graph, dag, [], [])
    await load_job(graph, task, [names[1]], [names[2]])
    await load_job(graph, JobName("airflow", "daily_too"), [names[0]], [])
    answer = await read_lineage(graph, LineageQuery(dag.namespace, dag.name, asked=Asked.JOB, depth=1), EVERYTHING, 10)
    assert {node.id for node in answer.nodes} == {dag.id, task.id, names[1].id, names[2].id}
    limited = Scope.of("elsewhere://*")
    with pytest.raises(NotFoundError):
        await read_lineage(graph, LineageQuery(dag.namespace, dag.name, asked=Asked.JOB), limited, 10)


async def test_names_are_data_and_never_cypher(graph):
    evil = DatasetName("ns", "x'}) DETACH DELETE n //`\"\\")
    other = DatasetName("ns", "y\u2028{$key}")
    await load_chain(graph, [(evil, other)])
    answer = await read_lineage(graph, LineageQuery(evil.namespace, evil.name), EVERYTHING, 10)
    assert [node.id for node in answer.nodes] == [evil.id, other.id]
    with pytest.raises(NotFoundError):
        await read_lineage(graph, LineageQuery("ns", "' OR 1=1"), EVERYTHING, 10)


async def test_canonical_names_find_what_other_spellings_ask_for(graph):
    name = DatasetName("postgres://127.0.0.1:5432", "shop.public.orders")
    await load_chain(graph, [(name, DatasetName("postgres://127.0.0.1:5432", "shop.public.copy"))])
    answer = await read_lineage(graph, LineageQuery("postgresql://LOCALHOST", "shop.public.orders"), EVERYTHING, 10)
    assert answer.nodes[0].id == name.id


async def test_no_neo4j_is_an_unavailable_service():
    async with open_graph(GraphSettings(uri="bolt://127.0.0.1:1")) as nowhere:
        with pytest.raises(UnavailableError, match="Neo4j"):
            await read_lineage(nowhere, LineageQuery("a", "b"), EVERYTHING, 1)
