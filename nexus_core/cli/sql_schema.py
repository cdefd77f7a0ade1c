"""`--schema FILE|CONNECTION` of `nexus lineage sql`: what is known of the tables that a text reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nexus_core.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Schema, defaults and dialect, as far as the option's value tells them."""

    schema: dict[str, dict[str, str]] | None = None
    dialect: str | None = None
    database: str | None = None


def surroundings(option: str | None, dialect: str | None) -> Surroundings:
    """Read a file of JSON or YAML (table → column → type), of CREATE statements (.sql), or a live source by its URL.

    Raises InvalidInputError for a file that is none of these, and what connectors raise.
    """
    if option is None:
        return Surroundings()
    if "://" in option:
        return _of_source(option)
    path = Path(option)
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}") from error
    if path.suffix.lower() in (".sql", ".ddl"):
        from nexus_core.sql import schema_of

        return Surroundings(schema_of(text, dialect))
    return Surroundings(_checked(_parsed(text, path), path))


def _parsed(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)  # JSON is YAML
    except yaml.YAMLError as error:
        raise InvalidInputError(f"{path} is neither JSON nor YAML; call a file of CREATE statements .sql") from error


def _checked(value: Any, path: Path) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict) or not all(isinstance(columns, dict | list) for columns in value.values()):
        raise InvalidInputError(f"{path} must map each table to its columns")
    return {
        str(table): {str(column): str(columns[column]) if isinstance(columns, dict) else "" for column in columns}
        for table, columns in value.items()
    }


def _of_source(url: str) -> Surroundings:
    from nexus_core.connectors import open_connector

    connector = open_connector(url)
    schema = {each.name.name: {field.name: field.type for field in each.fields} for each in connector.datasets()}
    return Surroundings(schema, connector.dialect, urlsplit(url).path.strip("/") or None)
