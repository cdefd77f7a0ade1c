"""A small estate whose every name can be recognised in a text, merged by a real worker, behind the real application."""

from __future__ import annotations

import asyncio
import random
import re
import uuid
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from nexus_core.api.app import create_app
from nexus_core.graph.access import write_access
from nexus_core.model.access import UNKNOWN, Attributes, Scope
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import writing
from nexus_core.store.dataset_access import AccessRow, put_access
from tests.merging import HARVESTER, dataset_event, envelope, merging, run_event

T = TypeVar("T")

SPACES = ("postgres://alpha:5432", "postgres://beta:5432", "kafka://gamma:9092")
COUNT = 14
_TOKEN = re.compile(r"zq\d\dz")


def token(number: int) -> str:
    """What every name of a dataset, and all that is said of it, has in it."""
    return f"zq{number:02}z"


def tokens_in(text: str) -> set[str]:
    return set(_TOKEN.findall(text))


@dataclass
class Estate:
    """Datasets by token, who feeds whom through which job, and what scopes ask of them."""

    names: dict[str, DatasetName] = field(default_factory=dict)
    attributes: dict[str, Attributes] = field(default_factory=dict)
    jobs: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)  # reads, writes

    def seen(self, scope: Scope) -> set[str]:
        """The oracle."""
        return {each for each, name in self.names.items() if scope.sees(name, self.attributes.get(each, UNKNOWN))}

    @property
    def edges(self) -> set[tuple[str, str]]:
        return {(a, b) for reads, writes in self.jobs.values() for a in reads for b in writes if a != b}

    def reached(self, start: str, seen: set[str]) -> set[str]:
        """What a traversal through everything shows of what is seen."""
        found = set()
        for ends in (self.edges, {(b, a) for a, b in self.edges}):
            ahead, met = [start], {start}
            while ahead:
                here = ahead.pop()
                new = {b for a, b in ends if a == here} - met
                met |= new
                ahead += new
            found |= met
        return found & seen


@dataclass
class Running:
    """The estate behind an application; `admin` sees everything."""

    estate: Estate
    app: Any
    admin: httpx.AsyncClient

    async def client(self, *grants: str) -> httpx.AsyncClient:
        made = await self.app.state.services.tokens.create(uuid.uuid4().hex, grants)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://localhost:8000",
            headers={"Authorization": f"Bearer {made.secret}"},
        )


@dataclass
class Asked:
    """The running estate with the loop it runs on."""

    runner: asyncio.Runner
    running: Running

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)


def make_estate(seed: int = 7) -> Estate:
    rnd, estate = random.Random(seed), Estate()
    for number in range(COUNT):
        own = token(number)
        estate.names[own] = DatasetName(SPACES[number % 3], f"shop.{'core' if number % 2 else 'mart'}.{own}")
        if number % 5:
            estate.attributes[own] = Attributes(
                rnd.choice(["sales", "hr", None]), rnd.choice(["Public", "Confidential", "PII", None]), 1
            )
    every = list(estate.names)
    for number in range(COUNT):
        reads, writes = rnd.sample(every, rnd.choice([1, 2, 2])), [every[number]]
        estate.jobs[f"job{number:02}"] = (tuple(reads), tuple(writes))
    return estate


def events(estate: Estate) -> list[Any]:
    found = []
    for minute, (own, name) in enumerate(estate.names.items()):
        facets = {
            "schema": {"fields": [{"name": f"id_{own}", "type": "int"}, {"name": f"total_{own}", "type": "int"}]},
            "documentation": {"description": f"All of {own}"},
            "ownership": {"owners": [{"name": f"team:{own}"}]},
            "tags": {"tags": [{"key": f"tag_{own}"}]},
            "lineageNexus_constraints": {
                "primary_key": [f"id_{own}"],
                "foreign_keys": [{"columns": [f"id_{own}"], "references": f"shop.{token((minute + 1) % COUNT)}"}],
            },
        }
        described = {"namespace": name.namespace, "name": name.name, "facets": facets}
        found.append(envelope(dataset_event(minute / 10, described), HARVESTER))
    for number, (job, (reads, writes)) in enumerate(estate.jobs.items()):
        found.append(envelope(_run(estate, job, number, reads, writes)))
    return found


def _run(estate: Estate, job: str, number: int, reads: Sequence[str], writes: Sequence[str]) -> dict[str, Any]:
    sources = [
        {"namespace": estate.names[each].namespace, "name": estate.names[each].name, "field": f"id_{each}"}
        for each in reads
    ]
    for each in sources:
        each["transformations"] = [  # type: ignore[assignment]
            {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": " + ".join(f"id_{one}" for one in reads)}
        ]
    outputs = []
    for own in writes:
        name = estate.names[own]
        lineage = {"fields": {f"total_{own}": {"inputFields": sources}}}
        outputs.append({"namespace": name.namespace, "name": name.name, "facets": {"columnLineage": lineage}})
    inputs = [{"namespace": estate.names[each].namespace, "name": estate.names[each].name} for each in reads]
    sql = f"%% no SQL: {writes[0]} from {' and '.join(reads)} %%"  # so that the facet tells the lineage
    return run_event("COMPLETE", 10 + number, str(uuid.UUID(int=number + 1)), job, sql, inputs=inputs, outputs=outputs)


@asynccontextmanager
async def running(neo4j: GraphSettings, folder: Path) -> AsyncIterator[Running]:
    """Merge the estate and open the application on it."""
    estate, settings = make_estate(), Settings(data_dir=folder, graph=neo4j)
    async with ParsePool(seconds=30, memory_mb=1024) as parser, merging(neo4j, folder, parser) as merge:
        await merge.merge(*events(estate))
        told = {node_key(estate.names[own].id): of for own, of in estate.attributes.items()}
        await write_access(merge.graph, told)
        async with writing(merge.store) as connection:
            rows = [(estate.names[own], of) for own, of in estate.attributes.items()]
            await put_access(
                connection,
                [
                    AccessRow(node_key(name.id), name.namespace, name.name, of.domain, of.class_name, of.generation)
                    for name, of in rows
                ],
            )
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            made = Running(estate, app, None)  # type: ignore[arg-type]
            made.admin = await made.client("admin")
            async with made.admin:
                yield made
