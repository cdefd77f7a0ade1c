"""How an Airflow connection becomes the settings of a connector: a table for each kind of source.

Keys are attributes of Airflow's connection, or `extra.NAME` for what its extra field holds; values are settings of
the connector of that kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

_SERVER = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "database"}

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "mysql": _SERVER | {"extra.ssl_mode": "ssl_mode", "extra.ssl_ca": "ssl_ca"},
    "sqlserver": _SERVER | {"extra.encryption": "encryption"},
    "postgresql": _SERVER | {"extra.sslmode": "sslmode", "extra.sslrootcert": "sslrootcert"},
}


class AirflowConnection(Protocol):
    """What we read of Airflow's connection beside its plain attributes."""

    @property
    def extra_dejson(self) -> Mapping[str, Any]:
        """The extra field as JSON."""
        ...


def connector_settings(kind: str, connection: AirflowConnection) -> dict[str, Any]:
    """Translate a connection; what it leaves empty is left out, so that the connector's defaults hold."""
    found = {setting: _value(connection, source) for source, setting in SETTINGS[kind].items()}
    return {setting: value for setting, value in found.items() if value not in (None, "")}


def _value(connection: AirflowConnection, source: str) -> Any:
    if source.startswith("extra."):
        return connection.extra_dejson.get(source.removeprefix("extra."))
    return getattr(connection, source)
