"""Secrets as references, read when they are needed so that a rotated one is taken up."""

from __future__ import annotations

import os
from pathlib import Path

from nexus_core.errors import ConfigurationError

SCHEMES = ("env:", "file:")


def read_reference(reference: str, thing: str, advice: str) -> str:
    """Give what `env:NAME` or `file:PATH` names, without white space around it.

    Raises ConfigurationError, which calls it `thing` and says what to do by `advice`; a reference that has no known
    scheme may be a secret itself and is not repeated.
    """
    scheme, _, place = reference.partition(":")
    if scheme == "env" and place in os.environ:
        return os.environ[place].strip()
    if scheme == "file":
        return _read_file(Path(place), thing, advice)
    if scheme == "env":
        raise ConfigurationError(f"{thing} is not found: the variable {place} is not set", advice)
    raise ConfigurationError(f"{thing} is no reference", advice)


def _read_file(path: Path, thing: str, advice: str) -> str:
    try:
        return path.expanduser().read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"{thing}: the file {path} cannot be read: {error.strerror}", advice) from error
