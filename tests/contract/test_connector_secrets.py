"""No connector shows a secret: in what it prints of itself, in errors, reports, logs and events."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from nexus_core.connectors import Connector, open_connector
from nexus_core.errors import ConfigurationError, SourceError
from nexus_core.harvest import harvest
from tests.services import free_port
from tests.sources import Sources, down

SECRET = "s3cret-canary"
LEAST_CHARS = 6


def _secret_settings(connector: type[Connector]) -> list[str]:
    fields = connector.settings_type.model_fields.items()
    return [name for name, field in fields if "SecretStr" in repr(field.annotation)]


def _secrets(connector: type[Connector], url: str) -> set[str]:
    """The secrets that a URL carries; a short one may stand anywhere by chance."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    found = [parts.password or "", *(value for name in _secret_settings(connector) for value in asked.get(name, []))]
    return {unquote(secret) for secret in found if len(secret) >= LEAST_CHARS}


def test_keeps_secrets_as_secrets(connector: type[Connector]) -> None:
    named = [name for name in connector.settings_type.model_fields if _sounds_secret(name)]
    assert [name for name in named if name not in _secret_settings(connector)] == []


def _sounds_secret(name: str) -> bool:
    parts = set(name.split("_"))
    return bool(parts & {"password", "passphrase", "secret", "token", "credentials"}) and not parts & {"path", "file"}


def test_a_source_that_is_down_shows_none(connector: type[Connector], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    settings = {**dict.fromkeys(_secret_settings(connector), SECRET), **down(connector.kind, free_port())}
    opened = open_connector(connector.url_example, **settings)
    with pytest.raises(SourceError) as raised:
        next(opened.datasets())
    causes = f"{raised.value} {raised.value.__cause__!r} {raised.value.__context__!r}"
    assert SECRET not in f"{opened!r} {vars(opened)!r} {causes} {opened.test()!r} {opened.report!r} {caplog.text}"


def test_refuses_unknown_settings_without_showing_values(connector: type[Connector]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        open_connector(connector.url_example, password=SECRET, colour=SECRET)
    assert "colour" in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.service
def test_a_harvest_shows_none(
    connector: type[Connector], source_urls: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = source_urls[connector.kind]
    secrets = _secrets(connector, url)
    opened = open_connector(url, **({} if secrets else {"password": SECRET}))
    events: list[dict[str, Any]] = []
    try:
        ended: Any = harvest(opened, events.extend)
    except SourceError as error:  # it wants no password, and refuses one
        ended = (error, error.__cause__)
    shown = f"{opened!r} {vars(opened)!r} {ended!r} {opened.test()!r} {caplog.text} {json.dumps(events)}"
    assert [secret for secret in secrets or {SECRET} if secret in shown] == []
