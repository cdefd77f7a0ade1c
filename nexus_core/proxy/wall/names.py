"""What names mean to the holders of a profile: its relations, the filtered catalogue, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nexus_core.masking.catalogue_views import CATALOGUE, INFORMATION, catalogue_schema, information_schema
from nexus_core.model.masked import Profile, SeenColumn, SeenRelation
from nexus_core.proxy.wall.verdict import ReadColumn

PG_CATALOG, INFORMATION_SCHEMA = "pg_catalog", "information_schema"


@dataclass(frozen=True, slots=True, eq=False)  # each is one object; hashing its parts would cost half a judgement
class Column:
    """A column of a relation, by which reads and inference are told."""

    read: ReadColumn
    refuses_inference: bool
    is_masked: bool

    @property
    def name(self) -> str:
        """Its full name."""
        return f"{self.read.schema}.{self.read.relation}.{self.read.column}"


Origins = frozenset[Column]
"""The columns that a value comes from."""

NOTHING: Origins = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that may be read: where it is read, and its columns by name.

    One `of_catalogue` has no columns here: its values are nobody's data.
    """

    schema: str
    name: str
    shadow_schema: str
    columns: Mapping[str, Origins]
    row_filtered: bool = False
    of_catalogue: bool = False

    @property
    def is_base(self) -> bool:
        """Whether it is the source's own relation, not one that stands for it."""
        return self.schema == self.shadow_schema


@dataclass(frozen=True, slots=True)
class Names:
    """The relations of a profile, by schema and name, and the types of its columns.

    `schemas` are the source's, with those that stand for them in a search path. Where some are the source's own, the
    names of functions may mean others than PostgreSQL's there (`may_find_others`), and are written in full.
    """

    profile: Profile
    by_name: Mapping[str, tuple[Relation, ...]]
    schemas: Mapping[str, tuple[str, ...]]
    types: frozenset[str]
    columns: frozenset[str]
    may_find_others: bool

    def find(self, schema: str, name: str) -> Relation | None:
        """Give a relation by its schema, or by the search path where that is empty."""
        if schema in {PG_CATALOG, INFORMATION_SCHEMA}:
            return self._of_catalogue(schema, name)
        if not schema and name in CATALOGUE:  # PostgreSQL looks there first, whatever the search path says
            return self._of_catalogue(PG_CATALOG, name)
        found = self.by_name.get(name, ())
        if schema:
            return next((each for each in found if each.schema == schema), None)
        return min(found, key=self._rank, default=None)

    def choices(self, name: str) -> tuple[Relation, ...]:
        """Give the relations that the search path, which a session may change, chooses from; none where it does not."""
        found = self.by_name.get(name, ())
        return found if len(found) > 1 and name not in CATALOGUE else ()

    def _rank(self, relation: Relation) -> int:
        path = self.profile.search_path
        return path.index(relation.shadow_schema) if relation.shadow_schema in path else len(path)

    def _of_catalogue(self, schema: str, name: str) -> Relation | None:
        if name not in (CATALOGUE if schema == PG_CATALOG else INFORMATION):
            return None
        shadow = catalogue_schema(self.profile) if schema == PG_CATALOG else information_schema(self.profile)
        return Relation(schema, name, shadow, {}, of_catalogue=True)


def names_of(profile: Profile) -> Names:
    """Give the names of a profile; those of the last few profiles are kept, by identity."""
    return _names(_ById(profile))


class _ById:
    """A profile, compared as the object that it is: comparing a thousand relations would cost more than a judgement."""

    __slots__ = ("profile",)

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def __hash__(self) -> int:
        return id(self.profile)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.profile is self.profile


@lru_cache(maxsize=256)
def _names(key: _ById) -> Names:
    profile = key.profile
    by_name: dict[str, list[Relation]] = defaultdict(list)
    for seen in profile.relations:
        by_name[seen.name].append(_relation(seen))
    return Names(
        profile,
        {name: tuple(found) for name, found in by_name.items()},
        schemas_of(profile),
        frozenset(_types(profile.relations)),
        frozenset(column.name for seen in profile.relations for column in seen.columns),
        any(seen.is_base for seen in profile.relations),
    )


def schemas_of(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Give the schemas that stand for each of the source's, its own the last."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for seen in sorted(profile.relations, key=lambda each: each.is_base):
        found[seen.schema][seen.shadow_schema] = None
    return {schema: tuple(standing) for schema, standing in found.items()}


def _relation(seen: SeenRelation) -> Relation:
    columns = {each.name: frozenset({_column(seen, each)}) for each in seen.columns}
    return Relation(seen.schema, seen.name, seen.shadow_schema, columns, seen.row_filtered)


def _column(seen: SeenRelation, column: SeenColumn) -> Column:
    read = ReadColumn(seen.schema, seen.name, column.name, str(column.mask.kind))
    return Column(read, column.refuses_inference, read.is_masked)


def _types(relations: Iterable[SeenRelation]) -> Iterable[str]:
    """Give the types of columns without brackets and sizes."""
    for seen in relations:
        for column in seen.columns:
            yield column.type.split("(")[0].removesuffix("[]").strip()
