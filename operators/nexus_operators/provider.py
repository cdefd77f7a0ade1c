"""What Airflow reads of us at start: connection type with its form, extra link, settings."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

_CONNECTION = {
    "connection-type": "lineage_nexus",
    "hook-name": "LineageNexus",
    "hook-class-name": "nexus_operators.hook.LineageNexusHook",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "login", "port", "extra"],
        "relabeling": {"host": "API URL", "password": "API token"},
        "placeholders": {"host": "http://nexus-api:8000", "password": "nexus token create airflow --authority …"},
    },
}


def _option(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "version_added": "0.1.0", "type": "string", "example": example, "default": None}


_SETTINGS = {
    "description": "LineageNexus: the web UI inside Airflow.",
    "options": {
        "public_url": _option(
            "URL of LineageNexus for the link “Open in LineageNexus”; unset: its page inside Airflow.",
            "https://nexus.example.com",
        ),
        "api_url": _option("URL of the LineageNexus API that the UI plugin forwards to.", "http://nexus-api:8000"),
        "instance": _option("Name of this Airflow in the assertions that the UI plugin signs.", "airflow-prod"),
        "key_path": _option("PEM file of the Ed25519 key that the UI plugin signs with.", "/etc/nexus/airflow.pem"),
    },
}


def _source_types() -> list[dict[str, Any]]:
    """Read the connection types of sources, which tools/connection_types.py writes."""
    text = files("nexus_operators").joinpath("connection_types.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


def provider_info() -> dict[str, Any]:
    """Describe the provider, in the form of Airflow's `provider_info.schema.json`."""
    return {
        "package-name": "lineage-nexus",
        "name": "LineageNexus",
        "description": "Column lineage, catalogue and data governance.",
        "connection-types": [_CONNECTION, *_source_types()],
        "extra-links": ["nexus_operators.link.LineageNexusLink"],
        "config": {"lineage_nexus": _SETTINGS},
    }
