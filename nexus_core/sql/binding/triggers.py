"""A trigger's surroundings: NEW and OLD, transition tables, its list of columns, its condition, what it runs."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.declarations import identifier
from nexus_core.sql.binding.queries import query
from nexus_core.sql.binding.relations import UNTYPED, Relation, Scope
from nexus_core.sql.programs.blocks.routine import Routine
from nexus_core.sql.reading.parse import statements
from nexus_core.sql.reading.words import Word, closing, find

_ROWS = {"new": "row", "old": "row"}


def executed(trigger: Routine, binding: Binding) -> Routine | None:
    """Give what a trigger runs: its own body, or the function that stands before it in the text; None without one."""
    if not trigger.executes:
        return trigger
    name = trigger.executes.rpartition(".")[2]
    function = binding.functions.get(trigger.executes) or binding.functions.get(name)
    return function and replace(function, table=trigger.table, rows=trigger.rows, kind="TRIGGER")


def give_rows(trigger: Routine, binding: Binding) -> Relation:
    """Let NEW and OLD be rows of the trigger's table, and transition tables tables of its columns.

    Refuses a table that is gone.
    """
    parts = [exp.Identifier(this=part.strip('"`'), quoted=part[:1] in '"`') for part in trigger.table]
    table = binding.table(exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))))
    for name, kind in {**_ROWS, **trigger.rows}.items():
        if kind == "table":
            binding.made[".".join(binding.session.name(exp.Table(this=exp.to_identifier(name))))] = table.top
        else:
            binding.records[name] = table.top
            binding.rows[name] = table.alias
            binding.variables[name] = UNTYPED
    return table


def bind_head(words: list[Word], text: str, offset: int | None, table: Relation, binding: Binding) -> None:
    """Bind what stands before the body: `UPDATE OF a, b` and `WHEN (condition)`."""
    behind = find(words, frozenset({"EXECUTE", "BEGIN"}), 0)
    on = find(words, frozenset({"ON"}), 0, behind)
    of = find(words, frozenset({"OF"}), 0, on)
    scope = Scope(relations=[table])
    for word in words[of + 1 : on]:
        if word.kind == "name":
            binding.column(exp.Column(this=identifier(word, offset)), scope)
    when = find(words, frozenset({"WHEN"}), on, behind)
    if when + 1 < behind and words[when + 1].key == "(":
        start, end = words[when + 1].end, words[closing(words, when + 1)].start
        _condition(text[start:end], None if offset is None else offset + start, binding)


def _condition(text: str, place: int | None, binding: Binding) -> None:
    head = "SELECT "
    for each in statements(head + text, binding.traits, None if place is None else place - len(head)):
        if each.node is not None:
            binding.begin(binding.number, each.places)
            query(each.node, binding, Scope())
