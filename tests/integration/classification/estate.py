"""A ledger that tests fill with lineage and decisions as merged events would, and the classes that follow from them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from nexus_core.classification.reading import Reader
from nexus_core.classification.step import Classification
from nexus_core.eventlog.opening import open_log
from nexus_core.model.aliases import Aliases
from nexus_core.model.class_fields import Fields, Owned
from nexus_core.model.classes import OPEN, Act, Level
from nexus_core.model.edge import OPEN_END, Edge, EdgeKind, EvidenceKey, node_key, pack
from nexus_core.model.mark import KNOWN, mark
from nexus_core.model.names import DatasetName, JobName
from nexus_core.settings import Settings
from nexus_core.store.class_facts import ClassChanges, ClassStatementRow, declared_public, save_class_changes
from nexus_core.store.classes import EffectiveClasses, RequestRow, read_effective, requests
from nexus_core.store.database import Store, open_store, reading, writing
from nexus_core.store.ledger import Ledger
from nexus_core.store.ledger_lease import Held, claim
from nexus_core.store.ledger_rows import Changes, ContentRow, EvidenceRow, ReadingRow
from nexus_core.store.ledger_subjects import ALONE
from tests.stores import sqlite_settings

SPACE = "postgres://db:5432"


def named(table: str) -> DatasetName:
    return DatasetName(SPACE, f"shop.public.{table}")


def key_of(table: str) -> str:
    return node_key(named(table).id)


def copied(source: str, target: str, subtype: str = "IDENTITY", kind: EdgeKind = EdgeKind.DIRECT) -> Edge:
    """`table.field` to `table.field`; without a field the dataset."""
    (of, at), (to, into) = (part.partition(".")[::2] for part in (source, target))
    return Edge(kind, subtype, SPACE, named(of).name, at, SPACE, named(to).name, into)


def whole(source: str, target: str) -> Edge:
    return copied(source, target, "", EdgeKind.DATASET)


def known(target: str) -> Edge:
    table, _, field_ = target.partition(".")
    return mark(named(table), field_, KNOWN)


@dataclass
class Version:
    """What an evidence claims from a moment on; none: it ended."""

    at: int
    edges: Sequence[Edge]
    since: int
    until: int = OPEN_END


@dataclass
class Lineage:
    store: Store
    held: Held
    settings: Settings
    classes: Classification
    versions: dict[str, list[Version]] = field(default_factory=dict)
    clock: int = 0

    def tick(self) -> int:
        self.clock += 10
        return self.clock

    async def write(
        self, job: str, output: str, *edges: Edge, origin: str = "sql", principal: str = "producer"
    ) -> None:
        """A new version, which ends the former one of the same job and output."""
        now = self.tick()
        key = EvidenceKey(principal, origin, JobName("jobs", job), named(output))
        of = self.versions.setdefault(key.key, [])
        of.append(Version(now, edges, now))
        await self.save(key, of)

    async def save(self, key: EvidenceKey, versions: Sequence[Version]) -> None:
        packed = {version.at: pack(version.edges) for version in versions}
        points = [
            [one.at, [packed[one.at][0]] if one.edges else [], f"event {one.at}", one.since, one.until]
            for one in versions
        ]
        assert key.job
        assert key.output
        row = EvidenceRow(
            key.key,
            "source",
            key.principal_class,
            key.origin,
            node_key(key.job.id),
            node_key(key.output.id),
            *(key.job.namespace, key.job.name, key.output.namespace, key.output.name),
            orjson.dumps(points),
            False,
        )
        sources = {DatasetName(edge[2], edge[3]) for one in versions for edge in one.edges if edge[3]}
        changes = Changes(
            evidence=[row],
            contents=[ContentRow(*each) for each in packed.values()],
            readings=[ReadingRow(node_key(name.id), key.key) for name in sources],
        )
        await Ledger(self.store).commit(changes, self.held, ALONE)

    async def decide(self, act: Act, at: str, class_name: str = "", by: str = "anna", **details: object) -> str:
        table, _, field_ = at.partition(".")
        now, name = self.tick(), named(table)
        event = f"decision {now}"
        told = (act.value, class_name, by, now, orjson.dumps(details))
        row = ClassStatementRow(node_key(name.id), field_, event, name.namespace, name.name, *told)
        async with writing(self.store) as connection:
            await save_class_changes(connection, ClassChanges([row], [name], []))
        return event

    async def settle(self) -> None:
        while await self.classes.step():
            pass

    async def effective(self, *tables: str) -> EffectiveClasses:
        async with reading(self.store) as connection:
            keys = [key_of(table) for table in tables]
            return await read_effective(connection, keys, public=await declared_public(connection, keys))

    async def of(self, at: str) -> str | None:
        """The class of `table.field`, `suspected:` before one; None where the dataset was never classified."""
        table, _, field_ = at.partition(".")
        found = (await self.effective(table)).get((key_of(table), field_))
        return found and ("suspected:" * found.suspected) + found.class_name

    async def requests(self) -> list[RequestRow]:
        async with reading(self.store) as connection:
            return await requests(connection, 1000)


@asynccontextmanager
async def lineage(folder: Path, given: Settings | None = None) -> AsyncIterator[Lineage]:
    settings = given or await sqlite_settings(folder)
    store = open_store(settings.store_url)
    held = await claim(store, Held("test", {}))
    try:
        yield Lineage(store, held, settings, Classification(store, store, await open_log(store, settings)))
    finally:
        await store.dispose()


async def from_scratch(running: Lineage, tables: Iterable[str]) -> dict[str, Fields]:
    """What a plain fix point over everything gives."""
    names = [named(table) for table in tables]
    async with Ledger(running.store).reading() as ledger:
        reader = Reader(ledger, Aliases())
        await reader.prepare()
        facts = await reader.facts(names)
    found = {one.key: Fields() for one in facts}
    changing = True
    while changing:
        changing = False
        for one in facts:
            arriving: list[tuple[str, Level, tuple[str, ...]]] = [
                (each, level, ()) for each, level in one.held.base.items()
            ]
            arriving += [
                (
                    link.target,
                    link.level(found[link.source.dataset_key].level_of(link.source.field), reader.classes),
                    link.known,
                )
                for link in one.held.links
            ]
            for target, level, spared in arriving:
                owned = found[one.key].owned.get(target)
                if level > (owned.level if owned else OPEN):
                    found[one.key].owned[target] = Owned(level, origin={"known": spared})
                    changing = True
    return found
