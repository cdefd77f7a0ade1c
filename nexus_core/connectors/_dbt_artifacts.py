"""Reads the artifacts that dbt leaves behind (docs.getdbt.com/reference/artifacts), from a folder or over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from nexus_core.connectors._http import JsonService
from nexus_core.errors import SourceDataError, SourceDeniedError, SourceError

OLDEST_MANIFEST = 9  # dbt 1.5
_UNREAD = ("macros", "docs", "disabled", "selectors", "parent_map", "child_map", "unit_tests", "saved_queries")
_RAN_NOTHING = frozenset({"compile", "docs generate", "generate", "parse", "list", "ls", "show"})
"""Commands of dbt that leave results behind, though they built nothing."""

_VERSION = re.compile(r"/v(\d+)\.json$")
_ADVICE = "Give the target folder of a project, after `dbt build` and `dbt docs generate`; docs/sources/dbt.md"

Json = Mapping[str, Any]


class Place(Protocol):
    """Where artifacts are."""

    def read(self, name: str) -> Any:
        """Give a file's content; None where there is none. Raises SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on this machine."""

    path: Path

    def read(self, name: str) -> Any:
        """Read a file."""
        file = self.path / name
        try:
            return orjson.loads(file.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceError(str(file), f"it cannot be read ({error.strerror})", _ADVICE) from error
        except ValueError as error:
            raise SourceDataError(str(file), "it is no JSON", "Harvest when dbt is not writing it.") from error


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder of a web server, or the artifacts of a job of dbt Cloud; to be opened anew for each read."""

    open: Any

    def read(self, name: str) -> Any:
        """Fetch a file."""
        with ExitStack() as stack:
            service: JsonService = stack.enter_context(self.open())
            reply = service.get(f"/{name}")
        if reply.denied:
            raise SourceDeniedError("dbt", f"reading {name} is not allowed", "a token that may read artifacts")
        return reply.body if reply.ok else None


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What dbt left behind; all but the manifest may be missing, and are empty then."""

    manifest: Json
    catalog: Json
    results: Json
    freshness: Json

    @property
    def project(self) -> str:
        """The name of the project."""
        return str(self.manifest["metadata"].get("project_name") or "unnamed")

    @property
    def adapter(self) -> str:
        """The kind of warehouse."""
        return str(self.manifest["metadata"].get("adapter_type") or "unknown")

    @property
    def version(self) -> str:
        """The version of dbt that wrote them."""
        return str(self.manifest["metadata"].get("dbt_version") or "unknown")

    def nodes(self) -> Mapping[str, Json]:
        """Give models, seeds, snapshots, tests and sources by their unique ids."""
        return {**self.manifest.get("nodes", {}), **self.manifest.get("sources", {})}

    def described(self, unique_id: str) -> Json:
        """Give what the catalog tells of a relation."""
        for part in ("nodes", "sources"):
            if found := self.catalog.get(part, {}).get(unique_id):
                return dict(found)
        return {}


def load(place: Place) -> Artifacts:
    """Read all artifacts; raises SourceError without a manifest that can be read."""
    manifest = place.read("manifest.json")
    if not isinstance(manifest, dict) or not isinstance(manifest.get("metadata"), dict):
        raise SourceError("dbt", "there is no manifest.json" if manifest is None else "manifest.json is none", _ADVICE)
    _check_version(str(manifest["metadata"].get("dbt_schema_version")))
    kept = {name: value for name, value in manifest.items() if name not in _UNREAD}
    results = _object(place.read("run_results.json"))
    ran = results if (results.get("args") or {}).get("which") not in _RAN_NOTHING else {}
    return Artifacts(kept, _object(place.read("catalog.json")), ran, _object(place.read("sources.json")))


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _check_version(schema: str) -> None:
    match = _VERSION.search(schema)
    if match is None or int(match[1]) < OLDEST_MANIFEST:
        advice = "Versions from dbt 1.5 on (manifest v9) are read."
        raise SourceDataError("dbt", f"manifest.json has the version {schema}", advice)
