"""What stands in a FROM clause: a real table, the result of a query, or the rows that a function makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from sqlglot import exp

from nexus_core.model.statement import Certainty
from nexus_core.sql.resolving.catalog import Columns
from nexus_core.sql.resolving.shapes import part
from nexus_core.sql.resolving.values import (
    ANY_COLUMN,
    ROWS,
    STAR,
    OpenStar,
    Output,
    Value,
    leaf_value,
    pooled,
    unknown_value,
)


class Relation(Protocol):
    """Rows with columns, as a name is resolved against them."""

    indirect: Value
    """What affects all its rows."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The real tables that a column may come from."""

    def has(self, column: str) -> bool | None:
        """Whether it has a column; None if that is not known."""

    def value(self, column: str) -> Value:
        """The sources of a column that it has or may have."""

    def output(self, column: str) -> Output:
        """A column that it has or may have."""

    def outputs(self) -> Sequence[Output]:
        """All its columns in order."""


class BaseTable:
    """A real table; without known columns it may have any."""

    def __init__(self, name: str, columns: Sequence[str] | None) -> None:
        self.name, self.indirect = name, Value()
        self._columns = None if columns is None else Columns(columns)

    @property
    def tables(self) -> tuple[str, ...]:
        """Itself."""
        return (self.name,)

    def has(self, column: str) -> bool | None:
        """Whether its schema has the column; None without a schema."""
        return None if self._columns is None else self._columns.index(column) is not None

    def output(self, column: str) -> Output:
        """Give the column itself."""
        return Output(column, self.value(column))

    def value(self, column: str) -> Value:
        """Give the column itself, as the schema spells it."""
        at = None if self._columns is None else self._columns.index(column)
        spelled = column if self._columns is None or at is None else self._columns.names[at]
        certainty = Certainty.WRITTEN if self._columns is None else Certainty.SCHEMA
        return leaf_value(self.name, spelled, certainty)

    def outputs(self) -> Sequence[Output]:
        """Give its columns, or one star for all of them."""
        if self._columns is None:
            return [Output(STAR, leaf_value(self.name, STAR, Certainty.WRITTEN), star=OpenStar((self.name,)))]
        return [Output(name, leaf_value(self.name, name, Certainty.SCHEMA)) for name in self._columns.names]


class Derived:
    """The result of a query; stars of unknown tables among its columns leave it open."""

    def __init__(self, outputs: Sequence[Output], indirect: Value | None = None) -> None:
        self._outputs, self.indirect = tuple(outputs), indirect if indirect is not None else Value()
        self._stars = [output.star for output in outputs if output.star]
        self._columns = Columns(
            ["" if output.star else output.name or implied_name(output.expression) for output in outputs]
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of its stars."""
        return tuple(table for star in self._stars for table in star.tables)

    def has(self, column: str) -> bool | None:
        """Whether it has the column; None if only a star may hold it."""
        if self._columns.index(column) is not None:
            return True
        return None if any(column not in star.hidden for star in self._stars) else False

    def output(self, column: str) -> Output:
        """Give the column as the query makes it, or as a star may hold it."""
        at = self._columns.index(column)
        return self._outputs[at] if at is not None else self._starred(column)

    def value(self, column: str) -> Value:
        """Give the column's sources: of several stars that may hold it, the tables as candidates."""
        at = self._columns.index(column)
        return self._outputs[at].value if at is not None else self._starred(column).value

    def _starred(self, column: str) -> Output:
        stars = [star for star in self._stars if column not in star.hidden]
        if len(stars) == 1:
            return stars[0].output(column)
        return Output(column, unknown_value(column, (table for star in stars for table in star.tables)))

    def outputs(self) -> Sequence[Output]:
        """Give its columns."""
        return self._outputs

    def renamed(self, names: Sequence[str]) -> Derived:
        """Give it with the names of a column list, by position.

        What a star holds is some column of its table; behind one star, a complete list counts from its end.
        """
        if not names:
            return self
        stars = [index for index, output in enumerate(self._outputs) if output.star]
        if not stars:
            head = [replace(output, name=name) for output, name in zip(self._outputs, names, strict=False)]
            return Derived([*head, *self._outputs[len(names) :]], self.indirect)
        before = [replace(self._outputs[at], name=name) for at, name in enumerate(names) if at < stars[0]]
        after = self._outputs[stars[-1] + 1 :] if len(stars) == 1 else ()
        if len(names) - len(before) <= len(after):
            after = ()
        behind = pooled(output.value for output in self._outputs[len(before) : len(self._outputs) - len(after)])
        middle = [Output(name, behind) for name in names[len(before) : len(names) - len(after)]]
        tail = [
            replace(output, name=name) for output, name in zip(after, names[len(names) - len(after) :], strict=True)
        ]
        return Derived([*before, *middle, *tail], self.indirect)


class Temporary:
    """A temporary table as a relation: its columns are its own, their names those that the script has filled."""

    def __init__(self, name: str, rows: Derived) -> None:
        self._name, self._rows = name, rows
        self.tables = (name,)
        self.indirect: Value = leaf_value(name, ROWS, Certainty.SCHEMA) if rows.indirect else {}

    def has(self, column: str) -> bool | None:
        """Whether the script has made the column; None if only a star may hold it."""
        return self._rows.has(column)

    def value(self, column: str) -> Value:
        """Give the column itself."""
        return leaf_value(self._name, column, Certainty.SCHEMA)

    def outputs(self) -> Sequence[Output]:
        """Give its columns: those that it has been filled with, where it may have others that nothing has filled."""
        outputs = self._rows.outputs()
        filled = [output for output in outputs if output is not ANY_COLUMN]
        return [self._own(output) for output in filled or outputs]

    def output(self, column: str) -> Output:
        """Give the column itself, with the expression by which the script has computed it."""
        return replace(self._rows.output(column), name=column, value=self.value(column), structure=None, item=None)

    def _own(self, output: Output) -> Output:
        star = OpenStar(self.tables, output.star.hidden) if output.star else None
        return replace(output, value=self.value(output.name), star=star, structure=None, item=None)


class FunctionTable:
    """The rows of a table function.

    Without `closed` it may have any column, which then comes from `arguments`. `elements` are the structs whose
    fields its rows also answer to, `fields` those of them that are known.
    """

    def __init__(
        self,
        columns: Sequence[Output],
        arguments: Value,
        *,
        closed: bool,
        elements: Output | None = None,
        fields: Sequence[Output] = (),
    ) -> None:
        self._outputs, self._arguments, self._closed, self._elements = tuple(columns), arguments, closed, elements
        named = {column.name: column for column in (*fields, *columns)}
        self._named = tuple(named.values())
        self._columns, self.indirect = Columns(tuple(named)), Value()

    tables: tuple[str, ...] = ()

    @property
    def has_elements(self) -> bool:
        """Whether a name that means nothing else may be a field of its elements."""
        return self._elements is not None

    def has(self, column: str) -> bool | None:
        """Whether it is a column of its list; an unknown function may have any."""
        return True if self._columns.index(column) is not None else (False if self._closed else None)

    def value(self, column: str) -> Value:
        """Give the sources of a column."""
        return self.output(column).value

    def output(self, column: str) -> Output:
        """Give a column: one of the list, a field of the elements, or what the arguments yield."""
        at = self._columns.index(column)
        if at is not None:
            return self._named[at]
        return part(self._elements, column) if self._elements else Output(column, self._arguments)

    def outputs(self) -> Sequence[Output]:
        """Give its columns."""
        return self._outputs


def implied_name(expression: exp.Expr | None) -> str:
    """Give the name by which PostgreSQL lets an outer query call an unnamed expression."""
    if isinstance(expression, exp.Case):
        return "case"
    if isinstance(expression, exp.Anonymous):
        return expression.name.lower()
    return expression.sql_name().lower() if isinstance(expression, exp.Func) else ""


def hidden(outputs: Iterable[Output], names: Iterable[str]) -> list[Output]:
    """Give columns less some, whatever their case."""
    less = {name.lower() for name in names}
    kept = [output for output in outputs if output.star or output.name.lower() not in less]
    if not less:
        return kept
    return [
        replace(output, star=replace(output.star, hidden=output.star.hidden | less)) if output.star else output
        for output in kept
    ]
