"""The lineage of a SQL text as a tree for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nexus_core.model.statement import Certainty, ColumnLineage, SourceColumn, SqlLineage

if TYPE_CHECKING:
    from rich.tree import Tree

_DOUBTS = {
    Certainty.UNIQUE: "the only table that may have it",
    Certainty.GUESSED: "a guess",
}


def lineage_trees(lineage: SqlLineage, sql: str) -> Iterable[Tree]:
    """Draw one tree for each output of a text: its columns, their sources, and what affects all its rows."""
    for table in dict.fromkeys((*lineage.outputs, *(column.table for column in lineage.columns))):
        yield _tree(table or "(result)", [column for column in lineage.columns if column.table == table], sql)


def step_trees(lineage: SqlLineage, sql: str) -> Iterable[Tree]:
    """Draw one tree for each thing that a statement writes, temporary tables included."""
    for step in lineage.steps:
        yield _tree(f"statement {step.statement}: {step.table or '(result)'}", step.columns, sql)


def _tree(title: str, columns: Iterable[ColumnLineage], sql: str) -> Tree:
    from rich.markup import escape
    from rich.tree import Tree

    tree = Tree(f"[bold]{escape(title)}[/bold]")
    for column in columns:
        _add(tree, column, sql)
    return tree


def _add(tree: Tree, column: ColumnLineage, sql: str) -> None:
    from rich.markup import escape

    title = escape(column.column) if column.column else "[italic]every row[/italic]"
    if len(column.inputs) == 1 and column.column:
        tree.add(f"{title} ← {_source(column.inputs[0], sql)}{_expression(column)}")
        return
    branch = tree.add(f"{title}{_expression(column)}" if column.inputs else f"{title} [dim]from no column[/dim]")
    for source in column.inputs:
        branch.add(_source(source, sql))


def _expression(column: ColumnLineage) -> str:
    from rich.markup import escape

    return f"  [dim]= {escape(column.expression)}[/dim]" if column.expression else ""


def _source(source: SourceColumn, sql: str) -> str:
    from rich.markup import escape

    table = source.table or f"({' or '.join(source.candidates) or 'unknown'})"
    name = ".".join((table, source.column, *source.path))
    kind = source.transformation.value.rpartition(":")[2].lower().replace("_", " ")
    notes = [kind, f"line {sql.count(chr(10), 0, source.start) + 1}" if source.start >= 0 else ""]
    notes.append(_DOUBTS.get(source.certainty, ""))
    return f"{escape(name)}  [dim]{', '.join(filter(None, notes))}[/dim]"
