"""The API token as a reference, read when it is needed so that a rotated one is taken up."""

from __future__ import annotations

from nexus_core.references import read_reference

_ADVICE = "Give `env:NAME` or `file:PATH`; make a token with `nexus token create`"


def read_token(reference: str | None) -> str | None:
    """Give the token that `env:NAME` or `file:PATH` names, None for no reference. Raises ConfigurationError."""
    return None if reference is None else read_reference(reference, "The API token", _ADVICE)
