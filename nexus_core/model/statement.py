"""What a SQL text says of lineage, in the terms of `nexus lineage sql --jsonl` (docs/sql.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Schema = Mapping[str, Mapping[str, str]]
"""Dotted table name of one to three parts → column → type; columns in the table's order."""


class Transformation(StrEnum):
    """How a source column reaches an output."""

    IDENTITY = "IDENTITY"
    TRANSFORMATION = "TRANSFORMATION"
    AGGREGATION = "AGGREGATION"
    CONDITION = "TRANSFORMATION:CONDITION"
    WINDOW = "TRANSFORMATION:WINDOW"
    FILTER = "INDIRECT:FILTER"
    JOIN = "INDIRECT:JOIN"
    GROUP_BY = "INDIRECT:GROUP_BY"
    SORT = "INDIRECT:SORT"

    @property
    def indirect(self) -> bool:
        """Whether it affects all rows of an output rather than one column's value."""
        return self.value.startswith("INDIRECT:")


class Certainty(StrEnum):
    """Why a column's name is taken to mean a source column, the surest first."""

    SCHEMA = "schema"
    """The table's known schema has the column."""
    WRITTEN = "written"
    """The SQL names the table beside the column; no schema is known to check it by."""
    UNIQUE = "unique"
    """It can mean no other table here, though the table's schema is not known."""
    GUESSED = "guessed"
    """The likeliest reading: a column that the schema lacks, one behind several stars, text read tolerantly."""
    AMBIGUOUS = "ambiguous"
    """Several tables may have it, or none that is known: the source names its candidates and no table."""


@dataclass(frozen=True, slots=True)
class SqlRequest:
    """A SQL text and what is known of its surroundings.

    `dialect` is sqlglot's name, or None for the tolerant parser. `schema` None means that nothing is known.
    `definitions` are CREATE texts of views, functions and procedures that the text may use, by dotted name.
    """

    sql: str
    dialect: str | None
    schema: Schema | None = None
    default_database: str | None = None
    default_schema: str | None = None
    definitions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class References:
    """Dotted names, with the request's defaults before them: tables whose schema, routines whose text would matter."""

    tables: tuple[str, ...] = ()
    routines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A source column; `table` is "" where it cannot be known, with the possible ones in `candidates`.

    `path` leads to a part of a struct. `start` and `end` are where the text names the column, as characters
    [start, end); -1 where no place in the text does, as in SQL that the text only puts together.
    """

    table: str
    column: str
    transformation: Transformation
    candidates: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    certainty: Certainty = Certainty.SCHEMA
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """The sources of one output column; `column` "" carries what affects all rows of `table`.

    `expression` is the SQL text that computes it, "" where it is a plain copy or unknown. `statement`, `start` and
    `end` are where the text first writes the column, counted as in SqlProblem and SourceColumn.
    """

    table: str
    column: str
    inputs: tuple[SourceColumn, ...]
    expression: str = ""
    statement: int = 0
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class SqlProblem:
    """A statement or fragment that was not understood; `statement` counts from 0."""

    code: str
    message: str
    statement: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one statement itself writes to one table ("": its result): temporary tables are tables like others here."""

    statement: int
    table: str
    inputs: tuple[str, ...]
    columns: tuple[ColumnLineage, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """That a text makes a column of a table in one way only, which hides its sources (`kind` as in model.mark).

    `detail` of an AGGREGATE is the least number of rows in each group.
    """

    table: str
    column: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SqlLineage:
    """The lineage of a text; tables are dotted names as qualified by the request's defaults.

    `reads` maps each output to exactly the inputs of the statements that write it; `resolved` holds the outputs
    whose every statement was understood completely (no star left, no unknown source, no problem).
    `looked_up` are the tables whose schema, `called` the routines whose text would matter, known or not: the index for
    derivation anew.
    `proofs` are there only for columns that one statement writes.
    `columns` are end to end, `steps` the same by statement; there are none where only one thing is written.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    columns: tuple[ColumnLineage, ...] = ()
    problems: tuple[SqlProblem, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resolved: frozenset[str] = frozenset()
    looked_up: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    proofs: tuple[Proof, ...] = ()
