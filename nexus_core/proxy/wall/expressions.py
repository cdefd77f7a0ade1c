"""The nodes of expressions that mean something to the wall: names of columns, functions, operators, subqueries."""

from __future__ import annotations

from nexus_core.masking.catalogue_views import REPLACED, catalogue_schema
from nexus_core.proxy.wall.names import INFORMATION_SCHEMA, NOTHING, PG_CATALOG, Origins
from nexus_core.proxy.wall.queries import query, sort_key
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.scope import Source
from nexus_core.proxy.wall.settings import judge_function_of_settings
from nexus_core.proxy.wall.text import quoted
from nexus_core.proxy.wall.tree import Node
from nexus_core.proxy.wall.vocabulary import CATALOGUE_COLUMNS, FIELDS_OF_RECORDS, FUNCTIONS, OPERATORS
from nexus_core.proxy.wall.walk import DISTINCT, FILTERS, GROUPS, SORTS, Walk, only, strings

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
_WORDS = frozenset({"AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM"})
_OF_SETTINGS = frozenset({"current_setting", "set_config"})


def constant(walk: Walk, body: Node) -> None:
    """Let a literal pass."""
    del walk, body


def column(walk: Walk, body: Node) -> None:
    """Judge the name of a column, or of a whole row."""
    fields: list[Node] = body["fields"]
    location: int = body.get("location", 0)
    if len(body) > 1 + ("location" in body):
        only("ColumnRef", body, "fields", "location")
    if "A_Star" in fields[-1]:
        walk.reads(star(walk, fields, location))
        return
    *qualifier, name = strings(fields)
    if not qualifier:
        walk.reads(_unqualified(walk, name, location))
        return
    source = qualified(walk, qualifier, location)
    if name in source.columns:
        walk.reads(source.columns[name])
    elif not source.is_open or name not in CATALOGUE_COLUMNS:
        raise _no_column(name, location)


def star(walk: Walk, fields: list[Node], location: int) -> Origins:
    """Give what a star reads, whether of all sources or of one."""
    qualifier = strings(fields[:-1])
    return qualified(walk, qualifier, location).whole() if qualifier else walk.scope.everything()


def qualified(walk: Walk, qualifier: list[str], location: int) -> Source:
    """Give the source that a column's qualifier means; where it names the schema, the text is changed with it."""
    if len(qualifier) > 2:
        raise Refusal("Names with a database in them are not let through", "Leave it out", location=location)
    schema = qualifier[0] if len(qualifier) == 2 else ""
    source = walk.scope.named(schema, qualifier[-1])
    if source is None:
        raise Refusal(f'missing FROM-clause entry for table "{qualifier[-1]}"', sqlstate="42P01", location=location)
    if schema and source.shadow_schema != schema:
        walk.edits.rename(location, schema, quoted(source.shadow_schema))
    return source


def _unqualified(walk: Walk, name: str, location: int) -> Origins:
    found = walk.scope.column(name)
    if found is not None:
        return found
    if name in SYSTEM_COLUMNS and not walk.scope.is_open():
        raise _no_column(name, location)
    return walk.scope.outputs.get(name, NOTHING)


def _no_column(name: str, location: int) -> Refusal:
    if name in SYSTEM_COLUMNS:
        return Refusal(
            f'The system column "{name}" is not there through the proxy', "Use the table's key", location=location
        )
    return Refusal(f'column "{name}" does not exist', sqlstate="42703", location=location)


def indirection(walk: Walk, body: Node) -> None:
    """Judge `(…).field` and `(…)[n]`; a field that is none would be a call of a function of that name."""
    only("A_Indirection", body, "arg", "indirection")
    walk.visit(body["arg"])
    for step in body["indirection"]:
        if "String" in step:
            name = strings([step])[0]
            if name not in walk.names.columns and name not in FIELDS_OF_RECORDS:
                raise Refusal(f'The proxy knows no field "{name}"', "Name the column itself, without parentheses")
        elif "A_Star" not in step:
            walk.visit(step)


def function(walk: Walk, body: Node) -> None:
    """Judge a call: the function must be among PostgreSQL's own that are let through."""
    only("FuncCall", body, "funcname", "args", "agg_order", "agg_filter", "over", "agg_within_group", "agg_star",
         "agg_distinct", "func_variadic", "funcformat", "location")  # fmt: skip
    _function_name(walk, body)
    if "agg_distinct" in body:
        with walk.used(DISTINCT):
            walk.visit_all(body["args"])
    elif "args" in body:
        walk.visit_all(body["args"])
    if "agg_filter" in body:
        with walk.used(FILTERS):
            walk.visit(body["agg_filter"])
    if "agg_order" in body:
        walk.visit_all(body["agg_order"])
    if "over" in body:
        window(walk, body["over"])


def _function_name(walk: Walk, body: Node) -> None:
    *schema, name = strings(body["funcname"])
    location: int = body.get("location", 0)
    if schema == [INFORMATION_SCHEMA] and name == "_pg_expandarray":
        return
    if schema not in ([], [PG_CATALOG]):
        raise Refusal(
            f"The function {'.'.join([*schema, name])} is not let through",
            "Functions of the source read with rights of their own; PostgreSQL's own are let through",
            location=location,
        )
    if name in REPLACED and (name not in _OF_SETTINGS or _is_answered_for(body)):
        _replace(walk, name, bool(schema), location)
    elif name in _OF_SETTINGS:
        judge_function_of_settings(name, body)
    elif name not in FUNCTIONS:
        raise Refusal(f"The function {name} is not let through", location=location)
    elif walk.names.may_find_others and not schema:
        walk.edits.before(location, name, b"pg_catalog.")


def _is_answered_for(body: Node) -> bool:
    """Whether a setting is asked for by a parameter, or is the search path, which has the source's names in it."""
    arguments: list[Node] = body.get("args", [])
    if len(arguments) != 1:
        return False
    constant: Node | None = arguments[0].get("A_Const")
    return constant is None or constant.get("sval", {}).get("sval", "").lower() == "search_path"


def _replace(walk: Walk, name: str, is_qualified: bool, location: int) -> None:
    ours = quoted(catalogue_schema(walk.names.profile))
    if is_qualified:
        walk.edits.rename(location, PG_CATALOG, ours)
    else:
        walk.edits.before(location, name, ours + b".")


def value_function(walk: Walk, body: Node) -> None:
    """Judge CURRENT_DATE and its like; CURRENT_SCHEMA would name ours."""
    only("SQLValueFunction", body, "op", "typmod", "location")
    if body["op"] == "SVFOP_CURRENT_SCHEMA":
        location: int = body.get("location", 0)
        end = walk.edits.name_end(location, "current_schema")
        ours = quoted(catalogue_schema(walk.names.profile))
        walk.edits.change(location, end, ours + b".current_schema()")


def operator(walk: Walk, body: Node) -> None:
    """Judge an operator, which must be PostgreSQL's own where its schema is named."""
    only("A_Expr", body, "kind", "name", "lexpr", "rexpr", "rexpr_list_start", "rexpr_list_end", "location")
    if body["kind"] not in _WORDS:
        operator_name(body["name"], body.get("location", -1))
    if "lexpr" in body:
        walk.visit(body["lexpr"])
    if "rexpr" in body:
        walk.visit(body["rexpr"])


def operator_name(name: list[Node], location: int) -> None:
    """Refuse an operator that is not PostgreSQL's own."""
    *schema, sign = strings(name) if name else ["="]
    if schema not in ([], [PG_CATALOG]) or sign not in OPERATORS:
        raise Refusal("Operators of the source are not let through, only PostgreSQL's own", location=location)


def collation(walk: Walk, body: Node) -> None:
    """Judge COLLATE, whose collation must be PostgreSQL's own."""
    only("CollateClause", body, "arg", "collname", "location")
    if strings(body["collname"])[:-1] not in ([], [PG_CATALOG]):
        raise Refusal("Collations of other schemas are not let through", location=body.get("location", -1))
    walk.visit(body.get("arg", {}))


def sublink(walk: Walk, body: Node) -> None:
    """Judge a subquery in an expression; what it gives is used as its place says, unless only its rows count."""
    only("SubLink", body, "subLinkType", "subLinkId", "testexpr", "operName", "subselect", "location")
    operator_name(body.get("operName", []), body.get("location", -1))
    compares = body["subLinkType"] in {"ANY_SUBLINK", "ALL_SUBLINK"}
    with walk.used(FILTERS if compares else ""):
        walk.visit(body.get("testexpr", {}))
        outputs = query(walk, _select(body["subselect"]))
        if body["subLinkType"] != "EXISTS_SUBLINK":
            walk.reads(NOTHING.union(*(origins for _, origins in outputs)))


def _select(node: Node) -> Node:
    if "SelectStmt" not in node:
        raise Refusal("Only queries are let through inside a statement")
    select: Node = node["SelectStmt"]
    return select


def select(walk: Walk, body: Node) -> None:
    """Judge a query where an expression stands, as in JSON_ARRAY."""
    walk.reads(NOTHING.union(*(origins for _, origins in query(walk, body))))


def window(walk: Walk, body: Node) -> None:
    """Judge a window."""
    only("WindowDef", body, "name", "refname", "partitionClause", "orderClause", "frameOptions", "startOffset",
         "endOffset", "location")  # fmt: skip
    if "partitionClause" in body:
        with walk.used(GROUPS):
            walk.visit_all(body["partitionClause"])
    walk.visit_all(body.get("orderClause", []))
    walk.visit(body.get("startOffset", {}))
    walk.visit(body.get("endOffset", {}))


def sort(walk: Walk, body: Node) -> None:
    """Judge an item of ORDER BY inside a call or a window."""
    sort_key(body)
    with walk.used(SORTS):
        walk.visit(body["node"])
