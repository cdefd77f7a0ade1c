"""From a plan to the profile that is kept, and its form as JSON."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import orjson

from nexus_core.masking.naming import login_role, shadow_schema
from nexus_core.masking.planning import Planned, PlannedColumn, PlannedRelation
from nexus_core.model.masked import Profile, SeenColumn, SeenRelation
from nexus_core.model.policy import CLEAR, Mask, MaskKind

CATALOGUES = ("pg_catalog", "information_schema")
"""Schemas of the server's own that have a filtered twin in each profile."""


def profile_of(planned: Planned, generation: int, left_out: Collection[int]) -> Profile:
    """Give the profile of a plan, without relations (oids) that could not be made."""
    relations = tuple(
        seen_relation(planned.id, each) for each in planned.relations if each.relation.oid not in left_out
    )
    path = search_path(planned, relations)
    return Profile(planned.id, planned.source, generation, login_role(planned.id), path, relations)


def search_path(planned: Planned, relations: tuple[SeenRelation, ...]) -> tuple[str, ...]:
    """Give where unqualified names are looked up: in what stands for the schemas that the source has them looked up in.

    A schema of the source itself is in it only where something is read from it by grants. The statement wall writes
    names of the catalogue in full.
    """
    based = {each.schema for each in relations if each.is_base}
    paths = ((shadow_schema(planned.id, each), *((each,) if each in based else ())) for each in planned.search_path)
    found = tuple(schema for path in paths for schema in path)
    return found or (shadow_schema(planned.id, CATALOGUES[0]),)


def seen_relation(profile_id: str, planned: PlannedRelation) -> SeenRelation:
    """Give what is told of a relation."""
    relation = planned.relation
    shadow = relation.schema if planned.is_base else shadow_schema(profile_id, relation.schema)
    columns = tuple(_column(each) for each in planned.columns)
    return SeenRelation(relation.schema, relation.name, shadow, columns, bool(planned.condition))


def without(profile: Profile, gone: Collection[SeenRelation]) -> Profile:
    """Give a profile without some relations."""
    return replace(profile, relations=tuple(each for each in profile.relations if each not in gone))


def written(profile: Profile) -> str:
    """Write a profile as JSON."""
    return orjson.dumps(profile).decode()


def read(body: str, generation: int) -> Profile:
    """Read what `written` wrote, as of a generation."""
    told: dict[str, Any] = orjson.loads(body)
    relations = tuple(
        SeenRelation(**{**each, "columns": tuple(_read_column(column) for column in each["columns"])})
        for each in told["relations"]
    )
    path = tuple(told["search_path"])
    return Profile(told["id"], told["source"], generation, told["login_role"], path, relations)


def _column(planned: PlannedColumn) -> SeenColumn:
    column = planned.column
    type_ = column.written_type if planned.mask == CLEAR else column.type.written
    return SeenColumn(column.name, type_, planned.mask, planned.refuses_inference)


def _read_column(told: dict[str, Any]) -> SeenColumn:
    mask = Mask(MaskKind(told["mask"]["kind"]), tuple((name, value) for name, value in told["mask"]["parameters"]))
    return SeenColumn(told["name"], told["type"], mask, told["refuses_inference"])
