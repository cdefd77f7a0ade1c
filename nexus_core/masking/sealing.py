"""Seals the passwords of profiles under the key that the reconciler and the proxies share."""

from __future__ import annotations

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.seal import Seal, create_key, given_key
from nexus_core.references import read_reference
from nexus_core.settings import Settings

_FILE = "proxy-key"
_ADVICE = "Set NEXUS_PROXY__KEY to `env:NAME` or `file:PATH` of a key that `openssl rand -base64 32` makes"


def proxy_seal(settings: Settings) -> Seal:
    """Give the seal under the configured key, or embedded under one in the data folder, made when first asked for.

    Raises ConfigurationError if there is none, or if it is malformed.
    """
    if settings.proxy.key is not None:
        return given_key(
            read_reference(settings.proxy.key, "The key of the proxy", _ADVICE), "NEXUS_PROXY__KEY", _ADVICE
        )
    if settings.store.url is not None:
        raise ConfigurationError("No key is set for the passwords of profiles", _ADVICE)
    path = settings.data_dir.expanduser() / _FILE
    create_key(path)
    return given_key(path.read_text().strip(), str(path), _ADVICE)


def context_of(source: str, profile_id: str) -> str:
    """Give what a sealed password is bound to."""
    return f"profile {source} {profile_id}"
