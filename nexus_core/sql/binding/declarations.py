"""Variables of a routine: the types that their declarations give them, and what may be assigned to them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from nexus_core.sql.binding import kinds
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.expressions import Expressions
from nexus_core.sql.binding.kinds import LITERAL, category, kind_of
from nexus_core.sql.binding.queries import query
from nexus_core.sql.binding.relations import UNTYPED, Column, Typed
from nexus_core.sql.binding.writes import assigned
from nexus_core.sql.reading.words import Word, words_of

_RECORDS = frozenset({"record", "refcursor"})
_NEVER = frozenset({("D", "N"), ("D", "B"), ("B", "N"), ("B", "D"), ("T", "N"), ("T", "B"), ("B", "T")})
"""Categories of which no value, written as text, can be read as the other: PL/pgSQL converts by text."""


def declare(binding: Binding, name: str, declared: str, offset: int | None) -> Typed:
    """Note a variable by its type as written, at `offset` in the whole text; `%TYPE` is that of a column or variable.

    Refuses a table or column that is not there, as the server does when the routine is first called.
    """
    words = words_of(declared, binding.traits.name)
    referred = [word for word in words if word.kind == "name"]
    typed = Typed(kind_of(declared), declared)
    if len(words) > 2 and words[-2].key == "%":
        typed = _referred(binding, name, referred[:-1], offset, whole=words[-1].key == "ROWTYPE")
    elif declared.lower() in _RECORDS:
        binding.records[name] = None
        typed = UNTYPED
    if name:
        binding.variables[name] = typed
    return typed


def _referred(binding: Binding, name: str, words: Sequence[Word], offset: int | None, *, whole: bool) -> Typed:
    parts = [identifier(word, offset) for word in words]
    if len(parts) == 1 and not whole:
        return binding.variables.get(parts[0].name.lower(), UNTYPED)
    if not parts:
        return UNTYPED
    table = parts if whole else parts[:-1]
    relation = binding.table(exp.Table(**dict(zip(("this", "db", "catalog"), reversed(table), strict=False))))
    if whole:
        binding.records[name] = relation.top
        return UNTYPED
    found = relation.having(binding.fold(parts[-1]))
    node = exp.Column(this=parts[-1], table=table[-1].copy())
    if found:
        binding.use(node, found[0], relation.alias)
        return found[0].typed
    if relation.columns is not None:
        binding.refuse("unknown_column", f"{'.'.join(part.name for part in parts)} is no column", node)
    return UNTYPED


def identifier(word: Word, offset: int | None) -> exp.Identifier:
    """Give a name with its place in the whole text; `offset` is that of the text in which the word stands."""
    quoted = word.text[:1] in '"`'
    made = exp.Identifier(this=word.text.strip('"`'), quoted=quoted)
    if offset is not None:
        made.update_positions(start=offset + word.start, end=offset + word.end - 1)
    return made


def assign(binding: Binding, name: str, value: Typed, node: exp.Expr) -> None:
    """Judge a value that a variable takes."""
    target = binding.variables.get(name, UNTYPED)
    if binding.strict:
        converted(binding, value, target, node)
    else:
        assigned(value, Column(name, target), binding, node)


def converted(binding: Binding, value: Typed, target: Typed, node: exp.Expr) -> None:
    """Judge a conversion as PL/pgSQL makes it: by assignment cast, else by text (documentation, chapter 43.5.2)."""
    if value.kind == LITERAL:
        Expressions(binding, query).fitting(value, target.kind, node)
        return
    if not value.kind or not target.kind or value.kind == target.kind:
        return
    if kinds.assignable(value.kind, target.kind):
        if not kinds.widens(value.kind, target.kind):
            binding.note("lossy_cast", f"a variable is {target.kind}, the value is {value.kind}", node)
    elif (category(value.kind), category(target.kind)) in _NEVER:
        binding.refuse("no_assignment", f"a variable is {target.kind}, the value is {value.kind}", node)
    else:
        told = f"whether a {value.kind} can be read as {target.kind} depends on the rows"
        binding.doubt("conversion_possible", told, node)
