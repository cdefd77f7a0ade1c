"""Conditions of row filters in another engine's SQL, where they surely mean the same there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


class Values(StrEnum):
    """What literals a column is compared with; engines convert others silently, and show rows by that."""

    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Readable:
    """A column of the table: the name to write in its place, and what it holds."""

    written: str
    values: Values


@dataclass(frozen=True, slots=True)
class Translated:
    """A condition in another engine's SQL, and the columns that it reads, in order of the alphabet."""

    sql: str
    columns: tuple[str, ...]


_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def translated(text: str, dialect: str, columns: Mapping[str, Readable]) -> Translated | None:
    """Give a PostgreSQL condition in a dialect of sqlglot's; None for one that is not surely the same there.

    What is: AND, OR and NOT of comparisons, IN, BETWEEN and IS NULL, of columns with literals of their own kind.
    Attributes of who asks (`:name`) are the platform's, and no engine knows them.
    """
    try:
        tree = parse_one(text, read="postgres", into=exp.Condition)
        translator = _Translator(dialect, columns)
        sql = translator.condition(tree).sql(dialect)
        return Translated(sql, tuple(sorted(translator.read)))
    except (_OtherwiseError, SqlglotError, RecursionError):
        return None


class _OtherwiseError(Exception):
    """That a part may mean something else in the other engine."""


class _Translator:
    """Builds the condition anew of the parts that it knows."""

    def __init__(self, dialect: str, columns: Mapping[str, Readable]) -> None:
        self._dialect, self._columns = dialect, columns
        self.read: set[str] = set()

    def condition(self, node: exp.Expr) -> exp.Expr:
        """Give a condition; raises _OtherwiseError."""
        if isinstance(node, exp.Paren):
            return exp.Paren(this=self.condition(node.this))
        if isinstance(node, exp.Not):
            return exp.Not(this=exp.Paren(this=self.condition(node.this)))
        if isinstance(node, (exp.And, exp.Or)):
            return type(node)(this=self.condition(node.this), expression=self.condition(node.expression))
        return self._leaf(node)

    def _leaf(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, _COMPARISONS):
            left, right = self._alike([node.this, node.expression])
            return type(node)(this=left, expression=right)
        if isinstance(node, exp.Between):
            value, low, high = self._alike([node.this, node.args["low"], node.args["high"]])
            return exp.Between(this=value, low=low, high=high)
        if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
            first, *others = self._alike([node.this, *node.expressions])
            return exp.In(this=first, expressions=others)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return exp.Is(this=self._column(node.this)[0], expression=exp.Null())
        raise _OtherwiseError

    def _alike(self, nodes: Sequence[exp.Expr]) -> list[exp.Expr]:
        """Give columns and literals, one of them a column at least, that all hold the same."""
        found = [self._value(node) for node in nodes]
        if len({values for _, values in found}) > 1 or not any(isinstance(node, exp.Column) for node in nodes):
            raise _OtherwiseError
        return [made for made, _ in found]

    def _value(self, node: exp.Expr) -> tuple[exp.Expr, Values]:
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
            return exp.Neg(this=node.this.copy()), Values.NUMBER
        if isinstance(node, exp.Literal):
            return self._text(node.this) if node.is_string else (node.copy(), Values.NUMBER)
        return self._column(node)

    def _text(self, value: str) -> tuple[exp.Expr, Values]:
        """Give a text; one with a backslash, or what clients replace, may be read as another."""
        if "\\" in value or not value.isprintable() or any(mark in value for mark in ("$(", "<%", "&{", "{{")):
            raise _OtherwiseError
        if self._dialect == "tsql":
            return exp.National(this=value), Values.TEXT
        return exp.Literal.string(value), Values.TEXT

    def _column(self, node: exp.Expr) -> tuple[exp.Expr, Values]:
        if not isinstance(node, exp.Column) or node.args.get("table"):
            raise _OtherwiseError
        found = self._found(node.name, quoted=bool(node.this.args.get("quoted")))
        return exp.column(exp.to_identifier(found.written, quoted=True)), found.values

    def _found(self, name: str, *, quoted: bool) -> Readable:
        """Give the one column that is meant: without quotes in any case, as engines differ in that."""
        alike: Callable[[str], str] = str if quoted else str.casefold
        found = [column for column in self._columns if alike(column) == alike(name)]
        if len(found) != 1:
            raise _OtherwiseError
        self.read.add(found[0])
        return self._columns[found[0]]
