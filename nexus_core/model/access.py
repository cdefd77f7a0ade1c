"""Who asks and what they may see: values that governance makes and the repositories apply.

A part of a scope that is unknown of a dataset hides it: everything here fails closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from nexus_core.model.names import DatasetName

ADMIN_ROLE = "admin"
CLASSES = ("Public", "Confidential", "PII")
"""The built-in classes, the lowest first."""


class Permission(StrEnum):
    """What a caller may do."""

    READ = "read"
    INGEST = "ingest"
    CURATE = "curate"
    HARVEST = "harvest"
    RAW_EVENTS = "events:raw"
    AUDIT = "audit"
    GOVERN = "govern"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a scope asks of a dataset beside its name: its domain and its highest class; None where it is unknown.

    `generation` is that of the classification which told the class.
    """

    domain: str | None = None
    class_name: str | None = None
    generation: int = 0


UNKNOWN = Attributes()
"""Of a dataset of which nobody told anything."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A part of what is visible: datasets that all of its limits let through. None limits nothing, () lets nothing by.

    `namespaces` are patterns (fnmatch) of namespaces, `datasets` of `NAMESPACE/NAME`, `domains` are names, `ceiling`
    is the highest class that is visible. What `also` holds must see a dataset too. `shown` are the classes up to the
    ceiling where one's own are known (`Scope.knowing`); where they are not, a ceiling hides them.
    """

    namespaces: tuple[str, ...] | None = None
    datasets: tuple[str, ...] | None = None
    domains: tuple[str, ...] | None = None
    ceiling: str | None = None
    also: tuple[Reach, ...] = ()
    shown: tuple[str, ...] | None = None

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes that are visible; None is all, known or not."""
        if self.ceiling is None:
            return None
        if self.shown is not None:
            return self.shown
        return CLASSES[: CLASSES.index(self.ceiling) + 1] if self.ceiling in CLASSES else ()

    @property
    def has_ceiling(self) -> bool:
        """Whether a class decides."""
        return self.ceiling is not None or any(other.has_ceiling for other in self.also)

    def knowing(self, ranks: Mapping[str, int]) -> Reach:
        """Give the same with the classes that are visible as they are defined now, by name and rank."""
        also = tuple(other.knowing(ranks) for other in self.also)
        if self.ceiling is None:
            return replace(self, also=also)
        highest = ranks.get(self.ceiling, -1)
        return replace(self, also=also, shown=tuple(sorted(name for name, rank in ranks.items() if rank <= highest)))

    @property
    def by_namespace(self) -> bool:
        """Whether the namespace alone decides."""
        own = _unlimited(self.datasets) and self.domains is None and self.ceiling is None
        return own and all(other.by_namespace for other in self.also)

    @property
    def needs_attributes(self) -> bool:
        """Whether a name alone never decides."""
        own = self.domains is not None or self.ceiling is not None
        return own or any(other.needs_attributes for other in self.also)

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden."""
        return self.by_namespace and _unlimited(self.namespaces) and all(other.everything for other in self.also)

    def has(self, namespace: str) -> bool:
        """Whether a namespace is within the patterns of namespaces."""
        own = self.namespaces is None or _any(namespace, self.namespaces)
        return own and all(other.has(namespace) for other in self.also)

    def sees_all_datasets(self, namespace: str) -> bool:
        """Whether every dataset that a namespace has, and could have, is visible, whatever else is known of it."""
        own = self.datasets is None or any(_ends_open(f"{namespace}/", pattern) for pattern in self.datasets)
        limited = self.domains is not None or self.ceiling is not None
        within = self.namespaces is None or _any(namespace, self.namespaces)
        return own and within and not limited and all(other.sees_all_datasets(namespace) for other in self.also)

    def names(self, name: DatasetName) -> bool:
        """Whether a dataset's name is within the patterns."""
        own = self.datasets is None or _any(f"{name.namespace}/{name.name}", self.datasets)
        return own and self.has(name.namespace) and all(other.names(name) for other in self.also)

    def sees(self, name: DatasetName, attributes: Attributes = UNKNOWN) -> bool:
        """Whether a dataset is visible."""
        return self.names(name) and self._lets(attributes)

    def _lets(self, attributes: Attributes) -> bool:
        classes = self.classes
        return (
            (self.domains is None or attributes.domain in self.domains)
            and (classes is None or attributes.class_name in classes)
            and all(other._lets(attributes) for other in self.also)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: what any of its reaches shows; none is nothing."""

    reaches: tuple[Reach, ...] = ()

    @classmethod
    def of(cls, *namespaces: str) -> Scope:
        """Give the scope of some patterns of namespaces."""
        return cls((Reach(namespaces=namespaces),)) if namespaces else cls()

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden, so that a query needs no filter."""
        return any(reach.everything for reach in self.reaches)

    @property
    def by_namespace(self) -> bool:
        """Whether a dataset's namespace always decides, be it so since everything is visible."""
        return self.everything or all(reach.by_namespace for reach in self.reaches)

    @property
    def needs_attributes(self) -> bool:
        """Whether the name of a dataset may not decide."""
        return not self.everything and any(reach.needs_attributes for reach in self.reaches)

    @property
    def has_ceiling(self) -> bool:
        """Whether a class may decide."""
        return any(reach.has_ceiling for reach in self.reaches)

    def knowing(self, ranks: Mapping[str, int]) -> Scope:
        """Give the same with the classes that its ceilings show, as they are defined now."""
        return Scope(tuple(reach.knowing(ranks) for reach in self.reaches)) if self.has_ceiling else self

    def sees(self, name: DatasetName, attributes: Attributes = UNKNOWN) -> bool:
        """Whether a dataset is visible."""
        return any(reach.sees(name, attributes) for reach in self.reaches)

    def may_see(self, name: DatasetName) -> bool:
        """Whether a dataset of this name is visible under some attributes."""
        return any(reach.names(name) for reach in self.reaches)

    def sees_whole(self, namespace: str) -> bool:
        """Whether all that a namespace has, and could have, is visible: what is told of all of it may be told."""
        return any(reach.by_namespace and reach.has(namespace) for reach in self.reaches)

    def sees_all_datasets(self, namespace: str) -> bool:
        """Whether all datasets that a namespace has, and could have, are visible by their names alone."""
        return any(reach.sees_all_datasets(namespace) for reach in self.reaches)

    def limited_to(self, outer: Scope) -> Scope:
        """Give what both scopes show."""
        return Scope(tuple(_both(own, other) for own in self.reaches for other in outer.reaches))


EVERYTHING = Scope((Reach(),))
NOTHING = Scope()


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions within a scope; `role` is the role that gives them, if one does, `origin` says why it does."""

    permissions: frozenset[Permission]
    scope: Scope
    role: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated account (its opaque id is the events' principal) and what it was granted."""

    account_id: str
    name: str
    grants: tuple[Grant, ...]

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that it may do, somewhere."""
        return frozenset().union(*(grant.permissions for grant in self.grants))

    @property
    def scope(self) -> Scope:
        """What it may read of."""
        return self.scope_of(Permission.READ)

    @property
    def roles(self) -> frozenset[str]:
        """Its active roles."""
        return frozenset(grant.role for grant in self.grants if grant.role)

    @property
    def clear_roles(self) -> frozenset[str]:
        """The roles that may let it see data in clear: who runs the platform has no right to that by doing so."""
        return self.roles - {ADMIN_ROLE}

    def may(self, permission: Permission) -> bool:
        """Whether the caller holds a permission; the admin's include all but raw events."""
        return any(permission in grant.permissions for grant in self.grants)

    def scope_of(self, permission: Permission) -> Scope:
        """Give where the caller holds a permission."""
        return union(grant.scope for grant in self.grants if permission in grant.permissions)


def union(scopes: Iterable[Scope]) -> Scope:
    """Give what any of some scopes shows."""
    found = Scope(tuple(dict.fromkeys(reach for scope in scopes for reach in scope.reaches)))
    return EVERYTHING if found.everything else found


def limited(grants: Iterable[Grant], to: Iterable[Grant]) -> tuple[Grant, ...]:
    """Give what grants allow of what others allow: those of a token, of what its account may do now."""
    outer = list(to)
    return tuple(
        Grant(shared, grant.scope.limited_to(other.scope), other.role, grant.origin or other.origin)
        for grant in grants
        for other in outer
        if (shared := grant.permissions & other.permissions)
    )


def _both(one: Reach, other: Reach) -> Reach:
    if one.everything or other.everything:
        return other if one.everything else one
    return replace(one, also=(*one.also, other))


def _unlimited(patterns: tuple[str, ...] | None) -> bool:
    return patterns is None or "*" in patterns


def _ends_open(beginning: str, pattern: str) -> bool:
    """Whether a pattern matches every text that begins so: no set holds its last sign, which takes all the rest."""
    return pattern.endswith("*") and fnmatchcase(beginning, pattern)


def _any(text: str, patterns: tuple[str, ...]) -> bool:
    return any(pattern == "*" or fnmatchcase(text, pattern) for pattern in patterns)
