"""Field lineage of MongoDB aggregation pipelines: each stage makes a new document of the one before it.

Follows the manual's "Aggregation Stages" (MongoDB 8). A stage that is not known here makes the result opaque: its
collections are still known, its fields' sources no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nexus_core.connectors._mongodb_expressions import Scope, accumulated, queried, refs_at, split, value
from nexus_core.connectors._mongodb_node import GONE, Node, Path, Ref, document, union
from nexus_core.connectors.objects import FieldLink
from nexus_core.model.names import DatasetName

Stages = Sequence[Any]
DIAGNOSTIC = frozenset(
    {"$changeStream", "$collStats", "$currentOp", "$indexStats", "$listLocalSessions", "$listSampledQueries"}
    | {"$listSearchIndexes", "$listSessions", "$planCacheStats", "$queryStats", "$shardedDataDistribution"}
)
"""Stages that read the server's state and no documents."""


@dataclass(frozen=True, slots=True)
class Target:
    """A collection that a pipeline writes, and whether it is emptied before."""

    dataset: DatasetName
    replaces: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """The documents after some stages: `rows` affect which there are; `opaque` names a stage that was not understood.

    `database` is that of unqualified collections; `variables` are what an outer pipeline lets the inner one name.
    """

    database: DatasetName
    document: Node
    reads: tuple[DatasetName, ...] = ()
    rows: frozenset[Ref] = frozenset()
    target: Target | None = None
    opaque: str | None = None
    variables: Mapping[str, Node] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """What expressions of the next stage see."""
        return Scope(self.document, self.variables)

    def having(self, path: str, node: Node) -> Flow:
        """Give the flow with a field set or removed."""
        return replace(self, document=self.document.having(split(path), node))

    def with_rows(self, refs: Iterable[Ref], subtype: str) -> Flow:
        """Give the flow with fields that decide which rows there are."""
        return replace(self, rows=self.rows | {ref.indirectly(subtype) for ref in refs})

    def collection(self, given: Any) -> DatasetName | None:
        """Name the collection that a stage gives as `COLLECTION` or `{db, coll}`."""
        if isinstance(given, str):
            return replace(self.database, name=f"{self.database.name}.{given}")
        if isinstance(given, Mapping) and isinstance(given.get("coll"), str):
            return replace(self.database, name=f"{given.get('db', self.database.name)}.{given['coll']}")
        return None

    def links(self, known: Iterable[Path] = ()) -> tuple[FieldLink, ...]:
        """Give the sources of the listed fields, and of those that the documents are known to have."""
        if self.opaque:
            return ()
        paths = sorted({*self.document.names(), *known})
        found = [ref.link(".".join(path)) for path in paths for ref in _ordered(self.document.at(path).refs)]
        rows = [ref.link(None) for ref in _ordered(self.rows)]
        return tuple(link for link in (*found, *rows) if link)


def resolve(database: DatasetName, collection: str | None, stages: Stages) -> Flow:
    """Follow a pipeline over a collection; None is a pipeline that begins with no collection."""
    flow = Flow(database, Node())
    if collection is not None:
        source = replace(database, name=f"{database.name}.{collection}")
        flow = Flow(database, document(source), (source,))
    return follow(flow, stages)


def follow(flow: Flow, stages: Stages) -> Flow:
    """Apply stages one after the other."""
    for stage in stages:
        name, argument = next(iter(stage.items())) if isinstance(stage, Mapping) and stage else ("?", None)
        known = _STAGES.get(name)
        try:
            flow = known(flow, argument) if known else replace(flow, opaque=flow.opaque or name)
        except (AttributeError, TypeError, KeyError, ValueError):  # a shape that no version's manual has
            flow = replace(flow, opaque=flow.opaque or name)
    return flow


def _ordered(refs: Iterable[Ref]) -> list[Ref]:
    return sorted(refs, key=lambda ref: (ref.type, ref.dataset.name, ref.path, ref.subtype))


def _inner(flow: Flow, source: DatasetName | None, stages: Stages, variables: Mapping[str, Node]) -> Flow:
    start = Flow(flow.database, document(source) if source else Node(), (source,) if source else ())
    return follow(replace(start, variables={**flow.variables, **variables}), stages)


def _reading(flow: Flow, other: Flow) -> Flow:
    """Take over what another pipeline reads."""
    reads = dict.fromkeys((*flow.reads, *other.reads))
    return replace(flow, reads=tuple(reads), rows=flow.rows | other.rows, opaque=flow.opaque or other.opaque)


def _same(flow: Flow, _: Any) -> Flow:
    return flow


def _match(flow: Flow, query: Any) -> Flow:
    return flow.with_rows(queried(query, flow.scope), "FILTER")


def _sort(flow: Flow, keys: Any) -> Flow:
    return flow.with_rows((ref for key in keys for ref in refs_at(key, flow.scope)), "SORT")


def _set(flow: Flow, fields: Any) -> Flow:
    changed = flow
    for path, expression in fields.items():
        for inner, each in _leaves(path, expression):
            changed = changed.having(inner, value(each, flow.scope))
    return changed


def _leaves(path: str, expression: Any) -> Iterable[tuple[str, Any]]:
    """Split a nested object into what it sets, since it leaves the fields beside those alone."""
    if isinstance(expression, Mapping) and expression and not next(iter(expression)).startswith("$"):
        for name, each in expression.items():
            yield from _leaves(f"{path}.{name}", each)
    else:
        yield path, expression


def _unset(flow: Flow, paths: Any) -> Flow:
    for path in [paths] if isinstance(paths, str) else paths:
        flow = flow.having(path, GONE)
    return flow


def _project(flow: Flow, fields: Any) -> Flow:
    leaves = [leaf for path, each in fields.items() for leaf in _leaves(path, each)]
    if all(_excludes(each) for path, each in leaves if path != "_id" or len(leaves) == 1):
        return _unset(flow, [path for path, each in leaves if _excludes(each)])
    shown = replace(flow, document=Node())
    if not any(path == "_id" for path, _ in leaves):
        shown = shown.having("_id", flow.document.at(("_id",)))
    for path, each in leaves:
        if not _excludes(each):
            kept = flow.document.at(split(path)) if _includes(each) else value(each, flow.scope)
            shown = shown.having(path, kept)
    return shown


def _excludes(each: Any) -> bool:
    return each is False or (isinstance(each, (int, float)) and not isinstance(each, bool) and each == 0)


def _includes(each: Any) -> bool:
    return each is True or (isinstance(each, (int, float)) and bool(each))


def _group(flow: Flow, fields: Any) -> Flow:
    key = value(fields.get("_id"), flow.scope)
    grouped = Node().having(("_id",), key)
    for name, accumulator in fields.items():
        if name != "_id":
            grouped = grouped.having((name,), accumulated(accumulator, flow.scope))
    return replace(flow.with_rows(key.all_refs(), "GROUP_BY"), document=grouped)


def _bucket(flow: Flow, given: Any) -> Flow:
    output = given.get("output") or {"count": {"$sum": 1}}
    key = value(given.get("groupBy"), flow.scope)
    grouped = _group(flow, {"_id": None, **output}).having("_id", key.solid("TRANSFORMATION"))
    return grouped.with_rows(key.all_refs(), "GROUP_BY")


def _sort_by_count(flow: Flow, expression: Any) -> Flow:
    return _group(flow, {"_id": expression, "count": {"$sum": 1}})


def _count(flow: Flow, name: Any) -> Flow:
    return replace(flow, document=Node().having((str(name),), Node()))


def _unwind(flow: Flow, given: Any) -> Flow:
    index = given.get("includeArrayIndex") if isinstance(given, Mapping) else None
    return flow.having(index, Node()) if index else flow


def _lookup(flow: Flow, given: Any) -> Flow:
    source = flow.collection(given["from"]) if "from" in given else None
    local = refs_at(given.get("localField", ""), flow.scope) if "localField" in given else frozenset()
    foreign = refs_at(given["foreignField"], Scope(document(source), {})) if source and local else frozenset()
    named = {name: value(each, flow.scope) for name, each in (given.get("let") or {}).items()}
    inner = _inner(flow, source, given.get("pipeline") or (), named)
    joined = _reading(flow, inner).with_rows(local | foreign, "JOIN")
    return joined.having(given["as"], inner.document)


def _graph_lookup(flow: Flow, given: Any) -> Flow:
    source = flow.collection(given["from"])
    inner = _inner(flow, source, [{"$match": given.get("restrictSearchWithMatch") or {}}], {})
    keys = {ref for name in ("connectFromField", "connectToField") for ref in refs_at(given[name], inner.scope)}
    joined = _reading(flow, inner).with_rows(keys | value(given["startWith"], flow.scope).all_refs(), "JOIN")
    found = inner.document.having(split(given["depthField"]), Node()) if given.get("depthField") else inner.document
    return joined.having(given["as"], found)


def _union_with(flow: Flow, given: Any) -> Flow:
    named = given if isinstance(given, str) else given.get("coll")
    stages = () if isinstance(given, str) else given.get("pipeline") or ()
    inner = _inner(flow, flow.collection(named), stages, {})
    return replace(_reading(flow, inner), document=union(flow.document, inner.document))


def _replace_root(flow: Flow, given: Any) -> Flow:
    return _replace_with(flow, given["newRoot"])


def _replace_with(flow: Flow, expression: Any) -> Flow:
    return replace(flow, document=value(expression, flow.scope))


def _facet(flow: Flow, pipelines: Any) -> Flow:
    shown = replace(flow, document=Node())
    for name, stages in pipelines.items():
        inner = follow(flow, stages)
        shown = _reading(shown, inner).having(name, inner.document)
    return shown


def _redact(flow: Flow, expression: Any) -> Flow:
    return flow.with_rows(value(expression, flow.scope).all_refs(), "FILTER")


def _windows(flow: Flow, given: Any) -> Flow:
    deciding = set(value(given.get("partitionBy"), flow.scope).all_refs())
    deciding |= {ref for key in given.get("sortBy") or {} for ref in refs_at(key, flow.scope)}
    changed = flow
    for path, output in given["output"].items():
        function = {name: each for name, each in output.items() if name != "window"}
        computed = accumulated(function, flow.scope).affected(ref.indirectly("WINDOW") for ref in deciding)
        changed = changed.having(path, computed)
    return changed


def _fill(flow: Flow, given: Any) -> Flow:
    for path, output in given["output"].items():
        filled = value(output.get("value"), flow.scope) if "value" in output else Node()
        flow = flow.having(path, union(flow.document.at(split(path)), filled).used("TRANSFORMATION"))
    return flow


def _densify(flow: Flow, given: Any) -> Flow:
    return flow.having(given["field"], flow.document.at(split(given["field"])).used("TRANSFORMATION"))


def _geo_near(flow: Flow, given: Any) -> Flow:
    filtered = _match(flow, given.get("query") or {})
    if "key" not in given:
        return filtered.having(given["distanceField"], Node()) if "distanceField" in given else filtered
    near = flow.document.at(split(given["key"]))
    filtered = filtered.with_rows(near.all_refs(), "FILTER")
    return (
        filtered.having(given["distanceField"], near.solid("TRANSFORMATION")) if "distanceField" in given else filtered
    )


def _documents(flow: Flow, given: Any) -> Flow:
    every = given if isinstance(given, list) else ()
    made = Node()
    for each in every:
        made = union(made, value(each, flow.scope))
    return replace(flow, document=made)


def _out(flow: Flow, given: Any) -> Flow:
    target = flow.collection(given)
    return replace(flow, target=Target(target, replaces=True)) if target else replace(flow, opaque="$out")


def _merge(flow: Flow, given: Any) -> Flow:
    target = flow.collection(given if isinstance(given, str) else given["into"])
    if target is None:
        return replace(flow, opaque="$merge")
    written = flow
    if isinstance(given, Mapping):
        keys = given.get("on", "_id")
        on = [ref for key in ([keys] if isinstance(keys, str) else keys) for ref in refs_at(key, flow.scope)]
        written = _updated(flow, given, target).with_rows(on, "JOIN")
    return replace(written, target=Target(target, replaces=False))


def _updated(flow: Flow, given: Mapping[str, Any], target: DatasetName) -> Flow:
    """Apply a pipeline of `whenMatched` to what the target holds; `$$new` is the document that arrives."""
    matched = given.get("whenMatched")
    if not isinstance(matched, list):
        return flow
    named = {name: value(each, flow.scope) for name, each in (given.get("let") or {}).items()}
    held = replace(_inner(flow, target, (), {"new": flow.document, **named}), reads=())
    changed = follow(held, matched)
    if given.get("whenNotMatched", "insert") == "insert":
        changed = replace(changed, document=union(flow.document, changed.document))
    return replace(_reading(flow, changed), document=changed.document.without(target))


def _search(flow: Flow, given: Any) -> Flow:
    paths = sorted(_search_paths(given))
    return flow.with_rows((ref for path in paths for ref in refs_at(path, flow.scope)), "FILTER")


def _search_paths(given: Any) -> set[str]:
    """Give the values of every `path` in an Atlas search."""
    if isinstance(given, list):
        return {path for each in given for path in _search_paths(each)}
    if not isinstance(given, Mapping):
        return set()
    here = given.get("path")
    named = {here} if isinstance(here, str) else {each for each in here or () if isinstance(each, str)}
    return named | {path for each in given.values() for path in _search_paths(each)}


_STAGES: Mapping[str, Callable[[Flow, Any], Flow]] = {
    **dict.fromkeys(("$limit", "$skip", "$sample"), _same),
    "$addFields": _set,
    "$bucket": _bucket,
    "$bucketAuto": _bucket,
    "$count": _count,
    "$densify": _densify,
    "$documents": _documents,
    "$facet": _facet,
    "$fill": _fill,
    "$geoNear": _geo_near,
    "$graphLookup": _graph_lookup,
    "$group": _group,
    "$lookup": _lookup,
    "$match": _match,
    "$merge": _merge,
    "$out": _out,
    "$project": _project,
    "$redact": _redact,
    "$replaceRoot": _replace_root,
    "$replaceWith": _replace_with,
    "$search": _search,
    "$set": _set,
    "$setWindowFields": _windows,
    "$sort": _sort,
    "$sortByCount": _sort_by_count,
    "$unionWith": _union_with,
    "$unset": _unset,
    "$unwind": _unwind,
    "$vectorSearch": _search,
}
