"""Options of Kafka's clients."""

from pathlib import Path

import pytest

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.kafka_client import client_properties
from nexus_core.settings import EventLogSettings


def settings(**options: str) -> EventLogSettings:
    named = {name.replace("_", "."): value for name, value in options.items()}
    return EventLogSettings(kind="kafka", bootstrap_servers="kafka:9092", options=named)


def test_options_of_security_are_passed_on_and_references_read(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    given = settings(security_protocol="SASL_SSL", sasl_username="nexus", sasl_password=f"file:{tmp_path}/password")
    properties = client_properties(given)
    assert properties["bootstrap.servers"] == "kafka:9092"
    assert (properties["security.protocol"], properties["sasl.password"]) == ("SASL_SSL", "secret")


@pytest.mark.parametrize("name", ["sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"])
def test_secrets_in_clear_are_refused_and_not_repeated(name: str) -> None:
    given = EventLogSettings(bootstrap_servers="kafka:9092", options={name: "hunter2"})
    with pytest.raises(ConfigurationError, match="in clear") as caught:
        client_properties(given)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["acks", "enable.idempotence", "group.id", "bootstrap.servers"])
def test_what_decides_over_durability_is_not_to_be_set(name: str) -> None:
    with pytest.raises(ConfigurationError, match="not for you to set"):
        client_properties(EventLogSettings(bootstrap_servers="kafka:9092", options={name: "1"}))


def test_brokers_are_needed() -> None:
    with pytest.raises(ConfigurationError, match="NEXUS_EVENTLOG__BOOTSTRAP_SERVERS"):
        client_properties(EventLogSettings(kind="kafka"))
