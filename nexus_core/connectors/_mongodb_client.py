"""The settings of a MongoDB deployment, and the driver's client made from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from nexus_core.connectors._mongodb_profile import OWN_APPLICATION
from nexus_core.connectors._samples import SampledSettings

if TYPE_CHECKING:
    import pymongo

    Client = pymongo.MongoClient[dict[str, Any]]


class MongoDBSettings(SampledSettings):
    """A MongoDB server, replica set or sharded cluster; without `database` and `schemas`, every database is read."""

    port: int = Field(27017, description="Port.")
    auth_source: str = Field("admin", description="Database that knows the account.")
    auth_mechanism: str | None = Field(None, description="As in the driver, such as SCRAM-SHA-256.")
    srv: bool = Field(False, description="Whether the host is a DNS seed list, as in mongodb+srv.")
    tls: bool = False
    tls_ca_file: Path | None = None
    replica_set: str | None = None
    read_preference: Literal["primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"] = (
        "secondaryPreferred"
    )
    connect_timeout_s: int = Field(5, ge=1, description="Seconds to wait for a server.")
    statement_timeout_s: int = Field(60, ge=1, description="Seconds that one of our reads may run.")
    sample_size: int = Field(1000, ge=0, le=100_000, description="Documents read of a collection.")
    sample: Literal["random", "ends"] = Field("random", description="Random ones, or the oldest and newest by _id.")
    query_log: bool = Field(True, description="Whether to read system.profile.")
    query_log_days: int = Field(7, ge=1, description="How far back a first harvest reads the profile.")

    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Give every host of a list."""
        return tuple((host, self.port) for host in self.host.split(","))


def open_client(settings: MongoDBSettings) -> Client:
    """Make a client, which connects when it is first asked; raises pymongo's errors."""
    from pymongo import MongoClient

    hosts = [f"{host}:{port}" for host, port in settings.addresses()]
    where = [f"mongodb+srv://{settings.host}"] if settings.srv else hosts
    return MongoClient(where, **_limits(settings), **_login(settings))


def _limits(settings: MongoDBSettings) -> dict[str, Any]:
    wait_ms = settings.connect_timeout_s * 1000
    return {
        "appname": OWN_APPLICATION,
        "readPreference": settings.read_preference,
        "serverSelectionTimeoutMS": wait_ms,
        "connectTimeoutMS": wait_ms,
        "socketTimeoutMS": (settings.statement_timeout_s + 2) * 1000,
        "maxPoolSize": 1,
        "datetime_conversion": "DATETIME_AUTO",
        "unicode_decode_error_handler": "replace",
    }


def _login(settings: MongoDBSettings) -> dict[str, Any]:
    given: dict[str, Any] = {
        "tls": settings.tls or settings.srv,
        "replicaSet": settings.replica_set,
        "authMechanism": settings.auth_mechanism,
        "tlsCAFile": str(settings.tls_ca_file) if settings.tls_ca_file else None,
    }
    if settings.user and (settings.password or settings.auth_mechanism):  # without, the server asks for one
        password = settings.password.get_secret_value() if settings.password else None
        given |= {"username": settings.user, "password": password, "authSource": settings.auth_source}
    return {name: value for name, value in given.items() if value}
