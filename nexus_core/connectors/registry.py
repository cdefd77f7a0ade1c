"""Which connectors are installed, and the way from a URL to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import ValidationError

from nexus_core import egress
from nexus_core.connectors.protocol import Connector
from nexus_core.errors import ConfigurationError, MissingDriverError

GROUP = "lineage_nexus.connectors"


@dataclass(frozen=True, slots=True)
class Installed:
    """A connector by its entry point, of the distribution `package`.

    `problem` says why it cannot be used now; broken ones have no `connector`.
    """

    kind: str
    connector: type[Connector] | None
    problem: str | None = None
    package: str | None = None


def installed(found: Iterable[EntryPoint] | None = None) -> list[Installed]:
    """List the connectors of the entry point group, by kind; none of their drivers is imported."""
    return [_load(entry) for entry in sorted(found or entry_points(group=GROUP), key=lambda entry: entry.name)]


def open_connector(url: str, *, allow_hosts: Sequence[str] | None = None, **options: Any) -> Connector:
    """Make the connector for `SCHEME://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE`; `options` win over the URL.

    A kind alone stands for its defaults. `allow_hosts` None trusts the host, as one that the operator configured; else
    only public addresses and the listed hosts and ranges are let through. Raises ConfigurationError, ForbiddenError or
    MissingDriverError.
    """
    parts = _split(url if ":" in url else f"{url}://")
    connector = _connector_for(parts.scheme)
    given = {**_given(parts), **{name: value for name, value in options.items() if value not in (None, (), [])}}
    try:
        settings = connector.settings_type.model_validate(given)
    except ValidationError as error:
        raise _explained(connector, error) from None
    if allow_hosts is not None:
        for host, port in settings.addresses():
            egress.check_host(host, port, allow_hosts)
    return connector(settings)


def _load(entry: EntryPoint) -> Installed:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else None
    try:
        connector: type[Connector] = entry.load()
        missing = connector.driver is not None and not _is_installed(connector.driver)
    except Exception as error:  # noqa: BLE001 - a module may raise anything while it is imported
        return Installed(entry.name, None, f"{type(error).__name__}: {error}", package)
    problem = str(MissingDriverError(connector.kind, connector.kind)) if missing else None
    return Installed(entry.name, connector, problem, package)


def _is_installed(module: str) -> bool:
    """Whether a module is there; looking for `a.b` imports `a`, which may be missing itself."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _connector_for(scheme: str) -> type[Connector]:
    every = installed()
    for each in every:
        if each.connector and scheme in each.connector.schemes:
            return each.connector
        if each.kind == scheme:
            raise ConfigurationError(f"The connector {scheme} is broken: {each.problem}", "Run `nexus connectors`")
    known = ", ".join(each.kind for each in every) or "none"
    raise ConfigurationError(f"No connector reads {scheme or 'such a URL'}", f"Installed are: {known}")


def _split(url: str) -> SplitResult:
    """Split a URL; its text, which may hold a password, stays out of the error."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError when it is no number
    except ValueError as error:
        raise ConfigurationError("The source's URL cannot be read", "Write it as `nexus connectors` shows") from error
    return parts


def _given(parts: SplitResult) -> dict[str, Any]:
    named = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    named["database"] = parts.path.lstrip("/")
    given: dict[str, Any] = {
        name: unquote(value) if isinstance(value, str) else value for name, value in named.items() if value
    }
    for name, value in parse_qsl(parts.query):
        given[name] = tuple(value.split(",")) if name == "schemas" else value
    return given


def _explained(connector: type[Connector], error: ValidationError) -> ConfigurationError:
    first = error.errors(include_input=False, include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    known = ", ".join(connector.settings_type.model_fields)
    return ConfigurationError(f"{connector.title}: {name}: {first['msg']}", f"Known settings are: {known}")
