"""MongoDB 4.4 to 8: collections, views and their pipelines, and what ran, from system.profile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

import orjson

from nexus_core.connectors import _mongodb_objects as objects
from nexus_core.connectors import _mongodb_profile as profile
from nexus_core.connectors import _mongodb_schema as schema
from nexus_core.connectors._mongodb_client import MongoDBSettings, open_client
from nexus_core.connectors._mongodb_errors import ends_all, is_denied, sentence, translated
from nexus_core.connectors._mongodb_reader import MongoDBReader
from nexus_core.connectors._samples import Look, Rows, UnreadError, leaves, sampler, within
from nexus_core.connectors.objects import (
    DatasetKind,
    GrantAdvice,
    SourceCheck,
    SourceDataset,
    SourceField,
    SourceJob,
)
from nexus_core.connectors.protocol import Capability, ConnectorSettings
from nexus_core.connectors.report import Report, Tally
from nexus_core.errors import MissingDriverError, SourceError
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical_namespace

KNOWN_FIELDS_MAX = 256
"""Collections whose fields are remembered while operations are read."""


class MongoDBConnector:
    """One MongoDB deployment, read over one client at a time."""

    kind: ClassVar[str] = "mongodb"
    title: ClassVar[str] = "MongoDB"
    dialect: ClassVar[str | None] = None
    driver: ClassVar[str | None] = "pymongo"
    schemes: ClassVar[tuple[str, ...]] = ("mongodb",)
    url_example: ClassVar[str] = "mongodb://nexus@db.example.com:27017/shop?sample_size=500"
    grants: ClassVar[str] = (
        "use admin\n"
        'db.createUser({user: "nexus", pwd: passwordPrompt(), roles: [\n'
        '  {role: "readAnyDatabase", db: "admin"},  // structure, and samples to infer schemas from\n'
        '  {role: "clusterMonitor", db: "admin"}    // system.profile of every database\n'
        "]})\n"
        "use shop\n"
        "db.setProfilingLevel(1, {slowms: 100})     // once per database whose operations shall be read"
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.FIELD_DETAILS, Capability.COMMENTS, Capability.CONSTRAINTS, Capability.PROFILE, Capability.VIEWS}
        | {Capability.QUERY_LOG, Capability.USAGE, Capability.NESTED_FIELDS, Capability.TAGS, Capability.PROPERTIES}
        | {Capability.PIPELINES}
    )
    settings_type: ClassVar[type[ConnectorSettings]] = MongoDBSettings

    def __init__(self, settings: ConnectorSettings) -> None:
        try:
            import bson.errors
            import pymongo.errors
        except ImportError as error:
            raise MissingDriverError(self.kind, "mongodb") from error
        self._errors, self._bad_data = pymongo.errors, bson.errors.BSONError
        self._settings = MongoDBSettings.model_validate(settings)
        self.report = Report()
        self.watermark: str | None = None

    def __repr__(self) -> str:
        return f"MongoDBConnector({self.namespace}, {self.scope})"

    @property
    def namespace(self) -> str:
        """`mongodb://HOST:PORT`, of a list all hosts; a DNS seed list has no port of its own."""
        hosts = ",".join(f"{host}:{port}" for host, port in self._settings.addresses())
        return canonical_namespace(f"mongodb://{hosts}")

    @property
    def scope(self) -> str:
        """`DATABASE.*` for each database, or `*`."""
        return ",".join(f"{name}.*" for name in self._named()) or "*"

    def test(self) -> SourceCheck:
        """Connect, list databases and look at rights."""
        try:
            with self._reader() as reader:
                names = tuple(self._database_names(reader))
                server = f"MongoDB {reader.version()}"
                missing = tuple(each for name in names for each in self._advice(reader, name))
        except SourceError as error:
            return SourceCheck(self.namespace, problem=str(error))
        works = ("collections, views, validators, indexes, samples", "operations from system.profile")
        logs = not missing and self._settings.query_log
        return SourceCheck(self.namespace, server, works=works[: 2 if logs else 1], missing=missing, schemas=names)

    def datasets(self) -> Iterator[SourceDataset]:
        """Give collections and views, database by database."""
        with self._reader() as reader:
            for place in self._places(reader):
                yield from self._collections(reader, place)

    def jobs(self, since: str | None) -> Iterator[SourceJob]:
        """Give what ran, where databases keep a profile."""
        if not self._settings.query_log:
            return
        marks = dict(orjson.loads(since)["profile"]) if since else {}
        with self._reader() as reader:
            for place in self._places(reader):
                try:
                    yield from self._operations(reader, place, marks)
                except self._errors.OperationFailure as error:
                    self._lost(f"{place.database}.system.profile", error)
        self.watermark = orjson.dumps({"profile": marks}, option=orjson.OPT_SORT_KEYS).decode()

    def _operations(self, reader: MongoDBReader, place: objects.Place, marks: dict[str, str]) -> Iterator[SourceJob]:
        before = datetime.fromisoformat(marks[place.database]) if place.database in marks else None
        seen: list[datetime] = [before] if before else []

        def noted() -> Iterator[dict[str, Any]]:
            for entry in reader.profile(place.database, wanted):
                seen[:] = [max([*seen, entry["ts"].replace(tzinfo=UTC)])]
                yield entry

        @lru_cache(KNOWN_FIELDS_MAX)
        def known(dataset: DatasetName) -> tuple[tuple[str, ...], ...]:
            database, _, name = dataset.name.partition(".")
            return tuple(schema.paths(reader.fields(database, name)))

        wanted = profile.wanted(before, self._settings.query_log_days, datetime.now(UTC))
        skip = self._skipping(place.database)
        for job in profile.jobs(place, noted(), before, known, skip):
            self.report.read[job.kind.value] += 1
            yield job
        if seen:
            marks[place.database] = seen[0].isoformat()

    def _skipping(self, database: str) -> Any:
        return lambda reason: self.report.skipped.add(f"{database}.system.profile", reason)

    def _collections(self, reader: MongoDBReader, place: objects.Place) -> Iterator[SourceDataset]:
        try:
            for entry in reader.entries(place.database):
                yield from self._collection(reader, place, entry)
        except self._errors.OperationFailure as error:
            self._lost(place.database, error)

    def _collection(
        self, reader: MongoDBReader, place: objects.Place, entry: dict[str, Any]
    ) -> Iterator[SourceDataset]:
        name = f"{place.database}.{entry['name']}"
        try:
            found = self._view(reader, place, entry) if entry.get("type") == "view" else reader.collection(place, entry)
        except (self._errors.OperationFailure, self._bad_data) as error:
            self._lost(name, error)
            return
        self.report.read[found.kind.value] += 1
        yield self._sampled(reader, place, entry["name"], found)

    def _sampled(self, reader: MongoDBReader, place: objects.Place, name: str, found: SourceDataset) -> SourceDataset:
        """Give a collection with what looks at its documents as the settings ask; a view may cost anything."""
        if found.kind is DatasetKind.VIEW:
            return found

        def read(fields: Sequence[SourceField], count: int) -> Rows:
            paths = [each.name.split(".") for each in fields]
            try:
                for document in reader.documents(place.database, name, count):
                    yield [within(document, path) for path in paths]
            except self._errors.OperationFailure as error:
                if ends_all(error):
                    raise
                raise UnreadError(sentence(error)) from error

        fields = [each for each in leaves(found.fields) if "*" not in each.name]  # which stands for keys
        return replace(found, sample=sampler(self._settings, self.report, Look(found.name.name, fields, read)))

    def _view(self, reader: MongoDBReader, place: objects.Place, entry: dict[str, Any]) -> SourceDataset:
        """Read a view; where its rows cannot be had, its pipeline still tells of its fields."""
        fields = self._rows_fields(reader, place, entry["name"])
        below = () if fields else self._rows_fields(reader, place, entry["options"]["viewOn"])
        return objects.view(objects.Read(entry, fields), place, below)

    def _rows_fields(self, reader: MongoDBReader, place: objects.Place, name: str) -> tuple[SourceField, ...]:
        try:
            return reader.fields(place.database, name, is_view=True)
        except self._errors.OperationFailure as error:
            if is_denied(error) or ends_all(error):
                raise
            self.report.skipped.add(f"{place.database}.{name}", f"its rows: {sentence(error)}")
            return ()

    def _lost(self, name: str, error: Exception) -> None:
        """Report what one object refuses; a server that is gone is raised instead."""
        if ends_all(error):
            raise translated(error, self.namespace) from error
        tally: Tally = self.report.denied if is_denied(error) else self.report.failed
        tally.add(name, sentence(error))
        self.report.partial = True

    def _advice(self, reader: MongoDBReader, database: str) -> Iterator[GrantAdvice]:
        """Tell what keeps a database, or its profile, from being read."""
        for collection, role in (("", "readAnyDatabase"), ("system.profile", "clusterMonitor")):
            try:
                level = reader.probe(database, collection)
            except self._errors.OperationFailure as error:
                if not is_denied(error):
                    raise
                costs = "lineage and usage from operations" if collection else "everything in that database"
                roles = f'[{{role: "{role}", db: "admin"}}]'
                statement = f'db.getSiblingDB("admin").grantRolesToUser("{self._settings.user}", {roles})'
                yield GrantAdvice(f"{role} for {database}", costs, statement)
            else:
                if collection and not level and self._settings.query_log:
                    statement = f'db.getSiblingDB("{database}").setProfilingLevel(1, {{slowms: 100}})'
                    yield GrantAdvice(f"a profile of {database}", "lineage and usage from operations", statement)

    def _places(self, reader: MongoDBReader) -> Iterator[objects.Place]:
        for name in self._database_names(reader):
            yield objects.Place(self.namespace, name)

    def _named(self) -> list[str]:
        return [self._settings.database] if self._settings.database else sorted(self._settings.schemas)

    def _database_names(self, reader: MongoDBReader) -> list[str]:
        return self._named() or reader.databases()

    @contextmanager
    def _reader(self) -> Iterator[MongoDBReader]:
        """Open a client; translates the driver's errors."""
        try:
            with open_client(self._settings) as client:
                yield MongoDBReader(client, self._settings)
        except (self._errors.PyMongoError, self._bad_data) as error:
            raise translated(error, self.namespace) from error
