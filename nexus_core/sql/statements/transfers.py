"""Rows from files to tables and back: COPY, LOAD, UNLOAD, EXPORT, PUT."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from nexus_core.sql.resolving.files import file_name, file_target, files_of, stage_name
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Ctes, Effect, Resolution
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.values import Output
from nexus_core.sql.statements.targets import inserted, numbered, target_of


def copy(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve COPY: into a table from files or a query over them, or of a table or query to files."""
    files = list(node.args.get("files") or ())
    if (file := file_target(node.this, resolution)) is not None and node.args.get("kind"):
        for source in files:
            _out(source, (file,), resolution, ctes, parent)
    elif node.args.get("kind"):
        _in(node.this, files, resolution, ctes, parent)
    else:
        target = next(files_of(files, resolution), None)
        _out(node.this, (target,) if target else (), resolution, ctes, parent)
    return Derived([])


def _in(into: exp.Expr, files: list[exp.Expr], resolution: Resolution, ctes: Ctes, parent: Scope | None) -> None:
    target = target_of(into, resolution)
    if target is None:
        resolution.problem("unsupported_target", f"{type(into).__name__} is no table")
        return
    queries = [file for file in files if isinstance(file, exp.Query)]
    resolution.reads.update(dict.fromkeys(files_of([file for file in files if file not in queries], resolution)))
    for query in queries:
        derived = resolution.query(query, ctes, parent)
        outputs, guessed = inserted(target, derived.outputs())
        resolution.effects.append(Effect(target.name, outputs, derived.indirect, guessed=guessed))
    if not queries:
        resolution.effects.append(Effect(target.name))


def _out(source: exp.Expr, target: tuple[str, ...], resolution: Resolution, ctes: Ctes, parent: Scope | None) -> None:
    """Record what goes to a file, or to the client (`()`)."""
    if isinstance(source, exp.Query):
        derived = resolution.query(source, ctes, parent)
        resolution.effects.append(Effect(target, numbered(derived.outputs()), derived.indirect))
        return
    files = list(files_of([source], resolution))
    table = None if files else target_of(source, resolution)
    resolution.reads.update(dict.fromkeys(files))
    if files:
        resolution.effects.append(Effect(target))
    elif table is not None:
        relation = resolution.table(table.name)
        listed = [Output(name, relation.value(name)) for name in table.listed]
        resolution.effects.append(Effect(target, tuple(listed or relation.outputs()), relation.indirect))


def load(node: exp.Expr, resolution: Resolution, _: Ctes, __: Scope | None) -> Derived:
    """Resolve LOAD DATA: rows of files come into a table."""
    target = target_of(node.this, resolution)
    if target is not None:
        path = node.args.get("inpath")
        files = [file_name(path.name)] if path is not None else list(uris(node.args.get("files"), "uris"))
        resolution.reads.update(dict.fromkeys(files))
        resolution.effects.append(Effect(target.name))
    return Derived([])


def export(node: exp.Expr, resolution: Resolution, ctes: Ctes, parent: Scope | None) -> Derived:
    """Resolve EXPORT DATA: a query's rows go to a file."""
    _out(node.this, tuple(uris(node.args.get("options"), "uri"))[:1], resolution, ctes, parent)
    return Derived([])


def put(node: exp.Expr, resolution: Resolution, _: Ctes, __: Scope | None) -> Derived:
    """Resolve PUT: a local file goes to a stage."""
    resolution.reads[file_name(node.this.name)] = None
    resolution.effects.append(Effect((stage_name(node.args["target"].name, resolution),)))
    return Derived([])


def uris(properties: exp.Expr | None, key: str) -> Iterator[str]:
    """Give the paths in an option of that name."""
    for each in properties.expressions if properties is not None else ():
        if isinstance(each, exp.Property) and each.name.lower() == key:
            value = each.args.get("value")
            literals = value.expressions if isinstance(value, exp.Array) else [value]
            yield from (file_name(literal.name) for literal in literals if isinstance(literal, exp.Literal))
