"""Where the relations of a dbt project are: the warehouse's namespace, its dialect, and names of relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from nexus_core.errors import SourceError
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_namespace, rules_of
from nexus_core.model.naming_tables import quoted_parts
from nexus_core.model.platforms import UNKNOWN

_ADVICE = "Give `warehouse=SCHEME://HOST:PORT`, as the warehouse's own harvest names it; docs/sources/dbt.md"
_DIALECTS = {
    "sqlserver": "tsql",
    "synapse": "tsql",
    "fabric": "fabric",
    "athena": "athena",
    "materialize": "materialize",
}
_HOSTS = ("host", "server", "account")
_SCHEMES = {"postgres": "postgres", "athena": "awsathena", "mysql5": "mysql", "spark": "hive"}
_WITHOUT_HOST = frozenset({"bigquery"})


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse by its namespace; `dialect` is that of compiled SQL."""

    namespace: str
    dialect: str

    def relation(self, node: Mapping[str, Any]) -> DatasetName | None:
        """Name the relation of a node; None for one that has none, as an ephemeral model."""
        written = node.get("relation_name")
        if not isinstance(written, str) or not written:
            return None
        known = rules_of(self.namespace) is not UNKNOWN
        return canonical(DatasetName(self.namespace, written if known else ".".join(quoted_parts(written))))


def of_settings(adapter: str, url: str | None, profiles: Path | None, profile: str | None) -> Warehouse:
    """Find the warehouse by its URL, else by dbt's profiles.yml; raises SourceError if neither tells."""
    dialect = _DIALECTS.get(adapter, adapter)
    if url:
        return Warehouse(_namespace(url), dialect)
    if adapter in _WITHOUT_HOST:
        return Warehouse(adapter, dialect)
    if profiles is None:
        raise SourceError("dbt", "manifest.json does not tell where the warehouse is", _ADVICE)
    return Warehouse(_of_output(adapter, _output(profiles / "profiles.yml", profile)), dialect)


def _namespace(url: str) -> str:
    """Give a URL's namespace, without user, password and path."""
    parts = urlsplit(url)
    if not parts.scheme:
        return canonical_namespace(url)
    hosts = parts.netloc.rpartition("@")[2]
    return canonical_namespace(f"{parts.scheme}://{hosts}" if hosts else f"{parts.scheme}://{parts.path}")


def _output(file: Path, profile: str | None) -> Mapping[str, Any]:
    """Give the output that a profile's target names."""
    try:
        profiles = yaml.safe_load(file.read_text())
        names = [name for name in profiles if name != "config"]
        chosen = profiles[profile or names[0]]
        output = chosen["outputs"][chosen.get("target", "default")]
    except (OSError, yaml.YAMLError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise SourceError(str(file), f"it does not tell of the warehouse ({type(error).__name__})", _ADVICE) from None
    return output if isinstance(output, dict) else {}


def _of_output(adapter: str, output: Mapping[str, Any]) -> str:
    host = next((str(output[name]) for name in _HOSTS if output.get(name)), "")
    port = str(output.get("port") or "")
    if not host or "{{" in host + port:
        raise SourceError("dbt", "the profile's host is none, or a template", _ADVICE)
    return canonical_namespace(f"{_SCHEMES.get(adapter, adapter)}://{host}{f':{port}' if port else ''}")
