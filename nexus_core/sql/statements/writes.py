"""Statements that make tables or empty them: CREATE … AS, LIKE, CLONE, SELECT INTO, CACHE, ALTER VIEW, TRUNCATE."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from nexus_core.sql.resolving.ctes import with_queries
from nexus_core.sql.resolving.files import file_target, path_name
from nexus_core.sql.resolving.relations import BaseTable, Derived
from nexus_core.sql.resolving.resolution import Ctes, Effect, Makes, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import ANY_COLUMN, Output
from nexus_core.sql.statements.targets import Target, created, numbered, target_of
from nexus_core.sql.statements.transfers import uris

_TEMPORARY = (exp.TemporaryProperty, exp.VolatileProperty)
_MADE_OF = (exp.LikeProperty, exp.PartitionedOfProperty)
_KINDS = ("TABLE", "VIEW", "MODEL")


def create(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve CREATE TABLE and VIEW: from a query, a copy of a table, files, or with columns alone."""
    target = target_of(node.this, resolution)
    if target is None or str(node.args.get("kind")).upper() not in _KINDS:
        return Derived([])
    ctes = with_queries(node, resolution, ctes, parent)
    name, makes = _made(node, target)
    derived = _rows(node, resolution, ctes, parent)
    if derived is not None:
        into = _filled_instead(node, resolution)
        outputs = numbered(derived.outputs()) if into else _columns(node, target, derived, resolution)
        resolution.effects.append(Effect(into or name, outputs, derived.indirect, Makes.NOTHING if into else makes))
    else:
        columns = [Output(each, {}) for each in target.listed]
        columns += [output for table in _models(node) for output in _alike(table, makes, resolution)]
        files = [BaseTable(file, None) for file in _locations(node, resolution)]
        resolution.reads.update(dict.fromkeys(file.name for file in files))
        found = columns or [output for file in files for output in file.outputs()]
        resolution.effects.append(Effect(name, tuple(found), {}, makes))
    return Derived([])


def _rows(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived | None:
    """Give the rows with which a table comes into being, None if it is empty at first."""
    source = node.args.get("expression")
    if isinstance(source, (exp.Query, exp.Values)):
        return resolution.query(source, ctes, parent)
    clone = node.args.get("clone")
    copied = clone.this if clone is not None else source if _with_data(node, resolution) else None
    return resolution.query(copied, ctes, parent) if isinstance(copied, exp.Table) else None


def _with_data(node: exp.Expr, resolution: Resolution) -> bool:
    """Whether `CREATE TABLE a AS b` copies rows: in ClickHouse it copies columns alone."""
    return resolution.traits.name != "clickhouse" and not any(
        each.args.get("no") for each in _properties(node, exp.WithDataProperty)
    )


def _properties(node: exp.Expr, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
    properties = node.args.get("properties")
    for each in properties.expressions if properties is not None else ():
        if isinstance(each, kinds):
            yield each


def _columns(node: exp.Expr, target: Target, derived: Derived, resolution: Resolution) -> tuple[Output, ...]:
    """Give a new table's columns; MySQL matches those that are defined by name, all others by position."""
    schema = node.this
    defines = isinstance(schema, exp.Schema) and any(isinstance(each, exp.ColumnDef) for each in schema.expressions)
    if defines and resolution.traits.name in ("mysql", "singlestore"):
        return numbered(derived.outputs())
    return created(target, derived.outputs())


def _filled_instead(node: exp.Expr, resolution: Resolution) -> tuple[str, ...]:
    """Give the table that ClickHouse's MATERIALIZED VIEW … TO fills, `()` without one."""
    for each in _properties(node, exp.ToTableProperty):
        target = target_of(each.this, resolution)
        return target.name if target is not None else ()
    return ()


def _made(node: exp.Expr, target: Target) -> tuple[tuple[str, ...], Makes]:
    """Give the name of what is made, and for how long it is; Spark's global views lie in a schema of their own."""
    volatile = any(each.name.upper() == "VOLATILE" for each in _properties(node, exp.StabilityProperty))
    table = target.table
    temporary = volatile or target.temporary or table.db.upper() == "_SESSION" or any(_properties(node, *_TEMPORARY))
    if temporary and any(_properties(node, exp.GlobalProperty)):
        return ("global_temp", target.name[-1]), Makes.TEMPORARY
    return target.name, Makes.TEMPORARY if temporary else Makes.TABLE


def _models(node: exp.Expr) -> Iterator[exp.Table]:
    """Give the tables whose columns `LIKE other`, `PARTITION OF other` and `AS other` copy."""
    for table in (*(like.this for like in node.find_all(*_MADE_OF)), node.args.get("expression")):
        if isinstance(table, exp.Table):
            yield table


def _alike(model: exp.Table, makes: Makes, resolution: Resolution) -> list[Output]:
    """Give the columns that a table is made with; a temporary one, which stands for its rows, may have any."""
    known = resolution.session.columns(resolution.session.name(model))
    if known is None and makes is Makes.TEMPORARY:
        return [ANY_COLUMN]
    return [Output(each, {}) for each in known or ()]


def _locations(node: exp.Expr, resolution: Resolution) -> Iterator[str]:
    """Give the files that an external table or a view over a path reads."""
    properties = node.args.get("properties")
    yield from uris(properties, "uris")
    for options in _properties(node, exp.OptionsProperty):
        yield from uris(options, "path")
    if any(_properties(node, exp.ExternalProperty)):
        for location in _properties(node, exp.LocationProperty):
            yield path_name(location.this.name if isinstance(location.this, exp.Expr) else location.this, resolution)


def cache(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve Spark's CACHE TABLE … AS: it makes a temporary view."""
    return _defined(node.this, node.args.get("expression"), Makes.TEMPORARY, resolution, ctes, parent)


def alter(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve what ALTER does to rows: ALTER VIEW … AS, and ClickHouse's mutations and partitions."""
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.Query):
            _defined(node.this, action, Makes.TABLE, resolution, ctes, parent)
        elif isinstance(action, exp.Delete):
            _deleted(node.this, action, resolution, ctes, parent)
        elif isinstance(action, exp.ReplacePartition) and isinstance(action.args.get("source"), exp.Table):
            resolution.query(
                exp.Insert(this=node.this, expression=exp.select("*").from_(action.args["source"])), ctes, parent
            )
    return Derived([])


def _defined(
    table: exp.Expr, query: object, makes: Makes, resolution: Resolution, ctes: Ctes, parent: Scope | None
) -> Derived:
    target = target_of(table, resolution)
    if target is not None and isinstance(query, exp.Query):
        derived = resolution.query(query, ctes, parent)
        resolution.effects.append(Effect(target.name, created(target, derived.outputs()), derived.indirect, makes))
    return Derived([])


def _deleted(table: exp.Expr, action: exp.Delete, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> None:
    delete = action.copy()
    delete.set("this", table.copy())
    resolution.query(delete, ctes, parent)


def into_of(query: exp.Expr) -> exp.Expr | None:
    """Give the INTO of a query; of a set operation that of its first branch, which is all of it."""
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    return query.args.get("into")


def select_into(into: exp.Expr, resolution: Resolution, derived: Derived) -> None:
    """Record the table that SELECT … INTO makes, or the file that it writes; INTO a variable makes none."""
    file = file_target(into.this, resolution)
    target = target_of(into.this, resolution)
    if file is not None or target is None:
        resolution.effects.append(Effect((file,) if file else (), numbered(derived.outputs()), derived.indirect))
        return
    temporary = into.args.get("temporary") or target.temporary
    makes = Makes.TEMPORARY if temporary else Makes.TABLE
    resolution.effects.append(Effect(target.name, created(target, derived.outputs()), derived.indirect, makes))


def truncate(node: exp.Expr, resolution: Resolution, _: Ctes, __: Scope | None) -> Derived:
    """Record the tables that TRUNCATE empties."""
    for each in node.expressions:
        if (target := target_of(each, resolution)) is not None:
            resolution.effects.append(Effect(target.name))
    return Derived([])
