"""A routine as its definition says it: parameters, language, body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nexus_core.sql.reading.tokens import word_set
from nexus_core.sql.resolving.relations import Derived
from nexus_core.sql.resolving.resolution import Variables
from nexus_core.sql.resolving.values import Value

PLAIN_TYPES = word_set(
    """
    INT INTEGER BIGINT SMALLINT TINYINT MEDIUMINT INT64 NUMBER NUMERIC DECIMAL FLOAT FLOAT64 REAL DOUBLE BOOLEAN
    BOOL DATE TIME TIMESTAMP DATETIME TIMESTAMPTZ TIMESTAMP_NTZ INTERVAL PLS_INTEGER BINARY_INTEGER SERIAL UUID
    """
)
"""Types whose values are no names."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; one without a name has `""`. `mode` is IN, OUT or INOUT; `default` an expression or `""`.

    `plain`: of a type whose values are no names. `declared` is its type as it is written.
    """

    name: str
    mode: str = "IN"
    default: str = ""
    plain: bool = False
    declared: str = ""

    @property
    def comes_back(self) -> bool:
        """Whether the caller sees what the body assigns to it."""
        return self.mode != "IN"


@dataclass(frozen=True, slots=True)
class Routine:
    """A function, procedure, trigger, event, task or macro; `key` is its dotted name in lower case.

    `offset` is the body's place in the text, None where it has none. `columns` are those of the rows that it returns.
    `table` is the one that a trigger stands on, `rows` the trigger's names for its rows, `executes` the function that
    a PostgreSQL trigger runs. `declares`: the body begins with declarations. `within` are the variables around it.
    """

    key: str
    kind: str
    language: str
    body: str
    offset: int | None = None
    number: int = 0
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[str, ...] = ()
    declares: bool = False
    table: tuple[str, ...] = ()
    rows: Mapping[str, str] = field(default_factory=dict)
    executes: str = ""
    database: str | None = None
    search_path: tuple[str, ...] = ()
    within: Variables | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the body is SQL without a block."""
        words = self.body.split(maxsplit=1)
        is_query = bool(words) and words[0].lstrip("(").upper() in ("SELECT", "WITH", "")
        return self.language == "sql" or (self.kind == "FUNCTION" and is_query)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: its sources, its text if that is constant, the name that it is given for, if any.

    `variable` is the caller's variable that takes what comes back.
    """

    value: Value
    constant: str | None = None
    name: str = ""
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a call hands back: rows, a value, and for each argument what its parameter became, None for an input."""

    rows: Derived | None
    value: Value
    out: tuple[Value | None, ...]
