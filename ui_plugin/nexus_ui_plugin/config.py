"""The plugin's settings: section `[lineage_nexus]` of Airflow's configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from airflow.configuration import conf

from nexus_core.errors import ConfigurationError

_SECTION = "lineage_nexus"
_INSTANCE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ADVICE = "docs/airflow.md, section “The UI inside Airflow”, shows all three settings"


@dataclass(frozen=True, slots=True)
class PluginConfig:
    """Where the API is, who we are to it, and the key that proves it; `base_netloc` is Airflow's own address."""

    api_url: str
    instance: str
    key_path: Path
    base_netloc: str


def read_config() -> PluginConfig:
    """Read the section. Raises ConfigurationError for what is missing or wrong."""
    instance = _required("instance")
    if not _INSTANCE.fullmatch(instance):
        raise ConfigurationError(f"[{_SECTION}] instance {instance!r} is no name", "Use letters, digits, _ . - (64)")
    api_url = _required("api_url").rstrip("/")
    if urlsplit(api_url).scheme not in ("http", "https") or not urlsplit(api_url).hostname:
        raise ConfigurationError(f"[{_SECTION}] api_url {api_url!r} is no URL", "Write it as http://HOST:PORT")
    return PluginConfig(
        api_url=api_url,
        instance=instance,
        key_path=Path(_required("key_path")),
        base_netloc=urlsplit(conf.get("api", "base_url", fallback="") or "").netloc,
    )


def read_job_namespace() -> str:
    """Give the namespace of the jobs that Airflow's OpenLineage provider tells of; its own default is `default`."""
    return conf.get("openlineage", "namespace", fallback="") or "default"


def _required(option: str) -> str:
    value: str | None = conf.get(_SECTION, option, fallback=None)
    if not value:
        raise ConfigurationError(f"[{_SECTION}] {option} is not set", _ADVICE)
    return value
