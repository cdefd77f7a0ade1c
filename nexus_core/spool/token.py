"""The API token as a reference, read when it is needed so that a rotated one is taken up."""

from __future__ import annotations

import os
from pathlib import Path

from nexus_core.errors import ConfigurationError

_ADVICE = "Give `env:NAME` or `file:PATH`; make a token with `nexus token create`"


def read_token(reference: str | None) -> str | None:
    """Give the token that `env:NAME` or `file:PATH` names, None for no reference. Raises ConfigurationError."""
    if reference is None:
        return None
    scheme, _, place = reference.partition(":")
    if scheme == "env" and place in os.environ:
        return os.environ[place].strip()
    if scheme == "file":
        return _read_file(Path(place))
    raise ConfigurationError(f"No token is found by the reference of scheme {scheme[:8]!r}", _ADVICE)


def _read_file(path: Path) -> str:
    try:
        return path.expanduser().read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"The token file {path} cannot be read: {error.strerror}", _ADVICE) from error
