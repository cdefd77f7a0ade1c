"""A report before it has a form: sections of sentences and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below a header; None is unknown and is shown as such."""

    header: tuple[str, ...]
    rows: Sequence[tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a title; `notes` say what the reader must know to trust it, such as what is not known."""

    title: str
    notes: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as of a moment; `made_by` is who asked for it."""

    kind: str
    title: str
    made_at: datetime
    made_by: str
    sections: tuple[Section, ...]
