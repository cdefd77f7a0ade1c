"""What lines of the log hide."""

from __future__ import annotations

from nexus_core.telemetry import without_secrets


def test_passwords_and_secrets_are_hidden_and_the_rest_stays() -> None:
    line = {
        "event": "cannot connect to postgresql://nexus:hunter2@db:5432/nexus",
        "password": "hunter2",
        "Authorization": "Bearer hunter2",
        "count": 3,
        "url": "https://example.com/a:b@c",
    }
    told = without_secrets(None, "info", line)
    assert "hunter2" not in str(told)
    assert told["event"] == "cannot connect to postgresql://nexus:…@db:5432/nexus"
    assert told["count"] == 3
    assert told["url"] == "https://example.com/a:b@c"
