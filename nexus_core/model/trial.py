"""A statement as a database would take it under one schema: what it refuses, and what each name means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nexus_core.model.statement import Schema

Events = Mapping[str, tuple[str, ...]]
"""INSERT, UPDATE or DELETE, each with the columns that it has to be about, none for any."""


@dataclass(frozen=True, slots=True)
class World:
    """What a statement meets: tables by dotted name with their columns and types, and the names known to be gone.

    A table in neither is not known, and may have any column. `failing` are events of tables that run a trigger which
    fails.
    """

    tables: Schema
    gone: tuple[str, ...] = ()
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns of a table that an INSERT has to fill: they take no NULL and have no default."""
    failing: Mapping[str, Events] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A SQL text to be tried in several worlds, read once; dialect and defaults as in `SqlRequest`."""

    sql: str
    dialect: str | None
    worlds: tuple[World, ...]
    default_database: str | None = None
    default_schema: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text with what is said of it; [start, end) in characters, -1 where it is no place of the text."""

    code: str
    message: str
    statement: int
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Use:
    """What a name in the text means: a column of a table, and its type as the world declares it.

    `kind` is the type without its length; `table` is "~alias" for a column of a subquery, "?" where it is not known.
    """

    start: int
    end: int
    table: str
    column: str
    kind: str
    declared: str


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column that a statement makes, in order; an unknown number of columns is one named `*`."""

    name: str
    kind: str
    declared: str = ""


@dataclass(frozen=True, slots=True)
class Fires:
    """The table and events that run a trigger; its definition says so at [start, end), outside of what it runs."""

    table: str
    events: Events
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trial:
    """How one world takes the text.

    `refused` is what fails, `unsure` what could not be judged, `notes` what holds silently (conversions, the columns
    that a NATURAL JOIN pairs, filters that find nothing). `makes` are the columns that the text makes of each table, ""
    for a plain result; `writes` the columns that it fills; `named` the places of each table's name.
    """

    refused: tuple[Found, ...] = ()
    unsure: tuple[Found, ...] = ()
    notes: tuple[Found, ...] = ()
    uses: tuple[Use, ...] = ()
    makes: Mapping[str, tuple[OutputColumn, ...]] = field(default_factory=dict)
    writes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: tuple[tuple[int, int, str], ...] = ()
    bare: tuple[tuple[int, int], ...] = ()
    """Where a column stands as a select item by itself, so that its name is the item's."""
    filled: tuple[tuple[int, int], ...] = ()
    """Where a column stands as what is written."""
    fires: tuple[Fires, ...] = ()
    """What runs the triggers that the text defines."""
