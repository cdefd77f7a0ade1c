"""Sources of the settings: where they are, and connections to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from nexus_core.errors import ConfigurationError, NotFoundError, SourceUnavailableError
from nexus_core.masking.source_catalogue import Connection
from nexus_core.references import read_reference
from nexus_core.settings import Settings

_OPTIONS = frozenset({"sslmode", "sslrootcert", "connect_timeout"})
_ADVICE = "See NEXUS_PROXY__SOURCES__NAME__URL in docs/proxy.md"
_APPLICATION = "lineage-nexus reconciler"


@dataclass(frozen=True, slots=True)
class Source:
    """A database that is served, by the name that clients use; `role` is the reconciler's in it."""

    name: str
    host: str
    port: int
    database: str
    role: str
    namespace: str
    options: Mapping[str, str] = field(default_factory=dict)
    password_reference: str | None = None

    def password(self) -> str | None:
        """Give the reconciler's password, None where none is set; raises ConfigurationError if it is not found."""
        if self.password_reference is None:
            return None
        return read_reference(self.password_reference, f"The password of the reconciler in {self.name}", _ADVICE)


def sources_of(settings: Settings) -> dict[str, Source]:
    """Give all sources by name; raises ConfigurationError for one that cannot be read."""
    return {each: _source(settings, each) for each in sorted(settings.proxy.sources)}


def source_of(settings: Settings, named: str) -> Source:
    """Give one source; raises NotFoundError, ConfigurationError."""
    if named not in settings.proxy.sources:
        raise NotFoundError(f"The source {named}")
    return _source(settings, named)


@asynccontextmanager
async def connected(source: Source, admin_url: str | None = None) -> AsyncIterator[Connection]:
    """Open a session as the reconciler, or by another URL; raises SourceUnavailableError, ConfigurationError."""
    try:
        if admin_url is not None:
            connection = await psycopg.AsyncConnection.connect(admin_url, autocommit=True)
        else:
            connection = await _connect(source)
    except psycopg.Error as error:
        raise SourceUnavailableError(source.name, str(error).splitlines()[0], _ADVICE) from error
    async with connection:
        yield connection


async def _connect(source: Source) -> Connection:
    return await psycopg.AsyncConnection.connect(
        host=source.host,
        port=source.port,
        dbname=source.database,
        user=source.role,
        password=source.password(),
        application_name=_APPLICATION,
        client_encoding="utf8",
        autocommit=True,
        options="-c standard_conforming_strings=on",
        **{"connect_timeout": "10", **source.options},  # type: ignore[arg-type]
    )


def _source(settings: Settings, named: str) -> Source:
    given = settings.proxy.sources[named]
    parts = urlsplit(given.url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not parts.username:
        raise ConfigurationError(f"The URL of the source {named} is not postgresql://USER@HOST:PORT/DATABASE", _ADVICE)
    if parts.password is not None or not options.keys() <= _OPTIONS:
        raise ConfigurationError(
            f"The URL of the source {named} has a password or an option that is not taken", _ADVICE
        )
    host, port = parts.hostname, parts.port or 5432
    shown = f"[{host}]" if ":" in host else host
    return Source(
        named,
        host,
        port,
        unquote(parts.path.lstrip("/")) or named,
        unquote(parts.username),
        given.namespace or f"postgres://{shown}:{port}",
        options,
        given.password,
    )
