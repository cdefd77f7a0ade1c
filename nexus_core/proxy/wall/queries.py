"""Queries: what each of their clauses reads, what it does with it, and what they give."""

from __future__ import annotations

from nexus_core.proxy.wall import outputs as named
from nexus_core.proxy.wall import sources
from nexus_core.proxy.wall.names import NOTHING, Origins
from nexus_core.proxy.wall.refusal import Refusal
from nexus_core.proxy.wall.scope import STAR, Outputs, Scope, columns_of
from nexus_core.proxy.wall.tree import Node
from nexus_core.proxy.wall.walk import DISTINCT, FILTERS, GROUPS, SORTS, Walk, only, strings

_CLAUSES = (
    "distinctClause", "targetList", "fromClause", "whereClause", "groupClause", "groupDistinct", "havingClause",
    "windowClause", "valuesLists", "sortClause", "limitOffset", "limitCount", "limitOption", "withClause", "op", "all",
    "larg", "rarg",
)  # fmt: skip


def query(walk: Walk, body: Node) -> Outputs:
    """Judge a query and give its columns; how its place uses them is not known here."""
    if "intoClause" in body:
        raise Refusal("SELECT INTO writes a table", "The proxy only reads")
    if "lockingClause" in body:
        raise Refusal("Rows cannot be locked through the proxy", "Leave out FOR UPDATE, FOR SHARE and their like")
    only("SELECT", body, *_CLAUSES)
    before, walk.use = walk.use, ""
    outer = walk.scope
    walk.scope = Scope(outer)
    if "withClause" in body:
        _with(walk, body["withClause"])
    given = _body(walk, body)
    _order(walk, body.get("sortClause", []), given)
    walk.visit(body.get("limitOffset", {}))
    walk.visit(body.get("limitCount", {}))
    walk.use, walk.scope = before, outer
    return given


def _body(walk: Walk, body: Node) -> Outputs:
    if "larg" in body:
        return _combined(walk, body)
    if "valuesLists" in body:
        return _values(walk, body["valuesLists"])
    return _plain(walk, body)


def _combined(walk: Walk, body: Node) -> Outputs:
    """Judge UNION, INTERSECT and EXCEPT, which compare whole rows unless ALL is said."""
    left, right = query(walk, body["larg"]), query(walk, body["rarg"])
    origins = [right[i][1] if i < len(right) else NOTHING for i in range(len(left))]
    given = [(name, mine | other) for (name, mine), other in zip(left, origins, strict=True)]
    if any(name == STAR for name, _ in left) or any(name == STAR for name, _ in right):
        everything = NOTHING.union(*(each for _, each in left + right))
        given = [(name, everything) for name, _ in left]
    if not body.get("all"):
        _use(walk, DISTINCT, given)
    return given


def _values(walk: Walk, rows: list[Node]) -> Outputs:
    """Judge VALUES, whose columns are called column1 and so on."""
    given: list[Origins] = []
    for row in rows:
        items = row["List"].get("items", [])
        given += [NOTHING] * (len(items) - len(given))
        for place, item in enumerate(items):
            given[place] |= walk.origins_of(item)
    return [(f"column{place}", origins) for place, origins in enumerate(given, 1)]


def _plain(walk: Walk, body: Node) -> Outputs:
    for item in body.get("fromClause", []):
        sources.item(walk, item)
    if "whereClause" in body:
        with walk.used(FILTERS):
            walk.visit(body["whereClause"])
    given = [output for target in body.get("targetList", []) for output in _target(walk, target)]
    _group(walk, body.get("groupClause", []), given)
    if "havingClause" in body:
        with walk.used(FILTERS):
            walk.visit(body["havingClause"])
    walk.visit_all(body.get("windowClause", []))
    if "distinctClause" in body:
        _distinct(walk, body["distinctClause"], given)
    return given


def _target(walk: Walk, target: Node) -> Outputs:
    body: Node = target["ResTarget"]
    only("ResTarget", body, "name", "val", "location")
    value: Node = body["val"]
    reference = value.get("ColumnRef")
    if reference is not None and "A_Star" in reference["fields"][-1]:
        walk.visit(value)
        return _expanded(walk, strings(reference["fields"][:-1]))
    origins = walk.origins_of(value)
    return [(body.get("name") or named.name_of(value), origins)]


def _expanded(walk: Walk, qualifier: list[str]) -> Outputs:
    found = walk.scope.sources
    if qualifier:
        one = walk.scope.named(qualifier[0] if len(qualifier) == 2 else "", qualifier[-1])
        found = [one] if one else []
    given = [output for source in found for output in source.columns.items()]
    return [*given, (STAR, NOTHING)] if any(source.is_open for source in found) else given


def _group(walk: Walk, items: list[Node], given: Outputs) -> None:
    for item in items:
        if "GroupingSet" in item:
            only("GROUP BY", item["GroupingSet"], "kind", "content", "location")
            _group(walk, item["GroupingSet"].get("content", []), given)
        else:
            _grouped_by(walk, item, given)


def _grouped_by(walk: Walk, item: Node, given: Outputs) -> None:
    """Judge an item of GROUP BY: the number or the name of an output, or an expression."""
    place = _place(item, given)
    name = _bare_name(item)
    with walk.used(GROUPS):
        if place is not None:
            walk.reads(place)
        elif name and walk.scope.column(name) is None and name in (own := columns_of(given)):
            walk.reads(own[name])
        elif "RowExpr" in item or "List" in item:
            row: Node = item.get("RowExpr") or item["List"]
            _group(walk, row.get("args") or row.get("items") or [], given)
        else:
            walk.visit(item)


def _distinct(walk: Walk, items: list[Node], given: Outputs) -> None:
    keys = [item for item in items if item]
    if not keys:
        _use(walk, DISTINCT, given)
    for item in keys:
        _by_output(walk, DISTINCT, item, given)


def _order(walk: Walk, items: list[Node], given: Outputs) -> None:
    for item in items:
        sort_key(item["SortBy"])
        _by_output(walk, SORTS, item["SortBy"]["node"], given)


def sort_key(body: Node) -> None:
    """Refuse an item of ORDER BY by an operator of our own choice."""
    only("ORDER BY", body, "node", "sortby_dir", "sortby_nulls", "useOp", "location")
    if body.get("useOp") and strings(body["useOp"])[-1] not in {"<", ">"}:
        raise Refusal("ORDER BY … USING is let through with < and > only")


def _by_output(walk: Walk, use: str, item: Node, given: Outputs) -> None:
    """Judge an item of ORDER BY or DISTINCT ON, where the name of an output goes before that of a column."""
    place = _place(item, given)
    name = _bare_name(item)
    with walk.used(use):
        if place is not None:
            walk.reads(place)
        elif name and name in (own := columns_of(given)):
            walk.reads(own[name])
        else:
            walk.visit(item)


def _place(item: Node, given: Outputs) -> Origins | None:
    """Give the output that a number means; after a star it may be any."""
    number = item.get("A_Const", {}).get("ival")
    if number is None:
        return None
    place = int(number.get("ival", 0))
    if any(name == STAR for name, _ in given) or not 0 < place <= len(given):
        return NOTHING.union(*(origins for _, origins in given))
    return given[place - 1][1]


def _bare_name(item: Node) -> str:
    fields = item.get("ColumnRef", {}).get("fields", [])
    return strings(fields)[0] if len(fields) == 1 and "String" in fields[0] else ""


def _use(walk: Walk, use: str, given: Outputs) -> None:
    with walk.used(use):
        walk.reads(NOTHING.union(*(origins for _, origins in given)))


def _with(walk: Walk, clause: Node) -> None:
    """Judge the queries of WITH, each of which sees those before it, or all where it says RECURSIVE."""
    only("WITH", clause, "ctes", "recursive", "location")
    bodies = [node["CommonTableExpr"] for node in clause["ctes"]]
    if clause.get("recursive"):
        walk.scope.ctes.update({body["ctename"]: None for body in bodies})
    for body in bodies:
        only("WITH", body, "ctename", "aliascolnames", "ctematerialized", "ctequery", "search_clause", "cycle_clause",
             "location")  # fmt: skip
        if "SelectStmt" not in body["ctequery"]:
            raise Refusal("WITH may hold queries only", "The proxy only reads")
        _with_query(walk, body, bool(clause.get("recursive")))


def _with_query(walk: Walk, body: Node, recursive: bool) -> None:
    select: Node = body["ctequery"]["SelectStmt"]
    names = strings(body.get("aliascolnames", []))
    if recursive and "larg" in select and "withClause" not in select:
        walk.scope.ctes[body["ctename"]] = named.renamed(query(walk, select["larg"]), names) + _added(walk, body)
    given = query(walk, select)
    walk.scope.ctes[body["ctename"]] = named.renamed(given, names) + _added(walk, body)


def _added(walk: Walk, body: Node) -> Outputs:
    """Give the columns that SEARCH and CYCLE add."""
    search, cycle = body.get("search_clause", {}), body.get("cycle_clause", {})
    only("SEARCH", search, "search_col_list", "search_breadth_first", "search_seq_column", "location")
    only("CYCLE", cycle, "cycle_col_list", "cycle_mark_column", "cycle_mark_value", "cycle_mark_default",
         "cycle_path_column", "location")  # fmt: skip
    walk.visit(cycle.get("cycle_mark_value", {}))
    walk.visit(cycle.get("cycle_mark_default", {}))
    names = (search.get("search_seq_column"), cycle.get("cycle_mark_column"), cycle.get("cycle_path_column"))
    return [(name, NOTHING) for name in names if name]
