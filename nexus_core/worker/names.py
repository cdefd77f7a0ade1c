"""Which dataset a table name in SQL or in a facet means, and in which dialect the SQL is (lineage.md §2).

The event's own inputs and outputs come first, by the longest common tail of the dotted name; then the namespace and
the database and schema that its datasets share; then the platform's default schema. What stays unknown stays short.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from nexus_core.model.dialects import DIALECTS
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_namespace, platform
from nexus_core.model.naming_tables import joined, quoted_parts

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?://(?P<authority>[^/]*))?(?P<path>.*)", re.DOTALL)
_PATH = re.compile(r"[/\\]")
_OBJECT_STORES = frozenset(
    {"s3", "s3a", "s3n", "gs", "gcs", "wasb", "wasbs", "abfs", "abfss", "azure", "https", "http"}
)
_DEPTHS = {"mysql": 2, "mariadb": 2, "hive": 2, "teradata": 2, "clickhouse": 2}
_DEEPEST = 3
_DEFAULT_SCHEMAS = {"postgres": "public", "redshift": "public", "sqlserver": "dbo", "snowflake": "PUBLIC"}


def _file(name: str) -> DatasetName | None:
    """Give the dataset of a URL or path (OpenLineage, spec/Naming.md): an object's key has no slash before it."""
    if match := _URL.fullmatch(name):
        scheme, authority, path = match["scheme"].lower(), match["authority"] or "", match["path"]
        if scheme == "file":
            return DatasetName(f"file://{authority}" if authority else "file", path)
        key = path.lstrip("/") if scheme in _OBJECT_STORES else path
        return DatasetName(f"{scheme}://{authority}", key or "/")
    return DatasetName("file", name) if _PATH.search(name) and not name.startswith("@") else None


def _parts(name: DatasetName) -> list[str]:
    return list(quoted_parts(name.name)) if '"' in name.name else name.name.split(".")


def _as_in_sql(name: DatasetName) -> str:
    """Give a name in lower case as the SQL engine writes it, which joins parts without quotes."""
    return ".".join(_parts(name)).lower()


class Names:
    """The datasets that one run names, as a dictionary for the names in its SQL and its facets.

    A run that names none, such as a statement of a query log, means its job's namespace if that is a SQL platform's.
    """

    def __init__(
        self, outputs: Iterable[DatasetName], inputs: Iterable[DatasetName], job_namespace: str | None = None
    ) -> None:
        self._own = [canonical(name) for name in (*outputs, *inputs)]
        self._by_tail: dict[str, set[DatasetName]] = defaultdict(set)
        for name in self._own:
            parts = _as_in_sql(name).split(".")
            for start in range(len(parts)):
                self._by_tail[".".join(parts[start:])].add(name)
        self._namespace = self._sql_namespace(job_namespace)
        self._written: dict[DatasetName, DatasetName] = {}

    def table(self, dotted: str) -> DatasetName | None:
        """Give the dataset of a dotted table name, file or stage in SQL; None where no namespace is known at all."""
        named = self._by_tail.get(dotted.lower(), ())
        if len(named) == 1:
            return next(iter(named))  # also one whose quoted name looks like a path
        if (file := _file(dotted)) is not None:
            return canonical(file)
        if dotted.startswith("@"):
            return canonical(DatasetName(self._namespace, dotted)) if self._namespace else None
        own = self._among_own(dotted)
        if own is not None or self._namespace is None:
            return own
        return canonical(DatasetName(self._namespace, self._qualified(dotted)))

    def written(self, name: DatasetName) -> DatasetName:
        """Give the dataset that a facet means, which may leave out the database that the event itself writes."""
        found = self._written.get(name)
        if found is None:
            found = self._written[name] = self._meant(name)
        return found

    def _meant(self, name: DatasetName) -> DatasetName:
        exact = canonical(name)
        if exact in self._own:
            return exact
        own = self._among_own(exact.name)
        return own if own is not None and own.namespace == exact.namespace else exact

    def _among_own(self, dotted: str) -> DatasetName | None:
        """Find the one own dataset whose name ends with the dotted name, or with which the dotted name ends."""
        parts = dotted.lower().split(".")
        found = self._by_tail.get(".".join(parts))
        if found is None:
            tails = (".".join(parts[start:]) for start in range(1, len(parts)))
            found = {name for tail in tails for name in self._by_tail.get(tail, ()) if _as_in_sql(name) == tail}
        return next(iter(found)) if len(found) == 1 else None

    def _sql_namespace(self, job_namespace: str | None) -> str | None:
        spaces = [name.namespace for name in self._own]
        if not spaces and job_namespace and platform(job_namespace) in DIALECTS:
            return canonical_namespace(job_namespace)
        known = (space for space in spaces if platform(space) in DIALECTS)
        return canonical_namespace(next(known, spaces[0])) if spaces else None

    def _qualified(self, dotted: str) -> str:
        """Put the database and schema before a shorter name that the namespace's own datasets share."""
        parts = dotted.split(".")
        for position in range(self._depth() - len(parts) - 1, -1, -1):
            shared = self._shared(position)
            if shared is None:
                return ".".join(parts)
            parts.insert(0, joined(shared))
        return ".".join(parts)

    def _depth(self) -> int:
        own = [len(_parts(name)) for name in self._own if name.namespace == self._namespace]
        usual = _DEPTHS.get(platform(self._namespace or ""), _DEEPEST)
        return max(own, default=usual)

    def _shared(self, position: int) -> str | None:
        """Give the part at a position counted from the left, if all own datasets of full depth have the same."""
        depth, space = self._depth(), self._namespace or ""
        split = [_parts(name) for name in self._own if name.namespace == space]
        values = {parts[position] for parts in split if len(parts) == depth}
        if len(values) == 1:
            return values.pop()
        return _DEFAULT_SCHEMAS.get(platform(space)) if position == depth - 2 else None
