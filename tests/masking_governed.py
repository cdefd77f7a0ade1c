"""What a store says of the masking sample: its columns, their classes, policies, people with roles."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import delete, update

from nexus_core.catalogue.record import record_of
from nexus_core.eventlog.seal import Seal
from nexus_core.governance.policies import keeping
from nexus_core.governance.policies.document import check_document
from nexus_core.governance.roles import Roles, Wanted
from nexus_core.governance.secrets import new_id
from nexus_core.masking.onboarding import onboarding
from nexus_core.masking.profiles import ProfileSource
from nexus_core.masking.reconciling import Reconciler
from nexus_core.masking.sealing import proxy_seal
from nexus_core.masking.source_catalogue import Connection
from nexus_core.masking.sources import Source, connected, source_of
from nexus_core.model.access import EVERYTHING, Caller, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.class_fields import Fields, Owned
from nexus_core.model.classes import PUBLIC, Act, Classes
from nexus_core.model.edge import node_key
from nexus_core.model.masked import Profile
from nexus_core.model.names import DatasetName
from nexus_core.projection.active import ActiveProjection
from nexus_core.settings import GraphSettings, ProxySettings, ProxySourceSettings, Settings
from nexus_core.store.account_users import Profile as Person
from nexus_core.store.account_users import User, UserRows
from nexus_core.store.class_facts import ClassChanges, ClassStatementRow, save_class_changes
from nexus_core.store.class_tables import class_dataset, class_generation, effective_class
from nexus_core.store.classes import DatasetClassRow, Generation, Settled, read_generation, save_settled
from nexus_core.store.database import Store, open_store, writing
from nexus_core.store.policies import PolicyState
from nexus_core.store.policy_tables import policy_version
from tests.masking import PERSONAL, Sample
from tests.merging import dataset_event, envelope
from tests.stores import sqlite_settings

SHOP = "shop"
_minutes = itertools.count()
PASSWORD = "reconciler's secret"
NULLED: Mapping[str, Any] = {
    "version": 1,
    "policies": [{"name": "pii", "match": {"classes": ["PII"]}, "mask": {"kind": "null"}, "clear_for": ["steward"]}],
}


@dataclass
class Governed:
    """A store, and the reconciler of the sample; a test takes every round by itself."""

    sample: Sample
    settings: Settings
    main: Store
    source: Source
    active: ActiveProjection
    reconciler: Reconciler
    profiles: ProfileSource

    def name(self, relation: str) -> DatasetName:
        return DatasetName(self.source.namespace, f"{self.sample.database}.{relation}")

    async def catalogue(self) -> None:
        """Let the catalogue have every relation as it is in the source now, but for partitions."""
        rows = self.sample.rows(
            "SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
            "AND NOT a.attisdropped WHERE n.nspname IN ('public', 'hr') AND c.relkind IN ('r', 'p', 'v', 'm') "
            "AND NOT c.relispartition GROUP BY 1 ORDER BY 1"
        )
        for relation, columns in rows:
            await self.describe(str(relation), columns)

    async def describe(self, relation: str, columns: Sequence[str]) -> None:
        name = self.name(relation)
        fields = [{"name": column, "type": "text"} for column in columns]
        described = {"namespace": name.namespace, "name": name.name, "facets": {"schema": {"fields": fields}}}
        event = envelope(dataset_event(next(_minutes), described))
        async with writing(self.main) as connection:
            await record_of([event], Aliases())(connection)

    async def classify(self, classes: Mapping[str, Mapping[str, str]]) -> None:
        """Set the classes of columns by relation; those that are Public are declared so."""
        names = {relation: self.name(relation) for relation in classes}
        public = [
            _declared(names[relation], column)
            for relation, of in classes.items()
            for column, level in of.items()
            if level == PUBLIC
        ]
        async with writing(self.main) as connection:
            await save_class_changes(connection, ClassChanges(public, [], []))
            before = await read_generation(connection)
            now = Generation(before.generation + 1, before.complete_at + 1, 1)
            await save_settled(connection, before, now, _settled(names, classes, now.generation))

    async def personal_data(self, more: Mapping[str, Collection[str]] = {}) -> None:
        """Classify the whole sample: what has canaries is PII, and columns of `more` relations; the rest Public."""
        every, personal = await self.columns(), {**PERSONAL, **more}
        await self.classify(
            {
                relation: {each: "PII" if each in personal.get(relation, ()) else PUBLIC for each in columns}
                for relation, columns in every.items()
            }
        )

    async def columns(self) -> dict[str, list[str]]:
        rows = self.sample.rows(
            "SELECT table_schema || '.' || table_name, array_agg(column_name::text) FROM information_schema.columns "
            "WHERE table_schema IN ('public', 'hr') AND table_name !~ '_20..$' GROUP BY 1"
        )
        return {str(relation): list(columns) for relation, columns in rows}

    async def policies(self, document: Mapping[str, Any]) -> None:
        """Put a document into force, by two people."""
        author, other = Caller("a", "anna", ()), Caller("b", "ben", ())
        made = await keeping.propose(self.main, check_document(document), "", author)
        await keeping.decide(self.main, made.version.version, PolicyState.ACTIVE, other)

    async def lose_classes(self) -> None:
        """Let nothing be classified any more, as after the loss of a store."""
        async with writing(self.main) as connection:
            for table in (effective_class, class_dataset):
                await connection.execute(delete(table))
            await connection.execute(update(class_generation).values(generation=0, complete_at=0))

    async def lose_policies(self) -> None:
        """Let no policy be in force any more."""
        async with writing(self.main) as connection:
            await connection.execute(delete(policy_version))

    async def person(
        self, name: str, *roles: str, groups: Sequence[str] = (), scope: Scope = EVERYTHING, email: str | None = None
    ) -> str:
        """Make a person with roles; gives the account's id."""
        user = User(new_id("acc"), "user", name, name, Person(email), datetime.now(UTC), groups=tuple(groups))
        await UserRows(self.main).add(user, None, "local")
        for role in roles:
            await Roles(self.main).bind(Wanted(role, "account", user.id, scope))
        return user.id

    async def account(self, name: str) -> str:
        """Give the id of a person."""
        return next(user.id for user in await UserRows(self.main).all() if user.name == name)

    async def settle(self, rounds: int = 5) -> None:
        """Take rounds until nothing changes any more."""
        for _ in range(rounds):
            if not await self.reconciler.round():
                return
        raise AssertionError("it does not come to rest")

    async def profile(self, account_id: str) -> Profile:
        answer = await self.profiles.answer(account_id, SHOP)
        assert answer.profile is not None, answer.why
        return answer.profile

    async def login(self, account_id: str) -> psycopg.Connection[Any]:
        """Log in to the source as the proxy does for someone."""
        profile = await self.profile(account_id)
        url = self.sample.url(profile.login_role, await self.profiles.password(profile))
        return psycopg.connect(url, autocommit=True)

    async def read(self, account_id: str, query: str) -> list[Any]:
        with await self.login(account_id) as connection:
            return connection.execute(query).fetchall()


def proxy_settings(sample: Sample, folder: Path) -> ProxySettings:
    """Settings of the sample as the source `shop`, with a reconciler's role of its own."""
    password = folder / "reconciler-password"
    password.write_text(PASSWORD)
    server = sample.server
    url = f"postgresql://ln_reconciler@{server.host}:{server.port}/{sample.database}"
    return ProxySettings(sources={SHOP: ProxySourceSettings(url=url, password=f"file:{password}")})


async def onboard(source: Source, admin_url: str) -> None:
    """Run what an administrator runs."""
    async with connected(source, admin_url) as admin:
        for statement in await onboarding(admin, source.name, source.role, source.password()):
            await admin.execute(statement)


@asynccontextmanager
async def governed(sample: Sample, folder: Path) -> AsyncIterator[Governed]:
    """Give the sample with a catalogue of it, everything classified, nobody there, and no policy."""
    settings = (await sqlite_settings(folder)).model_copy(
        update={"proxy": proxy_settings(sample, folder), "graph": GraphSettings(uri="bolt://127.0.0.1:1")}
    )
    source = source_of(settings, SHOP)
    await onboard(source, sample.admin_url)
    main = open_store(settings.store_url)
    active = ActiveProjection(settings, main, lambda _: None)
    try:
        async with connected(source) as connection:
            made = _governed(sample, settings, main, source, active, connection)
            await made.catalogue()
            await made.personal_data()
            yield made
    finally:
        await active.close()
        await main.dispose()


def _governed(
    sample: Sample, settings: Settings, main: Store, source: Source, active: ActiveProjection, connection: Connection
) -> Governed:
    seal: Seal = proxy_seal(settings)
    reconciler = Reconciler(source, main, active, seal, connection)
    return Governed(sample, settings, main, source, active, reconciler, ProfileSource(main, settings))


def _declared(name: DatasetName, column: str) -> ClassStatementRow:
    key = node_key(name.id)
    return ClassStatementRow(key, column.lower(), "event", *_pair(name), Act.SET, PUBLIC, "anna", 1, b"{}")


def _pair(name: DatasetName) -> tuple[str, str]:
    return name.namespace, name.name


def _settled(names: Mapping[str, DatasetName], classes: Mapping[str, Mapping[str, str]], generation: int) -> Settled:
    known = Classes()
    keys = {relation: node_key(name.id) for relation, name in names.items()}
    fields = {
        keys[relation]: Fields(
            (column.lower(), Owned(known.level(level))) for column, level in of.items() if level != PUBLIC
        )
        for relation, of in classes.items()
    }
    rows = [DatasetClassRow(key, *_pair(names[relation]), "PII", False, generation) for relation, key in keys.items()]
    return Settled(fields, rows, [], list(fields), [])
