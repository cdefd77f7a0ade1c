"""What is asked of MongoDB, each with a time limit and in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from nexus_core.connectors import _mongodb_objects as objects
from nexus_core.connectors import _mongodb_schema as schema
from nexus_core.connectors.objects import SourceDataset, SourceField

if TYPE_CHECKING:
    import pymongo

BATCH_COLLECTIONS = 100
_INTERNAL = frozenset({"admin", "config", "local"})
Document = dict[str, Any]


class ReadSettings(Protocol):
    """The settings that this module reads."""

    @property
    def statement_timeout_s(self) -> int: ...
    @property
    def sample_size(self) -> int: ...
    @property
    def sample(self) -> str: ...


class MongoDBReader:
    """Reads over one open client; raises pymongo's errors."""

    def __init__(self, client: pymongo.MongoClient[Document], settings: ReadSettings) -> None:
        self._client, self._settings = client, settings
        self._limit_ms = settings.statement_timeout_s * 1000

    def version(self) -> str:
        """Give the server's version."""
        return str(self._command("admin", {"buildInfo": 1})["version"])

    def databases(self) -> list[str]:
        """Name the databases that the account may see, but for MongoDB's own."""
        found = self._command("admin", {"listDatabases": 1, "nameOnly": True, "authorizedDatabases": True})
        return sorted(each["name"] for each in found["databases"] if each["name"] not in _INTERNAL)

    def entries(self, database: str) -> Iterator[Document]:
        """Give what listCollections says of collections and views, by name: names at once, the rest in batches."""
        listed = self._client[database].list_collections(nameOnly=True, authorizedCollections=True)
        names = iter(sorted(each["name"] for each in listed if not each["name"].startswith("system.")))
        while batch := list(islice(names, BATCH_COLLECTIONS)):
            found = self._client[database].list_collections(filter={"name": {"$in": batch}})
            yield from sorted(map(dict, found), key=lambda each: str(each["name"]))

    def collection(self, place: objects.Place, entry: Document) -> SourceDataset:
        """Read a collection: fields, indexes, statistics."""
        held = self._client[place.database][entry["name"]]
        indexes = tuple(dict(each) for each in held.list_indexes())
        statistics = next(self._aggregate(place.database, entry["name"], [{"$collStats": {"storageStats": {}}}]), None)
        fields = self.fields(place.database, entry["name"], count=_count(statistics))
        return objects.collection(objects.Read(entry, fields, indexes, statistics), place)

    def fields(
        self, database: str, name: str, *, count: int | None = None, is_view: bool = False
    ) -> tuple[SourceField, ...]:
        """Infer the fields from a bounded number of documents; a view is read only as far as those take."""
        size = self._settings.sample_size
        if not size:
            return ()
        whole = is_view or (count is not None and count <= size)
        if not whole and self._settings.sample == "ends":
            return schema.inferred(self._ends(database, name, size))
        stage = {"$limit": size} if whole else {"$sample": {"size": size}}
        return schema.inferred(self._aggregate(database, name, [stage]))

    def documents(self, database: str, name: str, count: int) -> Iterator[Document]:
        """Give the documents of a collection that come first."""
        return self._aggregate(database, name, [{"$limit": count}])

    def profile(self, database: str, wanted: Mapping[str, Any]) -> Iterator[Document]:
        """Give entries of system.profile in the order in which they were written."""
        shown = ["ts", "op", "command", "user", "errCode", "errMsg"]
        found = self._client[database]["system.profile"].find(wanted, shown, batch_size=100)
        with found.max_time_ms(self._limit_ms) as cursor:
            yield from cursor

    def probe(self, database: str, collection: str) -> bool:
        """Read a document of a collection, or list those of a database; tells whether there was any."""
        if not collection:
            return bool(list(self._client[database].list_collections(nameOnly=True)))
        return self._client[database][collection].find_one(max_time_ms=self._limit_ms) is not None

    def _ends(self, database: str, name: str, size: int) -> Iterator[Document]:
        for order, half in ((1, (size + 1) // 2), (-1, size // 2)):
            if half:
                found = self._client[database][name].find(sort=[("_id", order)], limit=half)
                with found.max_time_ms(self._limit_ms) as cursor:
                    yield from cursor

    def _aggregate(self, database: str, name: str, stages: list[Document]) -> Iterator[Document]:
        with self._client[database][name].aggregate(stages, maxTimeMS=self._limit_ms, batchSize=100) as cursor:
            yield from cursor

    def _command(self, database: str, command: Document) -> Document:
        return self._client[database].command({**command, "maxTimeMS": self._limit_ms})


def _count(statistics: Document | None) -> int | None:
    storage = (statistics or {}).get("storageStats") or {}
    count = storage.get("count")
    return None if count is None else int(count)
