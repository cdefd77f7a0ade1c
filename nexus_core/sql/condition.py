"""Conditions over the rows of one table, as row filters have them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from nexus_core.errors import InvalidInputError

_MAX_CHARACTERS = 2000
_NOT_OF_A_ROW = (exp.Query, exp.AggFunc, exp.Window, exp.Parameter, exp.UDTF)


@dataclass(frozen=True, slots=True)
class Condition:
    """Which columns a condition reads, and which named parameters (`:name`), each in order of the alphabet."""

    columns: tuple[str, ...]
    parameters: tuple[str, ...]


def condition_of(text: str, dialect: str = "postgres") -> Condition:
    """Read a condition that one row decides; raises InvalidInputError for anything else.

    Subqueries, aggregates and windows see more than the row and are refused.
    """
    if len(text) > _MAX_CHARACTERS:
        raise InvalidInputError(f"a condition has at most {_MAX_CHARACTERS:,} characters")
    try:
        tree = parse_one(text, read=dialect, into=exp.Condition)
    except (SqlglotError, RecursionError) as error:
        raise InvalidInputError(f"`{text}` is no condition") from error
    if wider := tree.find(*_NOT_OF_A_ROW):
        raise InvalidInputError(f"`{wider.sql(dialect)}` is not decided by the row alone")
    if any(node.comments for node in tree.walk()):
        raise InvalidInputError(f"`{text}` has a comment; put it into the description")
    columns = {column.name for column in tree.find_all(exp.Column)}
    placeholders = [node.name for node in tree.find_all(exp.Placeholder)]
    if not all(placeholders):
        raise InvalidInputError(f"`{text}` has a parameter without a name; write `:name`")
    return Condition(tuple(sorted(columns)), tuple(sorted(set(placeholders))))
