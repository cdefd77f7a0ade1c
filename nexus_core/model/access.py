"""Who asks and what they may see: values that governance makes and the repositories apply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Permission(StrEnum):
    """What a caller may do."""

    READ = "read"
    INGEST = "ingest"
    CURATE = "curate"
    HARVEST = "harvest"
    RAW_EVENTS = "events:raw"
    AUDIT = "audit"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: dataset namespaces as patterns (fnmatch); `*` is everything, none is nothing."""

    namespaces: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden, so that a query needs no filter."""
        return "*" in self.namespaces

    def sees(self, namespace: str) -> bool:
        """Whether datasets of a namespace are visible."""
        return self.everything or any(fnmatchcase(namespace, pattern) for pattern in self.namespaces)


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated account (its opaque id is the events' principal) with permissions and scope."""

    account_id: str
    name: str
    permissions: frozenset[Permission]
    scope: Scope

    def may(self, permission: Permission) -> bool:
        """Whether the caller holds a permission; the admin's includes all but raw events."""
        return permission in self.permissions
