"""Values: their kinds, and where PostgreSQL has no operator or function for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from nexus_core.sql.binding import kinds
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.functions import FUNCTIONS, Signature
from nexus_core.sql.binding.kinds import LITERAL, category, kind_of
from nexus_core.sql.binding.relations import UNTYPED, Column, Scope, Typed

Query = Callable[[exp.Expr, Binding, Scope], "tuple[Column, ...] | None"]
_BOOL = Typed("bool")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_LIKES = (exp.Like, exp.ILike, exp.SimilarTo, exp.RegexpLike, exp.RegexpILike)
_SIGNS: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}


class Expressions:
    """Types expressions; `query` binds a query that stands in one."""

    def __init__(self, binding: Binding, query: Query) -> None:
        self._binding, self._query = binding, query

    def typed(self, node: exp.Expr, scope: Scope) -> Typed:
        """Give the kind of an expression and note all that is to say of its parts."""
        self._binding.budget.spend()
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node, scope)
        if isinstance(node, exp.Query):
            return self._scalar(node, scope)
        if (signature := FUNCTIONS.get(type(node))) is not None:
            return self._called(node, signature, scope)
        if isinstance(node, exp.Anonymous):
            named = FUNCTIONS.get(node.name.lower())
            return self._called(node, named, scope) if named else self._children(node, scope)
        return self._children(node, scope)

    def condition(self, node: exp.Expr, scope: Scope, where: str) -> None:
        """Type a condition: PostgreSQL takes booleans alone."""
        value = self.typed(node, scope)
        if self._strict and value.kind not in ("", "bool", LITERAL):
            self._binding.refuse("not_boolean", f"{where} wants a boolean, this is {value.kind}", node)

    @property
    def _strict(self) -> bool:
        return self._binding.strict

    def _children(self, node: exp.Expr, scope: Scope) -> Typed:
        for child in node.iter_expressions():
            self.typed(child, scope)
        return UNTYPED

    def _inner(self, node: exp.Expr, scope: Scope) -> Typed:
        return self.typed(node.this, scope)

    def _column(self, node: exp.Expr, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Star) or not isinstance(node, exp.Column):
            return UNTYPED
        return self._binding.column(node, scope)

    def _literal(self, node: exp.Expr, _: Scope) -> Typed:
        if node.args.get("is_string"):
            return Typed(LITERAL, text=node.name)
        if not node.name.isdigit() or len(node.name) > 18:
            return Typed("numeric")
        return Typed("int4" if len(node.name) < 10 else "int8")

    def _null(self, _: exp.Expr, __: Scope) -> Typed:
        return Typed(LITERAL)

    def _boolean(self, _: exp.Expr, __: Scope) -> Typed:
        return _BOOL

    def _logical(self, node: exp.Expr, scope: Scope) -> Typed:
        sides = list(node.flatten()) if isinstance(node, exp.Connector) else [node.this]
        for side in sides:
            self.condition(side, scope, type(node).__name__.upper())
        return _BOOL

    def _compared(self, node: exp.Expr, scope: Scope) -> Typed:
        left, right = node.this, node.expression
        if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
            for one, other in zip(left.expressions, right.expressions, strict=False):
                self._pair(self.typed(one, scope), self.typed(other, scope), node)
            return _BOOL
        self._pair(self.typed(left, scope), self.typed(right, scope), node)
        return _BOOL

    def _pair(self, left: Typed, right: Typed, node: exp.Expr) -> None:
        """Judge a comparison of two values."""
        if LITERAL in (left.kind, right.kind):
            constant, other = (left, right) if left.kind == LITERAL else (right, left)
            self.fitting(constant, other.kind, node)
        elif self._strict and not kinds.comparable(left.kind, right.kind):
            self._binding.refuse("no_operator", f"{left.kind} and {right.kind} cannot be compared", node)
        elif left.kind and right.kind and category(left.kind) != category(right.kind):
            self._binding.note("implicit_cast", f"compares {left.kind} with {right.kind}", node)

    def fitting(self, constant: Typed, kind: str, node: exp.Expr) -> None:
        """Judge a quoted constant that has to be read as a kind."""
        if kind and kind != LITERAL and not kinds.fits(constant.text, kind):
            told = f"a constant cannot be read as {kind}"
            (self._binding.refuse if self._strict else self._binding.note)("invalid_constant", told, node)
        elif kind and constant.text is not None and category(kind) != "S":
            self._binding.note("constant_as", f"a constant is read as {category(kind)}", node)

    def _between(self, node: exp.Expr, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        for bound in (node.args["low"], node.args["high"]):
            self._pair(value, self.typed(bound, scope), node)
        return _BOOL

    def _in(self, node: exp.Expr, scope: Scope) -> Typed:
        query = node.args.get("query")
        values = [node.this] if not isinstance(node.this, exp.Tuple) else list(node.this.expressions)
        told = [self.typed(value, scope) for value in values]
        if query is not None:
            columns = self._query(query, self._binding, scope)
            if columns is not None and len(columns) != len(told):
                self._binding.refuse(
                    "column_count", f"IN wants {len(told)} columns, its query has {len(columns)}", node
                )
            elif columns is not None:
                for value, column in zip(told, columns, strict=True):
                    self._pair(value, column.typed, node)
            return _BOOL
        for each in node.expressions:
            parts = each.expressions if isinstance(each, exp.Tuple) else [each]
            for value, part in zip(told, parts, strict=False):
                self._pair(value, self.typed(part, scope), node)
        return _BOOL

    def _like(self, node: exp.Expr, scope: Scope) -> Typed:
        for side in (node.this, node.expression):
            value = self.typed(side, scope)
            if self._strict and value.kind and value.kind != LITERAL and category(value.kind) not in ("S", "bytea"):
                self._binding.refuse("no_operator", f"{value.kind} is no text to be matched", node)
        return _BOOL

    def _is(self, node: exp.Expr, scope: Scope) -> Typed:
        self._binding.last = None
        self.typed(node.this, scope)
        if isinstance(node.expression, exp.Null):
            self._null_filter(node)
        elif isinstance(node.expression, exp.Boolean):
            self.condition(node.this, scope, "IS TRUE")
        else:
            self.typed(node.expression, scope)
        return _BOOL

    def _null_filter(self, node: exp.Expr) -> None:
        """Note an `IS NULL` of a column that takes none."""
        used = self._binding.last
        negated = node.args.get("negate") or isinstance(node.parent, exp.Not)
        if used is None or negated or not isinstance(node.this, exp.Column):
            return
        if used.column.lower() in map(str.lower, self._binding.required(used.table)):
            self._binding.note("filter_always_false", f"{used.table}.{used.column} takes no NULL", node.this)

    def _arithmetic(self, node: exp.Expr, scope: Scope) -> Typed:
        left, right = self.typed(node.this, scope), self.typed(node.expression, scope)
        sign = _SIGNS[type(node)]
        if LITERAL in (left.kind, right.kind):
            constant, other = (left, right) if left.kind == LITERAL else (right, left)
            if other.kind in kinds.NUMBERS:
                self.fitting(constant, other.kind, node)
        kind = kinds.computed(left.kind, sign, right.kind)
        if kind is None and self._strict:
            self._binding.refuse("no_operator", f"there is no {left.kind} {sign} {right.kind}", node)
        elif kind is None:
            self._binding.note("implicit_cast", f"computes {left.kind} {sign} {right.kind}", node)
        return Typed(kind or "")

    def _joined(self, node: exp.Expr, scope: Scope) -> Typed:
        """`||`: PostgreSQL wants a text on one side at least."""
        left, right = self.typed(node.this, scope), self.typed(node.expression, scope)
        told = {left.kind, right.kind}
        if "" in told:
            return Typed("text" if told & {*kinds.TEXTS, LITERAL} else "")
        if told & set(kinds.TEXTS) or told == {LITERAL}:
            return Typed("text")
        others = told - {LITERAL}
        if others & {"jsonb", "bytea"} or any(kind.endswith("[]") for kind in others):
            return UNTYPED
        if LITERAL in told:
            return Typed("text")
        if self._strict:
            self._binding.refuse("no_operator", f"there is no {left.kind} || {right.kind}", node)
        return Typed("text")

    def _negative(self, node: exp.Expr, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        if self._strict and value.kind and category(value.kind) not in ("N", "T", LITERAL):
            self._binding.refuse("no_operator", f"there is no - {value.kind}", node)
        return Typed(value.kind)

    def _cast(self, node: exp.Expr, scope: Scope) -> Typed:
        value, to = self.typed(node.this, scope), node.args["to"]
        declared = to.sql(self._binding.traits.name or None) if isinstance(to, exp.Expr) else str(to)
        kind = kind_of(declared)
        if value.kind == LITERAL:
            self.fitting(value, kind, node)
        elif value.kind and kind and not kinds.castable(value.kind, kind):
            if self._strict:
                self._binding.refuse("no_cast", f"{value.kind} cannot be cast to {kind}", node)
        elif value.kind and kind and not kinds.widens(value.kind, kind):
            self._binding.note("cast_from", f"casts {value.kind} to {kind}", node)
        return Typed(kind, declared)

    def _case(self, node: exp.Expr, scope: Scope) -> Typed:
        subject = self.typed(node.this, scope) if isinstance(node.this, exp.Expr) else None
        results = []
        for branch in node.args.get("ifs") or ():
            if subject is None:
                self.condition(branch.this, scope, "WHEN")
            else:
                self._pair(subject, self.typed(branch.this, scope), branch)
            results.append(self.typed(branch.args["true"], scope))
        if (default := node.args.get("default")) is not None:
            results.append(self.typed(default, scope))
        return self.together(results, "CASE", node)

    def _if(self, node: exp.Expr, scope: Scope) -> Typed:
        self.condition(node.this, scope, "IF")
        values = [self.typed(node.args[key], scope) for key in ("true", "false") if node.args.get(key) is not None]
        return self.together(values, "IF", node)

    def together(self, values: list[Typed], what: str, node: exp.Expr) -> Typed:
        """Give the kind that several values have together."""
        if len(values) == 1 and values[0].declared:
            return values[0]
        kind = kinds.common(value.kind for value in values)
        if kind is None:
            named = " and ".join(dict.fromkeys(value.kind for value in values if value.kind not in ("", LITERAL)))
            if self._strict:
                self._binding.refuse("no_common_type", f"{what} cannot be of {named} at once", node)
            else:
                self._binding.note("implicit_cast", f"{what} is of {named} at once", node)
            return UNTYPED
        for value in values:
            if value.kind == LITERAL:
                self.fitting(value, kind, node)
        declared = {value.declared for value in values}
        return Typed(kind, declared.pop() if len(declared) == 1 else "")

    def _coalesce(self, node: exp.Expr, scope: Scope) -> Typed:
        values = [self.typed(each, scope) for each in (node.this, *node.expressions)]
        return self.together(values, type(node).__name__.upper(), node)

    def _nullif(self, node: exp.Expr, scope: Scope) -> Typed:
        left, right = self.typed(node.this, scope), self.typed(node.expression, scope)
        self._pair(left, right, node)
        return Typed(left.kind)

    def _scalar(self, node: exp.Expr, scope: Scope) -> Typed:
        columns = self._query(node, self._binding, scope)
        if columns is not None and len(columns) != 1:
            self._binding.refuse("column_count", f"a value wants one column, its query has {len(columns)}", node)
        return columns[0].typed if columns and len(columns) == 1 else UNTYPED

    def _exists(self, node: exp.Expr, scope: Scope) -> Typed:
        self._query(node.this, self._binding, scope)
        return _BOOL

    def _any(self, node: exp.Expr, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Query):
            columns = self._query(node.this, self._binding, scope)
            return columns[0].typed if columns and len(columns) == 1 else UNTYPED
        value = self.typed(node.this, scope)
        return Typed(value.kind.removesuffix("[]") if value.kind.endswith("[]") else "")

    def _window(self, node: exp.Expr, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        for key in node.args.get("partition_by") or ():
            self.typed(key, scope)
        order = node.args.get("order")
        for each in order.expressions if order is not None else ():
            self.typed(each.this, scope)
        return value

    def _filter(self, node: exp.Expr, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        self.condition(node.expression.this, scope, "FILTER")
        return value

    def _called(self, node: exp.Expr, signature: Signature, scope: Scope) -> Typed:
        if isinstance(node, exp.AggFunc):
            self._own_rows(node, scope)
        values = [self.typed(each, scope) for each in _arguments(node)]
        wanted = signature.categories
        for at, value in enumerate(values):
            takes = wanted[min(at, len(wanted) - 1)] if wanted else "*"
            if not self._strict or value.kind in ("", LITERAL) or takes == "*":
                continue
            if category(value.kind) not in takes.split("|") and value.kind not in takes.split("|"):
                name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
                self._binding.refuse("no_function", f"{name} takes no {value.kind}", node)
        return Typed(signature.gives(values[0].kind if values else ""))

    def _own_rows(self, node: exp.Expr, scope: Scope) -> None:
        """Refuse an aggregate of nothing but columns of the query around, where that is at its WHERE."""
        columns = list(node.find_all(exp.Column))
        if not columns or not all(self._binding.is_outside(column, scope) for column in columns):
            return
        own = node.find_ancestor(exp.Select)
        if own is not None and isinstance(own.find_ancestor(exp.Where, exp.Select), exp.Where):
            self._binding.refuse("aggregate_outside", f"{columns[0].sql()} is of the query around", node)

    def _rounded(self, node: exp.Expr, scope: Scope) -> Typed:
        """`round`: with a number of places PostgreSQL has it of numeric alone."""
        value, places = self.typed(node.this, scope), node.args.get("decimals")
        is_number = value.kind in ("", LITERAL) or category(value.kind) == "N"
        if self._strict and not is_number:
            self._binding.refuse("no_function", f"round takes no {value.kind}", node)
        if places is None:
            return Typed("float8" if value.kind in kinds.INTEGERS else value.kind)
        self.typed(places, scope)
        takes = not value.kind or value.kind in ("numeric", *kinds.INTEGERS, LITERAL)
        if self._strict and is_number and not takes:
            self._binding.refuse("no_function", f"round takes no {value.kind} with a number of places", node)
        return Typed("numeric" if self._strict else value.kind)

    def _interval(self, node: exp.Expr, scope: Scope) -> Typed:
        self._children(node, scope)
        return Typed("interval")


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    """Give a call's arguments in order, without units and options, which are words."""
    found: list[exp.Expr] = []
    for value in node.args.values():
        each = value if isinstance(value, list) else [value]
        found += [one for one in each if isinstance(one, exp.Expr) and not isinstance(one, (exp.Var, exp.DataType))]
    return [_value(one) for one in found if not isinstance(one, exp.Star)]


def _value(node: exp.Expr) -> exp.Expr:
    """Give what an aggregate is of, without DISTINCT and ORDER BY around it."""
    while isinstance(node, (exp.Distinct, exp.Order)):
        inner = node.expressions[0] if isinstance(node, exp.Distinct) and node.expressions else node.this
        if not isinstance(inner, exp.Expr):
            return node
        node = inner
    return node


_Handler = Callable[[Expressions, exp.Expr, Scope], Typed]
_HANDLERS: dict[type[exp.Expr], _Handler] = {
    exp.Column: Expressions._column,
    exp.Literal: Expressions._literal,
    exp.Null: Expressions._null,
    exp.Boolean: Expressions._boolean,
    exp.And: Expressions._logical,
    exp.Or: Expressions._logical,
    exp.Not: Expressions._logical,
    exp.Between: Expressions._between,
    exp.In: Expressions._in,
    exp.Is: Expressions._is,
    exp.DPipe: Expressions._joined,
    exp.Neg: Expressions._negative,
    exp.Cast: Expressions._cast,
    exp.TryCast: Expressions._cast,
    exp.Case: Expressions._case,
    exp.If: Expressions._if,
    exp.Coalesce: Expressions._coalesce,
    exp.Greatest: Expressions._coalesce,
    exp.Least: Expressions._coalesce,
    exp.Nullif: Expressions._nullif,
    exp.Exists: Expressions._exists,
    exp.Any: Expressions._any,
    exp.All: Expressions._any,
    exp.Window: Expressions._window,
    exp.Filter: Expressions._filter,
    exp.Round: Expressions._rounded,
    exp.Interval: Expressions._interval,
    exp.Paren: Expressions._inner,
    exp.Alias: Expressions._inner,
    exp.Subquery: Expressions._scalar,
    **dict.fromkeys(_COMPARISONS, Expressions._compared),
    **dict.fromkeys(_LIKES, Expressions._like),
    **dict.fromkeys(_SIGNS, Expressions._arithmetic),
}
