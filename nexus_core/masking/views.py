"""The SQL of a profile's schemas and views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nexus_core.masking.expressions import expression
from nexus_core.masking.naming import FUNCTIONS, shadow_schema, token_function
from nexus_core.masking.planning import Planned, PlannedColumn, PlannedRelation
from nexus_core.masking.quoting import name, qualified, renamed
from nexus_core.masking.source_objects import RelationKind
from nexus_core.model.policy import CLEAR, MaskKind

_ROW = "ln_row"


def schemas_of(planned: Planned) -> list[str]:
    """Give the schemas that stand for those of the source."""
    found = {each.relation.schema for each in planned.relations} | set(planned.search_path)
    return sorted(shadow_schema(planned.id, each) for each in found)


def made(planned: Planned) -> list[PlannedRelation]:
    """Give the relations that have a view of ours, views after what they read."""
    ours = [each for each in planned.relations if not each.is_base]
    tables = [each for each in ours if each.relation.kind is not RelationKind.VIEW]
    views = {each.relation.oid: each for each in ours if each.relation.kind is RelationKind.VIEW}
    return [*tables, *_in_order(views)]


def view_statement(planned: Planned, of: PlannedRelation) -> str:
    """Give the statement that makes the view which stands for a relation; its search_path has to be pg_catalog."""
    relation = of.relation
    view = qualified(shadow_schema(planned.id, relation.schema), relation.name)
    columns = ", ".join(f"{_shown(each)} AS {name(each.column.name)}" for each in of.columns)
    barrier = " WITH (security_barrier)" if of.condition else ""
    where = f" WHERE {of.condition}" if of.condition else ""
    return f"CREATE VIEW {view}{barrier} AS SELECT {columns} FROM {_read(planned, of)} AS {_ROW}{where}"


def grants(of: PlannedRelation, login: str) -> Iterator[str]:
    """Give the statements that let a profile read the columns of a relation of the source."""
    relation = of.relation
    columns = ", ".join(name(each.column.name) for each in of.columns)
    yield f"GRANT USAGE ON SCHEMA {name(relation.schema)} TO {name(login)}"
    yield f"GRANT SELECT ({columns}) ON {qualified(relation.schema, relation.name)} TO {name(login)}"


def token_references(planned: Planned) -> set[str]:
    """Give the references of the keys that tokens of a profile are made with."""
    masks = (each.mask for relation in planned.relations for each in relation.columns)
    return {dict(mask.parameters)["key"] for mask in masks if mask.kind is MaskKind.TOKEN}


def _shown(column: PlannedColumn) -> str:
    source = f"{_ROW}.{name(column.column.name)}"
    if column.mask == CLEAR:
        return source
    reference = dict(column.mask.parameters).get("key")
    function = qualified(FUNCTIONS, token_function(reference)) if reference else None
    return expression(column.mask, source, column.column.type, function)


def _read(planned: Planned, of: PlannedRelation) -> str:
    relation = of.relation
    if relation.kind is not RelationKind.VIEW:
        return qualified(relation.schema, relation.name)
    return f"({renamed(relation.definition, _standing(planned))})"


def _standing(planned: Planned) -> _Standing:
    return _Standing(
        {
            (each.relation.schema, each.relation.name): shadow_schema(planned.id, each.relation.schema)
            for each in planned.relations
            if not each.is_base
        }
    )


class _Standing:
    """Gives what stands for a relation."""

    def __init__(self, shadows: Mapping[tuple[str, str], str]) -> None:
        self._shadows = shadows

    def __call__(self, schema: str, relation: str) -> tuple[str, str] | None:
        found = self._shadows.get((schema, relation))
        return (found, relation) if found else None


def _in_order(views: dict[int, PlannedRelation]) -> Iterable[PlannedRelation]:
    waiting, done = dict(views), list[PlannedRelation]()
    while waiting:
        ready = [each for each in waiting.values() if not any(read in waiting for read in each.relation.reads)]
        done.extend(ready)
        for each in ready:
            del waiting[each.relation.oid]
    return done
