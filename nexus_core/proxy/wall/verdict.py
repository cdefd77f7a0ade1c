"""What the statement wall says of a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

INSUFFICIENT_PRIVILEGE, SYNTAX_ERROR = "42501", "42601"
"""SQLSTATEs of refusals: the first for everything that is not permitted, the second for what is no PostgreSQL."""


class Kind(StrEnum):
    """What a statement does, as far as who relays it has to know."""

    SELECT = "select"
    EXPLAIN = "explain"
    COPY = "copy"
    DECLARE = "declare"
    FETCH = "fetch"
    CLOSE = "close"
    PREPARE = "prepare"
    EXECUTE = "execute"
    DEALLOCATE = "deallocate"
    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SAVEPOINT = "savepoint"
    SET = "set"
    SHOW = "show"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True, order=True)
class ReadColumn:
    """A column that a statement reads, by the source's own names; `mask` is how it is seen, `clear` unmasked."""

    schema: str
    relation: str
    column: str
    mask: str

    @property
    def is_masked(self) -> bool:
        """Whether the value that is read differs from the stored one."""
        return self.mask != "clear"


@dataclass(frozen=True, slots=True)
class Permitted:
    """A text that may be sent to the source, as `text`; its `statements` may be none, where it was empty.

    `relations` are (schema, name) of the source; `catalogue` says that the filtered catalogue is read too. `notices`
    are for the person: results that rest on masked values. `normalised` is the given text without its literals, and
    `fingerprint` 16 hexadecimal digits that equal texts share.
    """

    text: str
    statements: tuple[Kind, ...]
    relations: tuple[tuple[str, str], ...] = ()
    columns: tuple[ReadColumn, ...] = ()
    notices: tuple[str, ...] = ()
    catalogue: bool = False
    normalised: str = ""
    fingerprint: str = ""

    @property
    def masked(self) -> tuple[ReadColumn, ...]:
        """The columns that are read masked."""
        return tuple(column for column in self.columns if column.is_masked)

    @property
    def clear(self) -> tuple[ReadColumn, ...]:
        """The columns that are read as they are stored."""
        return tuple(column for column in self.columns if not column.is_masked)


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that must not be sent; `hint` says what to write instead, or is empty.

    `normalised` is the text without its literals, empty where it could not be parsed: then nothing of it may be kept.
    `position` is the character, counted from 1, that the refusal is about; 0 where it is about the whole.
    """

    reason: str
    hint: str = ""
    sqlstate: str = INSUFFICIENT_PRIVILEGE
    position: int = 0
    normalised: str = ""
    fingerprint: str = ""
