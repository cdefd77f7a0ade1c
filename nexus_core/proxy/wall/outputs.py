"""The names that PostgreSQL gives to columns without one (`FigureColname` in its parse_target.c)."""

from __future__ import annotations

from nexus_core.proxy.wall.scope import Outputs
from nexus_core.proxy.wall.tree import Node

UNNAMED = "?column?"
_FIXED = {
    "A_ArrayExpr": "array",
    "RowExpr": "row",
    "CoalesceExpr": "coalesce",
    "GroupingFunc": "grouping",
    "XmlSerialize": "xmlserialize",
    "JsonObjectConstructor": "json_object",
    "JsonArrayConstructor": "json_array",
    "JsonArrayQueryConstructor": "json_array",
    "JsonObjectAgg": "json_objectagg",
    "JsonArrayAgg": "json_arrayagg",
    "JsonParseExpr": "json",
    "JsonScalarExpr": "json_scalar",
    "JsonSerializeExpr": "json_serialize",
}
_JSON = {"JSON_EXISTS_OP": "json_exists", "JSON_QUERY_OP": "json_query", "JSON_VALUE_OP": "json_value"}
_XML = {
    "IS_XMLCONCAT": "xmlconcat",
    "IS_XMLELEMENT": "xmlelement",
    "IS_XMLFOREST": "xmlforest",
    "IS_XMLPARSE": "xmlparse",
    "IS_XMLPI": "xmlpi",
    "IS_XMLROOT": "xmlroot",
}


def name_of(value: Node) -> str:
    """Give the name of a column that has this expression."""
    return _figured(value) or UNNAMED


def renamed(outputs: Outputs, names: list[str]) -> Outputs:
    """Give outputs under the names of an alias, which may be fewer."""
    return [(name, origins) for name, (_, origins) in zip(names, outputs, strict=False)] + outputs[len(names) :]


def _figured(value: Node) -> str:
    for kind, body in value.items():
        if kind in _FIXED:
            return _FIXED[kind]
        if kind in {"ColumnRef", "FuncCall"}:
            return _last(body["fields" if kind == "ColumnRef" else "funcname"])
        return _of_others(kind, body)
    return ""


def _of_others(kind: str, body: Node) -> str:
    match kind:
        case "A_Indirection":
            return _last(body["indirection"]) or _figured(body["arg"])
        case "TypeCast":
            return _figured(body["arg"]) or _last(body["typeName"]["names"])
        case "CollateClause":
            return _figured(body["arg"])
        case "CaseExpr":
            return _of_default(body) or "case"
        case "A_Expr":
            return "nullif" if body["kind"] == "AEXPR_NULLIF" else ""
        case "MinMaxExpr":
            return "greatest" if body["op"] == "IS_GREATEST" else "least"
        case "SQLValueFunction":
            return str(body["op"]).removeprefix("SVFOP_").removesuffix("_N").lower()
        case "XmlExpr":
            return _XML.get(body["op"], "")
        case "JsonFuncExpr":
            return _JSON.get(body["op"], "")
        case "SubLink":
            return _of_sublink(body)
    return ""


def _of_default(body: Node) -> str:
    """Only a name that is strong counts: that of a column or a function."""
    default = body.get("defresult", {})
    return _figured(default) if "ColumnRef" in default or "FuncCall" in default else ""


def _of_sublink(body: Node) -> str:
    match body["subLinkType"]:
        case "EXISTS_SUBLINK":
            return "exists"
        case "ARRAY_SUBLINK":
            return "array"
        case "EXPR_SUBLINK":
            select = body["subselect"].get("SelectStmt", {})
            while "larg" in select:
                select = select["larg"]
            target = (select.get("targetList") or [{}])[0].get("ResTarget", {})
            return str(target.get("name") or _figured(target.get("val", {})))
    return ""


def _last(parts: list[Node]) -> str:
    for part in reversed(parts):
        if "String" in part:
            return str(part["String"].get("sval", ""))
    return ""
