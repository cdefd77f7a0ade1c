"""Items of FROM: relations, whose names are changed in the text, subqueries, joins and functions."""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.proxy.wall import outputs as named
from nexus_core.proxy.wall import queries
from nexus_core.proxy.wall.names import INFORMATION_SCHEMA, NOTHING, PG_CATALOG, Origins, Relation
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.scope import STAR, Outputs, Source, columns_of
from nexus_core.proxy.wall.text import quoted
from nexus_core.proxy.wall.tree import Node
from nexus_core.proxy.wall.vocabulary import OUT_FIELDS
from nexus_core.proxy.wall.walk import JOINS, Walk, only, strings


def item(walk: Walk, node: Node) -> list[Source]:
    """Judge an item of FROM and add its sources to the scope; gives those that it added."""
    for kind, body in node.items():
        handler = _ITEMS.get(kind)
        if handler is None:
            raise Refusal(f"{kind} is not let through in FROM", location=body.get("location", -1))
        return handler(walk, body)
    raise Refusal("An item of FROM is empty")


def _add(walk: Walk, source: Source) -> list[Source]:
    walk.scope.sources.append(source)
    return [source]


def _relation(walk: Walk, body: Node) -> list[Source]:
    only("A table", body, "catalogname", "schemaname", "relname", "inh", "relpersistence", "alias", "location")
    name, schema = body["relname"], body.get("schemaname", "")
    alias, names = _alias(body)
    if not schema:
        is_cte, outputs = walk.scope.cte(name)
        if is_cte:
            return _add(walk, _derived(alias or name, outputs or [], names))
    relation = resolve(walk, body)
    columns = _renamed(relation.columns, names)
    source = Source(alias or name, columns, is_open=relation.of_catalogue)
    if not alias:
        source.schema, source.shadow_schema = relation.schema, relation.shadow_schema
    return _add(walk, source)


def resolve(walk: Walk, body: Node) -> Relation:
    """Give the relation that a name means and put the name of what stands for it into the text."""
    name, schema, location = body["relname"], body.get("schemaname", ""), body.get("location", 0)
    if "catalogname" in body:
        raise Refusal("Names with a database in them are not let through", "Leave it out", location=location)
    relation = walk.names.find(schema, name)
    if relation is None:
        raise _missing(schema, name, location)
    walk.reads_relation(relation)
    if not body.get("inh") and not relation.is_base and not relation.of_catalogue:
        raise Refusal(
            f"ONLY is not let through for {relation.schema}.{name}, a part of which is masked",
            "Without ONLY, its children's rows are seen too",
            location=location,
        )
    if not schema and (choices := walk.names.choices(name)):
        return _any_of(walk, choices, location)
    if not schema:
        walk.edits.before(location, name, quoted(relation.shadow_schema) + b".")
    elif schema != relation.shadow_schema:
        walk.edits.rename(location, schema, quoted(relation.shadow_schema))
    return relation


def _any_of(walk: Walk, choices: tuple[Relation, ...], location: int) -> Relation:
    """Give a relation with the columns of all that the search path may choose; the server chooses."""
    first = choices[0]
    if any(each.is_base for each in choices):
        raise Refusal(f"Several schemas have a table {first.name}", "Name its schema", location=location)
    walk.edits.name_end(location, first.name)
    for each in choices:
        walk.reads_relation(each)
    columns = columns_of([column for each in choices for column in each.columns.items()])
    return Relation(first.schema, first.name, first.shadow_schema, columns, any(each.row_filtered for each in choices))


def _missing(schema: str, name: str, location: int) -> Refusal:
    shown = f"{schema}.{name}" if schema else name
    hint = ""
    if schema in {PG_CATALOG, INFORMATION_SCHEMA} or name.startswith("pg_"):
        hint = "The proxy shows a part of the catalogue (docs/proxy.md)"
    return Refusal(f'relation "{shown}" does not exist', hint, sqlstate="42P01", location=location)


def _subquery(walk: Walk, body: Node) -> list[Source]:
    only("A subquery", body, "lateral", "subquery", "alias")
    if "SelectStmt" not in body["subquery"]:
        raise Refusal("Only queries are let through in FROM")
    alias, names = _alias(body)
    return _add(walk, _derived(alias, queries.query(walk, body["subquery"]["SelectStmt"]), names))


def _derived(name: str, outputs: Outputs, names: list[str]) -> Source:
    is_open = any(each == STAR for each, _ in outputs)
    return Source(name, columns_of(named.renamed(outputs, names)), is_open=is_open)


def _renamed(columns: Mapping[str, Origins], names: list[str]) -> Mapping[str, Origins]:
    if not names:
        return columns
    return columns_of(named.renamed(list(columns.items()), names) + [(name, NOTHING) for name in names])


def _join(walk: Walk, body: Node) -> list[Source]:
    only("JOIN", body, "jointype", "isNatural", "larg", "rarg", "usingClause", "join_using_alias", "quals", "alias",
         "rtindex")  # fmt: skip
    left, right = item(walk, body["larg"]), item(walk, body["rarg"])
    merged = _merged(body, left, right)
    with walk.used(JOINS):
        for name in merged:
            walk.reads(_origins(left + right, name))
        walk.visit(body.get("quals", {}))
    if "join_using_alias" in body:
        only("JOIN", body["join_using_alias"], "aliasname")
        columns = {name: _origins(left + right, name) for name in merged}
        right = [*right, *_add(walk, Source(body["join_using_alias"]["aliasname"], columns))]
    return _aliased(walk, body, left + right) if "alias" in body else left + right


def _merged(body: Node, left: list[Source], right: list[Source]) -> list[str]:
    if body.get("isNatural"):
        theirs = {name for source in right for name in source.columns}
        return [name for source in left for name in source.columns if name in theirs]
    return strings(body.get("usingClause", []))


def _origins(found: list[Source], name: str) -> Origins:
    return NOTHING.union(*(source.columns.get(name, NOTHING) for source in found))


def _aliased(walk: Walk, body: Node, found: list[Source]) -> list[Source]:
    """An alias of a join hides what is in it; with columns merged, their order is not told apart."""
    alias, names = _alias(body)
    own = [source for source in walk.scope.sources if not any(source is each for each in found)]
    walk.scope.sources[:] = own
    outputs = [output for source in found for output in source.columns.items()]
    columns = columns_of(outputs)
    if names:
        everything = NOTHING.union(*columns.values())
        columns = dict.fromkeys([*names, *columns], everything)
    return _add(walk, Source(alias, columns, is_open=any(source.is_open for source in found)))


def _function(walk: Walk, body: Node) -> list[Source]:
    only("A function", body, "lateral", "ordinality", "is_rowsfrom", "functions", "alias", "coldeflist")
    alias, names = _alias(body)
    fields: list[str] = [*names, *(["ordinality"] if body.get("ordinality") else []), *([alias] if alias else [])]
    origins: Origins = NOTHING
    for each in body["functions"]:
        call, definitions = each["List"]["items"]
        origins |= walk.origins_of(call)
        name = named.name_of(call)
        alias = alias or name
        fields += [name, *OUT_FIELDS.get(name, ()), *_defined(walk, definitions.get("List", {}).get("items", []))]
    fields += _defined(walk, body.get("coldeflist", []))
    columns = dict.fromkeys(fields, origins)
    return _add(walk, Source(alias, columns))


def _defined(walk: Walk, definitions: list[Node]) -> list[str]:
    """Judge the column definitions of a function that gives records, and give their names."""
    for node in definitions:
        only("A column definition", node["ColumnDef"], "colname", "typeName", "is_local", "location", "collClause")
        walk.as_kind("TypeName", node["ColumnDef"]["typeName"])
        walk.as_kind("CollateClause", node["ColumnDef"].get("collClause") or {"collname": [{"String": {}}]})
    return [node["ColumnDef"]["colname"] for node in definitions]


def _xml_table(walk: Walk, body: Node) -> list[Source]:
    only("XMLTABLE", body, "lateral", "docexpr", "rowexpr", "namespaces", "columns", "alias", "location")
    origins = walk.origins_of(body["docexpr"]) | walk.origins_of(body["rowexpr"])
    walk.visit_all(body.get("namespaces", []))
    for node in body["columns"]:
        column: Node = node["RangeTableFuncCol"]
        only("XMLTABLE", column, "colname", "typeName", "for_ordinality", "is_not_null", "colexpr", "coldefexpr",
             "location")  # fmt: skip
        if "typeName" in column:
            walk.as_kind("TypeName", column["typeName"])
        walk.visit(column.get("colexpr", {}))
        walk.visit(column.get("coldefexpr", {}))
    alias, names = _alias(body)
    found = [*names, *(node["RangeTableFuncCol"]["colname"] for node in body["columns"])]
    return _add(walk, Source(alias or "xmltable", dict.fromkeys(found, origins)))


def _json_table(walk: Walk, body: Node) -> list[Source]:
    only("JSON_TABLE", body, "context_item", "pathspec", "passing", "columns", "on_error", "alias", "lateral",
         "location")  # fmt: skip
    origins = walk.origins_of({"JsonValueExpr": body["context_item"]})
    walk.visit_all(body.get("passing", []))
    alias, names = _alias(body)
    found = [*names, *_json_columns(walk, body["columns"])]
    return _add(walk, Source(alias or "json_table", dict.fromkeys(found, origins)))


def _json_columns(walk: Walk, nodes: list[Node]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        column: Node = node["JsonTableColumn"]
        only("JSON_TABLE", column, "coltype", "name", "typeName", "pathspec", "format", "wrapper", "quotes", "columns",
             "on_empty", "on_error", "location")  # fmt: skip
        if "typeName" in column:
            walk.as_kind("TypeName", column["typeName"])
        for behaviour in ("on_empty", "on_error"):
            walk.as_kind("JsonBehavior", column.get(behaviour, {}))
        found += [column["name"]] if "name" in column else []
        found += _json_columns(walk, column.get("columns", []))
    return found


def _sample(walk: Walk, body: Node) -> list[Source]:
    only("TABLESAMPLE", body, "relation", "method", "args", "repeatable", "location")
    relation: Node = body["relation"].get("RangeVar", {})
    if strings(body["method"])[-1] not in {"bernoulli", "system"} or len(body["method"]) > 1 or not relation:
        raise Refusal("TABLESAMPLE is let through with BERNOULLI and SYSTEM only", location=body.get("location", -1))
    walk.visit_all(body.get("args", []))
    walk.visit(body.get("repeatable", {}))
    found = walk.names.find(relation.get("schemaname", ""), relation["relname"])
    if found is None or not found.is_base:
        raise Refusal(
            "TABLESAMPLE is let through only for tables without a masked column",
            "Filter by random() instead",
            location=body.get("location", -1),
        )
    return _relation(walk, relation)


def _alias(body: Node) -> tuple[str, list[str]]:
    alias: Node = body.get("alias", {})
    only("An alias", alias, "aliasname", "colnames")
    return alias.get("aliasname", ""), strings(alias.get("colnames", []))


_ITEMS = {
    "RangeVar": _relation,
    "RangeSubselect": _subquery,
    "JoinExpr": _join,
    "RangeFunction": _function,
    "RangeTableFunc": _xml_table,
    "JsonTable": _json_table,
    "RangeTableSample": _sample,
}
