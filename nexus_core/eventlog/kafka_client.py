"""The properties of our Kafka clients, and Kafka's failures as ours."""

from __future__ import annotations

import logging
from typing import Any

from confluent_kafka import KafkaError

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.references import SCHEMES, read_reference
from nexus_core.settings import EventLogSettings

SERVICE = "Kafka"

Properties = dict[str, Any]
"""Properties of librdkafka (its CONFIGURATION.md)."""

_SECURITY = ("security.", "sasl.", "ssl.", "enable.ssl.")
_NETWORK = ("socket.", "client.", "broker.", "reconnect.", "metadata.")
_SECRET = ("password", "secret", "key.pem")
_ADVICE = "Give it in NEXUS_EVENTLOG__OPTIONS as `env:NAME` or `file:PATH`"
_logger = logging.getLogger("kafka")


def client_properties(settings: EventLogSettings) -> Properties:
    """Give what each client needs: the brokers, and the options with their references read.

    Raises ConfigurationError for no brokers, an option that is not about security or network, and a secret in clear.
    """
    if not settings.bootstrap_servers:
        raise ConfigurationError("No broker of Kafka is given", "Set NEXUS_EVENTLOG__BOOTSTRAP_SERVERS to HOST:PORT,…")
    options = {name: _read(name, value) for name, value in settings.options.items()}
    return {"client.id": "lineage-nexus", "bootstrap.servers": settings.bootstrap_servers, "logger": _logger} | options


def _read(name: str, value: str) -> str:
    if not name.startswith(_SECURITY + _NETWORK):
        raise ConfigurationError(
            f"The Kafka option {name} is not for you to set",
            "NEXUS_EVENTLOG__OPTIONS is for security and network",
        )
    if value.startswith(SCHEMES):
        return read_reference(value, f"The Kafka option {name}", _ADVICE)
    if name.endswith(_SECRET):
        raise ConfigurationError(f"The Kafka option {name} is a secret in clear", _ADVICE)
    return value


def unavailable(error: KafkaError | str) -> UnavailableError:
    """Give our error for one of Kafka's that another try may mend."""
    reason = error if isinstance(error, str) else f"{error.name()}: {error.str()}"
    return UnavailableError(SERVICE, reason[:200], "See docs/operations.md, “Kafka”.")
