"""How an Airflow connection becomes the settings of a connector: a table for each kind of source.

Keys are attributes of Airflow's connection, or `extra.NAME` for what its extra field holds; values are settings of
the connector of that kind. The fields of our own connection types, `lineage_nexus_KIND`, have the settings' names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

_SERVER = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "database"}

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "mysql": _SERVER | {"extra.ssl_mode": "ssl_mode", "extra.ssl_ca": "ssl_ca"},
    "dbt": {
        "host": "host",
        "port": "port",
        "login": "user",
        "password": "password",
        "schema": "database",
        "extra.warehouse": "warehouse",
    },
    "kafka": {
        "extra.bootstrap.servers": "bootstrap_servers",
        "extra.security.protocol": "security_protocol",
        "extra.sasl.mechanism": "sasl_mechanism",
        "extra.sasl.username": "user",
        "extra.sasl.password": "password",
        "extra.ssl.ca.location": "ssl_ca_location",
        "extra.registry_password": "registry_password",
        "extra.connect_password": "connect_password",
    },
    "bigquery": {
        "extra.project": "database",
        "extra.key_path": "credentials_file",
        "extra.keyfile_dict": "password",
    },
    "sqlserver": _SERVER | {"extra.encryption": "encryption"},
    "postgresql": _SERVER | {"extra.sslmode": "sslmode", "extra.sslrootcert": "sslrootcert"},
    "mongodb": _SERVER
    | {
        "extra.srv": "srv",
        "extra.ssl": "tls",
        "extra.tls": "tls",
        "extra.tlsCAFile": "tls_ca_file",
        "extra.authSource": "auth_source",
        "extra.authMechanism": "auth_mechanism",
        "extra.replicaSet": "replica_set",
    },
    "redshift": _SERVER
    | {
        "extra.iam": "iam",
        "extra.ssl": "ssl",
        "extra.sslmode": "sslmode",
        "extra.db_user": "db_user",
        "extra.cluster_identifier": "cluster_identifier",
        "extra.region": "region",
        "extra.profile": "profile",
    },
    "snowflake": {
        "login": "user",
        "password": "password",
        "host": "host",
        "extra.account": "account",
        "extra.database": "database",
        "extra.role": "role",
        "extra.warehouse": "warehouse",
        "extra.private_key_file": "private_key_file",
    },
    "tableau": {
        "host": "host",
        "port": "port",
        "login": "user",
        "password": "password",
        "extra.site_id": "database",
        "extra.auth": "auth",
        "extra.https": "https",
        "extra.cert": "ca_file",
    },
}


OWN_TYPE = "lineage_nexus_"


class AirflowConnection(Protocol):
    """What we read of Airflow's connection beside its plain attributes."""

    @property
    def conn_type(self) -> str | None:
        """The connection's type, such as `postgres`."""
        ...

    @property
    def extra_dejson(self) -> Mapping[str, Any]:
        """The extra field as JSON."""
        ...


def hook_name(kind: str) -> str:
    """Give the name of the class in nexus_operators.sources that tries connections of our own type for a kind."""
    return f"{kind.capitalize()}SourceHook"


def connector_settings(kind: str, connection: AirflowConnection) -> dict[str, Any]:
    """Translate a connection; what it leaves empty is left out, so that the connector's defaults hold."""
    found = [(setting, _value(connection, source)) for source, setting in SETTINGS[kind].items()]
    if connection.conn_type == f"{OWN_TYPE}{kind}":
        plain = [(setting, _value(connection, source)) for source, setting in _SERVER.items()]
        found = [*plain, *connection.extra_dejson.items()]
    return {setting: value for setting, value in found if value not in (None, "")}


def _value(connection: AirflowConnection, source: str) -> Any:
    if source.startswith("extra."):
        return connection.extra_dejson.get(source.removeprefix("extra."))
    return getattr(connection, source)
