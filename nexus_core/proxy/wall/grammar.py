"""The nodes of expressions that may stand in a statement, with the fields that they may have.

Whatever is not here is refused, so that grammar that a later PostgreSQL adds is closed until somebody has read it. A
field is a plain value (`.`), a node (`n`), a list of nodes (`n*`), or a node of a fixed kind, written without its kind.
Nodes that mean something to the wall have code of their own (`expressions.py`, `sources.py`).
"""

from __future__ import annotations

_LINES = """
A_Indices is_slice=. lidx=n uidx=n
A_ArrayExpr elements=n* list_start=. list_end=. location=.
BoolExpr boolop=. args=n* location=.
NullTest arg=n nulltesttype=. location=.
BooleanTest arg=n booltesttype=. location=.
CaseExpr arg=n args=n* defresult=n location=.
CaseWhen expr=n result=n location=.
CoalesceExpr args=n* location=.
MinMaxExpr op=. args=n* location=.
RowExpr args=n* row_format=. location=.
GroupingFunc args=n* location=.
GroupingSet kind=. content=n* location=.
ParamRef number=. location=.
NamedArgExpr arg=n name=. argnumber=. location=.
List items=n*
XmlExpr op=. name=. named_args=n* args=n* xmloption=. location=.
XmlSerialize xmloption=. expr=n typeName=TypeName indent=. location=.
JsonObjectConstructor exprs=n* output=JsonOutput absent_on_null=. unique=. location=.
JsonArrayConstructor exprs=n* output=JsonOutput absent_on_null=. location=.
JsonArrayQueryConstructor query=n output=JsonOutput format=JsonFormat absent_on_null=. location=.
JsonObjectAgg constructor=JsonAggConstructor arg=JsonKeyValue absent_on_null=. unique=.
JsonArrayAgg constructor=JsonAggConstructor arg=JsonValueExpr absent_on_null=.
JsonParseExpr expr=JsonValueExpr output=JsonOutput unique_keys=. location=.
JsonScalarExpr expr=n output=JsonOutput location=.
JsonSerializeExpr expr=JsonValueExpr output=JsonOutput location=.
JsonFuncExpr op=. context_item=JsonValueExpr pathspec=n passing=n* output=JsonOutput on_empty=JsonBehavior \
on_error=JsonBehavior wrapper=. quotes=. location=.
JsonIsPredicate expr=n format=JsonFormat item_type=. unique_keys=. location=.
JsonValueExpr raw_expr=n format=JsonFormat
JsonFormat format_type=. encoding=. location=.
JsonReturning format=JsonFormat typid=. typmod=.
JsonOutput typeName=TypeName returning=JsonReturning
JsonArgument val=JsonValueExpr name=.
JsonKeyValue key=n value=JsonValueExpr
JsonAggConstructor output=JsonOutput agg_filter=n agg_order=n* over=WindowDef location=.
JsonBehavior btype=. expr=n location=.
JsonTablePathSpec string=n name=. name_location=. location=.
ResTarget name=. val=n location=.
"""

PLAIN, ONE, MANY = ".", "n", "n*"


def _read(lines: str) -> dict[str, dict[str, str]]:
    rows = (line.split() for line in lines.strip().splitlines())
    return {name: dict(field.split("=") for field in fields) for name, *fields in rows}


FIELDS = _read(_LINES)
"""By the kind of a node: its fields, each with `.`, `n`, `n*` or the kind of the node that it holds."""
