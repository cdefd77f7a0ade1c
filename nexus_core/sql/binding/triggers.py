"""A trigger's surroundings: NEW and OLD, transition tables, its list of columns, its condition, what it runs."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from nexus_core.model.trial import Fires
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.declarations import identifier
from nexus_core.sql.binding.queries import query
from nexus_core.sql.binding.relations import UNTYPED, Relation, Scope
from nexus_core.sql.programs.blocks.routine import Routine
from nexus_core.sql.reading.parse import statements
from nexus_core.sql.reading.words import Word, closing, find, name_of

_ROWS = {"new": "row", "old": "row"}
_EVENTS = ("INSERT", "UPDATE", "DELETE")


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
    scope = Scope(relations=[table])
    for word in _listed(words):
        binding.column(exp.Column(this=identifier(word, offset)), scope)
    when = find(words, frozenset({"WHEN"}), on, behind)
    if when + 1 < behind and words[when + 1].key == "(":
        start, end = words[when + 1].end, words[closing(words, when + 1)].start
        _condition(text[start:end], None if offset is None else offset + start, binding)


def note_events(words: list[Word], place: tuple[int, int], table: Relation, binding: Binding) -> None:
    """Note what runs the trigger whose definition stands at a place, its body left out."""
    said = {word.key for word in _said(words)}
    columns = {"UPDATE": tuple(map(name_of, _listed(words)))}
    events = {event: columns.get(event, ()) for event in _EVENTS if event in said}
    name = table.columns[0].table if table.columns else ".".join(table.name)
    binding.fires.append(Fires(name, events, *place))


def _said(words: list[Word]) -> list[Word]:
    """Give the words that say when the trigger runs."""
    time = find(words, frozenset({"BEFORE", "AFTER", "INSTEAD"}), 0)
    return words[time + 1 : find(words, frozenset({"ON"}), time)]


def _listed(words: list[Word]) -> list[Word]:
    """Give the columns of UPDATE OF, which stand alone but for INSERT and DELETE."""
    said = _said(words)
    of = find(said, frozenset({"OF"}), 1)
    return [word for word in said[of + 1 :] if word.kind == "name" and word.key not in {*_EVENTS, "OR", "OF"}]


def _condition(text: str, place: int | None, binding: Binding) -> None:
    head = "SELECT "
    for each in statements(head + text, binding.traits, None if place is None else place - len(head)):
        if each.node is not None:
            binding.begin(binding.number, each.places)
            query(each.node, binding, Scope())
