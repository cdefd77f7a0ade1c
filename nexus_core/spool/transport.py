"""OpenLineage transport to the spool; name it by class path: `{"type": "nexus_core.spool.transport.SpoolTransport"}`.

Imported in every Airflow task that emits lineage, so it imports no HTTP client unless the spool is ephemeral.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from openlineage.client.client import Event
from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from nexus_core.errors import ConfigurationError, RefusedEventsError, UnavailableError
from nexus_core.spool.folder import SpoolFolder


@attrs.define(frozen=True, kw_only=True)
class SpoolConfig(Config):
    """`path` of the spool and `max_bytes` from which it refuses; the rest is for a spool that is lost with its pod.

    `url` and `token` (a reference, `env:NAME` or `file:PATH`) name the API that an `ephemeral` spool ships to before
    `emit` returns, within `timeout_s`.
    """

    path: Path = attrs.field(converter=Path)
    max_bytes: int = attrs.field(default=2**30, converter=int)
    ephemeral: bool = False
    url: str = ""
    token: str | None = None
    timeout_s: float = attrs.field(default=8.0, converter=float)

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> SpoolConfig:
        """Read the transport's JSON. Raises ConfigurationError for a key that is missing or means nothing."""
        known = {field.name for field in attrs.fields(cls)}
        given = {key: value for key, value in params.items() if key != "type"}
        advice = f"The spool transport takes {', '.join(sorted(known))}"
        if unknown := given.keys() - known:
            raise ConfigurationError(f"Unknown keys of the spool transport: {', '.join(sorted(unknown))}", advice)
        if "path" not in given:
            raise ConfigurationError("The spool transport has no `path`", advice)
        if given.get("ephemeral") and not given.get("url"):
            raise ConfigurationError("An ephemeral spool needs the API's `url`", advice)
        return cls(**given)


class SpoolTransport(Transport):
    """Writes each event to the spool; an outage of the API then costs the task neither time nor events."""

    kind = "lineage_nexus_spool"
    config_class = SpoolConfig

    def __init__(self, config: SpoolConfig) -> None:
        self._config = config
        self._spool = SpoolFolder(config.path, max_bytes=config.max_bytes, ephemeral=config.ephemeral)

    def emit(self, event: Event) -> None:
        """Spool an event of the OpenLineage client; raises as `send`."""
        self.send([Serde.to_json(event).encode()])

    def send(self, events: Sequence[bytes]) -> None:
        """Return once the JSON objects are durable: on disk, or accepted by the API if the spool is ephemeral.

        Raises UnavailableError if the spool is full or, ephemeral, the API does not answer; RefusedEventsError if,
        ephemeral, the API refuses some.
        """
        names = self._spool.put(*events)
        if self._config.ephemeral:
            self._ship(names)

    def _ship(self, names: Sequence[str]) -> None:
        # Only here is an HTTP client needed: importing it costs a task 0.1 s.
        from nexus_core.spool.http import forwarder_to

        timeout_s = self._config.timeout_s
        with forwarder_to(self._spool, self._config.url, self._config.token, timeout_s) as forwarder:
            done = forwarder.forward(wait_s=timeout_s)
        if set(names) & set(self._spool.pending()):
            raise UnavailableError("The LineageNexus API", done.problem or "it took too long", "Events may be lost.")
        reasons = {index: self._spool.rejection(name) for index, name in enumerate(names)}
        if refused := {index: reason.decode() for index, reason in reasons.items() if reason}:
            raise RefusedEventsError(refused)
