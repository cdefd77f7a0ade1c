"""The seam between sources and checks: a connector that answers queries of others in a session that only reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from nexus_core.errors import ConfigurationError, SourceDataError
from nexus_core.model.naming_tables import quoted_parts

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Words:
    """How a source's SQL says what checks need; `{}` stands for an expression.

    `age` gives seconds since a time, `text` casts to text, `quote` is the character around names. `columns` asks for
    names and types of the columns of a table, whose schema and name are its parameters.
    """

    quote: str
    age: str
    text: str
    columns: str

    def name(self, text: str) -> str:
        """Write a name of the source."""
        return f"{self.quote}{text.replace(self.quote, self.quote * 2)}{self.quote}"


Ask = Callable[..., Rows]
"""Runs one statement with parameters by position and gives all its rows; raises a SourceError."""


@runtime_checkable
class Asking(Protocol):
    """A connector whose source can be asked."""

    words: Words

    def table(self, name: str) -> tuple[str, str, str]:
        """Give database, schema and table of a dataset's name; raises ConfigurationError if it has not these parts."""
        ...

    def asking(self, database: str) -> AbstractContextManager[Ask]:
        """Open a session that only reads, with the connector's time limits; statements are single ones."""
        ...


def unanswered(source: str, reason: str) -> SourceDataError:
    """Give the error of a statement that a source does not run."""
    return SourceDataError(source, reason, "Correct the check, or grant the right to read.")


def three_parts(name: str, title: str) -> tuple[str, str, str]:
    """Split `DATABASE.SCHEMA.TABLE` of a source called `title`; raises ConfigurationError for another name."""
    parts = tuple(quoted_parts(name))
    if len(parts) != 3:
        raise ConfigurationError(f"{name} is no dataset of {title}", "Write DATABASE.SCHEMA.TABLE")
    return parts[0], parts[1], parts[2]
