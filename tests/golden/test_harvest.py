"""What each kind of connector makes of a source with one of everything: `KIND/schema.*` gives `KIND/events.json`."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from nexus_core.connectors import installed, open_connector
from nexus_core.events.check import check
from nexus_core.harvest import harvest
from tests.sources import GOLDEN, Sources

KINDS = [each.kind for each in installed()]
_DAY = re.compile(r'(?<=\\"day\\":\\")\d{4}-\d\d-\d\d')
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_RUN_ID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_VOLATILE = ("fingerprint", "digest", "externalQueryId")


@pytest.mark.service
@pytest.mark.parametrize("kind", KINDS)
def test_events(kind: str, source_urls: Sources, update_golden: bool) -> None:
    events: list[dict[str, Any]] = []
    harvest(open_connector(source_urls[kind]), events.extend)

    shown = json.dumps([_settled(event) for event in events], indent=1, ensure_ascii=False) + "\n"
    shown = _RUN_ID.sub("RUN", _DAY.sub("DAY", _TIME.sub("TIME", shown))).replace(
        f":{urlsplit(source_urls[kind]).port}", ":PORT"
    )
    expected = GOLDEN / kind / "events.json"
    if update_golden:
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


@pytest.mark.service
@pytest.mark.parametrize("kind", KINDS)
def test_events_are_accepted_without_warning(kind: str, source_urls: Sources) -> None:
    events: list[dict[str, Any]] = []
    harvest(open_connector(source_urls[kind]), events.extend)

    assert [check(event).warnings for event in events] == [()] * len(events)


def _settled(value: Any) -> Any:
    """Blank what differs from run to run and say producers and schemas shortly, so that a diff can be read."""
    if isinstance(value, dict):
        kept = {name: _settled(each) for name, each in value.items() if name not in ("_producer", "producer")}
        kept |= {name: name.upper() for name in _VOLATILE if name in kept}
        return {name: _short(each) if name == "_schemaURL" else each for name, each in kept.items()}
    return [_settled(each) for each in value] if isinstance(value, list) else value


def _short(url: str) -> str:
    return url.removeprefix("https://openlineage.io/spec/").partition("#")[0]
