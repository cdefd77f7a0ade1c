"""Table functions: the columns that a call in FROM, LATERAL VIEW or the select list makes, and what they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from nexus_core.sql.dialect import POSTGRES
from nexus_core.sql.resolving.expressions import field_names, is_map, output_of, struct_fields, value_of
from nexus_core.sql.resolving.relations import FunctionTable
from nexus_core.sql.resolving.scope import Scope
from nexus_core.sql.resolving.shapes import passed, whole_of
from nexus_core.sql.resolving.values import STAR, TRANSFORMATION, OpenStar, Output, Value, carried, pooled

_KEY_VALUE = ("key", "value")
_FLATTENED = ("seq", "key", "path", "index", "value", "this")
_COLUMNS = {
    "json_each": _KEY_VALUE,
    "jsonb_each": _KEY_VALUE,
    "json_each_text": _KEY_VALUE,
    "jsonb_each_text": _KEY_VALUE,
    "json_array_elements": ("value",),
    "jsonb_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_array_elements_text": ("value",),
    "each": _KEY_VALUE,
    "flatten": _FLATTENED,
    "split_to_table": ("seq", "index", "value"),
    "strtok_split_to_table": ("seq", "index", "value"),
    "string_split": ("value", "ordinal"),
    "openjson": ("key", "value", "type"),
    "variant_explode": ("pos", "key", "value"),
    "variant_explode_outer": ("pos", "key", "value"),
    "xmltable": ("column_value",),
    "numbers": ("number",),
    "zeros": ("zero",),
    "generator": (),
}
"""Columns of well-known table functions; one that is not here may have any."""

_OF_DIALECT = {
    ("sqlite", "json_each"): ("key", "value", "type", "atom", "id", "parent", "fullkey", "path"),
    ("sqlite", "json_tree"): ("key", "value", "type", "atom", "id", "parent", "fullkey", "path"),
    ("duckdb", "json_each"): ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"),
    ("duckdb", "json_tree"): ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"),
    ("snowflake", "explode"): _FLATTENED,
    ("sqlite", "generate_series"): ("value",),
    ("tsql", "generate_series"): ("value",),
    ("oracle", "xmltable"): ("column_value",),
    ("oracle", "table"): ("column_value",),
    ("", "table"): ("column_value",),
}

_ONE_COLUMN = {"generate_series", "unnest", "regexp_split_to_table", "string_to_table", "json_object_keys"}
_ONE_COLUMN |= {"jsonb_object_keys", "generate_subscripts", "regexp_matches", "range", "generate_date_array"}

_TUPLES = {"json_tuple", "parse_url_tuple"}
"""Hive's functions with a column for each argument behind the first."""

_EXPANDS_STRUCTS = {"presto", "trino", "athena", "postgres"}
"""Dialects whose UNNEST makes a column of each field of a struct."""

_WRAPPED = {"presto", "trino", "athena"}
"""Dialects in which TABLE(…) is only how FROM takes a table function."""

_SCALARS_IN_FROM = POSTGRES | {"", "duckdb"}
"""Dialects in which FROM takes a function of a plain value, whose column bears its name."""

_EXPLODES_TO_COL = {"spark", "spark2", "databricks", "hive"}
"""Dialects that name the column of EXPLODE `col`, also in the select list."""

_NAMED_BY_FUNCTION = {"duckdb"}
"""Dialects in which the column of UNNEST bears the function's name, whatever the alias, which is the row."""

_VALUE_TABLES = {"bigquery"}
"""Dialects whose UNNEST makes rows that are the structs: `*` gives their fields, and their alias the struct."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a call makes: its columns, other names that mean parts of them, and what an unlisted name comes from.

    `named`: a column list has been regarded.
    """

    columns: Sequence[Output]
    closed: bool = True
    named: bool = False
    elements: Output | None = None
    fields: Sequence[Output] = ()


def function_table(node: exp.Expr, alias: str, names: Sequence[str], scope: Scope) -> FunctionTable:
    """Give the rows of `f(…)`, `unnest(…)` or `ROWS FROM (f(…), g(…))` under an alias and a column list."""
    calls = [node] if isinstance(node, exp.Unnest) else node.args.get("rows_from") or [node.this]
    calls = [call.this if isinstance(call, exp.Table) else call for call in calls]
    arguments = pooled(_arguments(call, scope) for call in calls)
    made = [made_by(call, alias, names if len(calls) == 1 else (), scope) for call in calls]
    columns = [column for each in made for column in each.columns]
    names = () if made[0].named else names
    columns += _ordinality(node, arguments, scope)
    renamed = [replace(column, name=name) for column, name in zip(columns, names, strict=False)]
    listed = [Output(name, arguments) for name in names[len(columns) :]]
    rows = FunctionTable(
        [*renamed, *columns[len(names) :], *listed],
        arguments,
        closed=all(each.closed for each in made) or bool(names),
        elements=made[0].elements if len(made) == 1 else None,
        fields=[field for each in made for field in each.fields],
    )
    for query in [query for call in calls for query in _tables(call)]:
        rows.indirect.update(scope.resolution.query(query, scope.ctes, scope).indirect)
    return rows


def made_by(call: exp.Expr, alias: str, names: Sequence[str], scope: Scope) -> Made:
    """Give what one call makes; `names` are those of a column list, of which only the number matters here."""
    rule = _RULES.get(type(call))
    if rule is not None:
        return rule(call, alias, names, scope)
    return _by_name(call, alias, names, scope)


def function_name(call: exp.Expr) -> str:
    """Give a function's name in lower case, without what stands before or behind it."""
    if isinstance(call, exp.Window):
        return function_name(call.this)
    if isinstance(call, exp.Dot):
        return function_name(call.expression)
    if isinstance(call, exp.Anonymous):
        return call.name.lower()
    if isinstance(call, exp.GenerateSeries):
        return "range" if call.args.get("is_end_exclusive") else "generate_series"
    if isinstance(call, exp.ExplodingGenerateSeries):
        return "generate_series"
    return call.sql_name().lower() if isinstance(call, exp.Func) else ""


def makes_columns(item: exp.Expr, scope: Scope) -> bool:
    """Whether a select item is a call that makes several columns, or one of a name of its own."""
    call = item.this if isinstance(item, exp.Aliases) else item
    if isinstance(call, exp.Explode) and scope.resolution.traits.name in _EXPLODES_TO_COL:
        return True
    return isinstance(call, (exp.Inline, exp.Stack, exp.Posexplode, exp.QueryTransform)) or (
        isinstance(call, exp.Anonymous) and call.name.lower() in _TUPLES
    )


def _arguments(call: exp.Expr, scope: Scope) -> Value:
    if isinstance(call, exp.Window):
        return value_of(call, scope, TRANSFORMATION)
    tables = _tables(call)
    columns = [output.value for each in tables for output in scope.resolution.query(each, scope.ctes, scope).outputs()]
    parts = [each for each in call.iter_expressions() if not isinstance(each, (exp.TableAlias, exp.Join, exp.Schema))]
    scalars = [value_of(each, scope) for each in parts if each.arg_key != "offset" and _given(each) not in tables]
    return carried(pooled([*columns, *scalars]), TRANSFORMATION)


def _given(argument: exp.Expr) -> exp.Expr:
    return argument.expression if isinstance(argument, exp.Kwarg) else argument


def _tables(call: exp.Expr) -> list[exp.Query]:
    """Give the queries that a function takes as tables: what affects their rows affects the function's."""
    if type(call) in _RULES or isinstance(call, exp.Window) or function_name(call) in (*_COLUMNS, *_ONE_COLUMN):
        return []
    return [given for each in call.iter_expressions() if isinstance(given := _given(each), exp.Query)]


def _ordinality(node: exp.Expr, arguments: Value, scope: Scope) -> list[Output]:
    """Give the column that counts the rows: it knows of the arguments no more than how many there are."""
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier):
        return [Output(scope.resolution.traits.fold(offset), arguments)]
    if offset:
        return [Output("offset" if scope.resolution.traits.name == "bigquery" else "ordinality", arguments)]
    return [Output("ordinality", arguments)] if node.args.get("ordinality") else []


def element(array: exp.Expr, scope: Scope) -> Output:
    """Give one element of an array, or one value of a map."""
    whole = output_of(array.expression if isinstance(array, exp.Kwarg) else array, scope)
    shape = passed(whole_of(whole), TRANSFORMATION)
    return Output("", carried(whole.value, TRANSFORMATION), structure=shape)


def _unnest(call: exp.Expr, alias: str, names: Sequence[str], scope: Scope) -> Made:
    arrays = call.expressions
    traits = scope.resolution.traits
    if len(arrays) != 1:
        return Made([replace(element(array, scope), name=alias) for array in arrays])
    item = element(arrays[0], scope)
    known = _known_fields(item, scope)
    if traits.name in _VALUE_TABLES:
        name = names[0] if names else alias
        named = replace(item, name=name)
        return Made(known or [named], named=True, elements=item, fields=[named])
    if traits.name in _EXPANDS_STRUCTS and (known or len(names) > 1):
        return Made(known or [Output(name, item.value) for name in names])
    name = "unnest" if traits.name in _NAMED_BY_FUNCTION else alias or "unnest"
    return Made([replace(item, name=name)], elements=item, fields=[replace(item, name=alias)] if alias else ())


def _known_fields(item: Output, scope: Scope) -> list[Output]:
    built = item.shape.fields if item.shape else ()
    return struct_fields(item, scope) if built or field_names(item, scope) else []


def _explode(call: exp.Expr, alias: str, names: Sequence[str], scope: Scope) -> Made:
    """`explode(array)` and `explode(map)`; sqlglot reads Snowflake's FLATTEN as the same."""
    traits = scope.resolution.traits
    if traits.name == "snowflake":
        arguments = _arguments(call, scope)
        return Made([Output(traits.change_case(column), arguments) for column in _FLATTENED])
    item = element(call.this, scope)
    if len(names) == 2 or (not names and is_map(item, scope)):
        return Made([Output("key", item.value), replace(item, name="value")])
    column = alias if traits.name == "duckdb" and alias else "col"
    return Made([replace(item, name=column)], elements=item)


def _posexplode(call: exp.Expr, _: str, names: Sequence[str], scope: Scope) -> Made:
    item = element(call.this, scope)
    key = [Output("key", item.value)] if len(names) == 3 else []
    return Made([Output("pos", item.value), *key, replace(item, name="col")], elements=item)


def _inline(call: exp.Expr, _: str, names: Sequence[str], scope: Scope) -> Made:
    """`inline(array of structs)`: a column of each field; where they are not known, a listed one is any of them."""
    item = element(call.this, scope)
    known = _known_fields(item, scope)
    if known or names:
        return Made(known or [Output(name, item.value) for name in names], elements=item)
    return Made(struct_fields(item, scope), elements=item)


def _stack(call: exp.Expr, _: str, __: Sequence[str], scope: Scope) -> Made:
    """`stack(n, …)`: the arguments in n rows."""
    rows = int(call.this.name) if isinstance(call.this, exp.Literal) and call.this.name.isdigit() else 1
    width = -(-len(call.expressions) // max(rows, 1))
    values: list[Value] = [{} for _ in range(width)]
    for at, each in enumerate(call.expressions):
        values[at % width].update(value_of(each, scope))
    return Made([Output(f"col{at}", value) for at, value in enumerate(values)])


def _json_tuple(call: exp.Expr, scope: Scope) -> list[Output]:
    source, *paths = call.expressions
    value = value_of(source, scope, TRANSFORMATION)
    return [Output(f"c{at}", value) for at in range(len(paths))]


def _by_name(call: exp.Expr, alias: str, names: Sequence[str], scope: Scope) -> Made:
    name = function_name(call)
    if name in _TUPLES and call.expressions:
        return Made(_json_tuple(call, scope))
    traits = scope.resolution.traits
    if name == "table" and traits.name in _WRAPPED and isinstance(next(iter(call.expressions), None), exp.Func):
        return made_by(call.expressions[0], alias, names, scope)
    arguments = _arguments(call, scope)
    known = _OF_DIALECT.get((traits.name, name), _COLUMNS.get(name))
    if known is None:
        return _unknown(name, alias, names, arguments, scope)
    if known == ("column_value",):
        item = element(call.expressions[0], scope) if call.expressions else Output("", {})
        return Made([replace(item, name=traits.change_case("column_value"))], elements=item)
    return Made([Output(traits.change_case(column), arguments) for column in known])


def _unknown(name: str, alias: str, names: Sequence[str], arguments: Value, scope: Scope) -> Made:
    """Give the rows of a function that is not known: where functions may return plain values, one column, else any."""
    if names:
        return Made([], closed=False)
    traits = scope.resolution.traits
    if name in _ONE_COLUMN or traits.name in _SCALARS_IN_FROM:
        return Made([Output(alias or traits.change_case(name), arguments)], closed=name in _ONE_COLUMN)
    return Made([Output(STAR, arguments, star=OpenStar((), within=arguments, exact=True))], closed=False)


def _json_table(call: exp.Expr, _: str, __: Sequence[str], scope: Scope) -> Made:
    value = value_of(call.this, scope, TRANSFORMATION)
    return Made([Output(name, value) for name in _schema_names(call.args.get("schema"), scope)])


def _schema_names(schema: exp.Expr | None, scope: Scope) -> Iterable[str]:
    """Give the columns of `COLUMNS (…)`, also of its NESTED PATHs."""
    for column in schema.expressions if schema else ():
        if isinstance(column.this, exp.Identifier):
            yield scope.resolution.traits.fold(column.this)
        yield from _schema_names(column.args.get("nested_schema"), scope)


def _listed(call: exp.Expr, _: str, __: Sequence[str], scope: Scope) -> Made:
    """`OPENJSON(…) WITH (…)` and `XMLTABLE(… COLUMNS …)`."""
    columns = call.args.get("columns") or call.expressions
    sources = [call.this, *(call.args.get("passing") or ())]
    value = pooled(value_of(each, scope, TRANSFORMATION) for each in sources)
    names = [scope.resolution.traits.fold(each.this) for each in columns if isinstance(each.this, exp.Identifier)]
    default = _COLUMNS["xmltable" if isinstance(call, exp.XMLTable) else "openjson"]
    return Made([Output(name, value) for name in names or map(scope.resolution.traits.change_case, default)])


def _transform(call: exp.Expr, _: str, __: Sequence[str], scope: Scope) -> Made:
    """Hive's `TRANSFORM (…) USING 'script' AS (…)`: each column comes from all that the script reads."""
    value = pooled(value_of(each, scope, TRANSFORMATION) for each in call.expressions)
    schema = call.args.get("schema")
    listed = scope.resolution.traits.column_names(schema.expressions if schema else ())
    return Made([Output(name, value) for name in listed or ("key", "value")])


_RULES: dict[type[exp.Expr], Callable[[exp.Expr, str, Sequence[str], Scope], Made]] = {
    exp.Unnest: _unnest,
    exp.Explode: _explode,
    exp.Posexplode: _posexplode,
    exp.Inline: _inline,
    exp.Stack: _stack,
    exp.JSONTable: _json_table,
    exp.OpenJSON: _listed,
    exp.XMLTable: _listed,
    exp.QueryTransform: _transform,
}
