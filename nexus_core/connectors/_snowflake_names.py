"""Identifiers of Snowflake, quoted for its SQL and for the names of datasets, and texts without their credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nexus_core.connectors.objects import SqlText
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical, canonical_namespace
from nexus_core.model.naming_tables import quoted_parts

_DOMAIN = re.compile(r"\.snowflakecomputing\.(?:com|cn)$", re.IGNORECASE)
_SECRET_GROUP = re.compile(r"\b(?:CREDENTIALS|ENCRYPTION)\s*=\s*\((?:[^()']|'(?:[^']|'')*+')*+\)", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"\b(\w*(?:PASSWORD|SECRET|TOKEN|_KEY|KEY_ID))(\s*=\s*)'(?:[^']|'')*+'", re.IGNORECASE)
_SIGNED = re.compile(r"\?[^\s'\"]*")


def quoted(*parts: str) -> str:
    """Quote the parts of a name for SQL."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def stored(name: str) -> str:
    """Give an identifier as people write it in the case in which Snowflake keeps it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') and name.endswith('"') else name.upper()


def without_secrets(sql: str) -> str:
    """Leave out credentials that a COPY or a stage may hold."""
    return _SECRET_VALUE.sub(r"\1\2'…'", _SECRET_GROUP.sub("", sql))


def without_query(url: str) -> str:
    """Leave out the query part of a location, which may hold a signature."""
    return _SIGNED.sub("", url)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Snowflake, which gives its namespace; `host` is where it answers."""

    identifier: str
    host: str

    @classmethod
    def of(cls, host: str, account: str | None) -> Account:
        """Tell account and host from each other: either may be given in the place of the host."""
        identifier = _DOMAIN.sub("", account or host)
        answers = host if account and host else f"{identifier}.snowflakecomputing.com"
        return cls(identifier, answers)

    @property
    def namespace(self) -> str:
        """`snowflake://ACCOUNT`, as OpenLineage's naming has it."""
        return canonical_namespace(f"snowflake://{self.identifier}")

    def dataset(self, *parts: str) -> DatasetName:
        """Name a table by database, schema and name as Snowflake stores them."""
        return canonical(DatasetName(self.namespace, quoted(*parts)))

    def written(self, name: str) -> DatasetName:
        """Name a table by a dotted name with quotes where needed, as Snowflake's own views write it."""
        return canonical(DatasetName(self.namespace, name))

    def parts(self, name: str) -> tuple[str, ...]:
        """Give the identifiers of a dotted name, as stored."""
        return tuple(quoted_parts(self.written(name).name))

    def stage(self, *parts: str, path: str = "") -> DatasetName:
        """Name a stage as SQL does: `@DATABASE.SCHEMA.STAGE`, with a path in it if given."""
        inner = self.dataset(*parts).name
        return DatasetName(self.namespace, f"@{inner}/{path}" if path else f"@{inner}")

    def job(self, database: str, schema: str, *rest: str) -> JobName:
        """Name a job beside the datasets of its schema."""
        return JobName(self.namespace, f"{self.dataset(database, schema).name}.{'.'.join(rest)}")

    def text(self, sql: str, database: str | None, schema: str | None) -> SqlText:
        """Give a text its defaults, without credentials."""
        return SqlText(without_secrets(sql), database, schema)
