"""Names of what we make in a source: all begin with `ln_`."""

from __future__ import annotations

from hashlib import sha256

from nexus_core.masking.quoting import short
from nexus_core.model.masked import LOGIN_PREFIX

PREFIX = "ln_"
FUNCTIONS = "ln_fn"
"""The schema of functions that make tokens, and of their keys."""


def owner_role(source: str) -> str:
    """Give the role that owns what we make in a source; nobody logs in by it."""
    return short(f"ln_owner_{source}")


def login_role(profile_id: str) -> str:
    """Give the role that a profile's sessions log in by."""
    return f"{LOGIN_PREFIX}{profile_id}"


def shadow_schema(profile_id: str, schema: str) -> str:
    """Give the schema that stands for one of the source's."""
    return short(f"{PREFIX}{profile_id}__{schema}")


def token_function(reference: str) -> str:
    """Give the function that makes tokens under the key that a reference names."""
    return f"token_{sha256(reference.encode()).hexdigest()[:10]}"
