"""Curated metadata as CSV (RFC 4180): cells that no spreadsheet runs as a formula, read back as they were.

A list is one cell, its entries joined by `; `; within an entry `;` and `\\` are written after a `\\`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nexus_core.errors import InvalidInputError

KIND = "kind"
PLACE = ("namespace", "name", "field")
LIST_COLUMNS = ("owners", "tags", "terms")
VALUE_COLUMNS = ("description", "owners", "tags", "certification", "certification_note", "domain", "terms")
COLUMNS = (*PLACE, KIND, *VALUE_COLUMNS, "etag")
ROWS_MAX = 5_000

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_GUARDED = (*_FORMULA, "'")
_SEPARATOR = re.compile(r"(?<!\\)((?:\\\\)*);")
_CELL_MAX = 131_072


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row as it came; `number` counts rows of the table from 2, behind the header. Absent columns change nothing."""

    number: int
    cells: Mapping[str, str]

    @property
    def place(self) -> tuple[str, str, str]:
        """Namespace, name and field."""
        namespace, name, field = (self.cells.get(column, "") for column in PLACE)
        return namespace, name, field

    @property
    def is_job(self) -> bool:
        """Whether it is of a job; without the column, or with an empty cell, it is of a dataset.

        Raises InvalidInputError for another kind.
        """
        kind = self.cells.get(KIND, "") or "dataset"
        if kind not in ("dataset", "job"):
            raise InvalidInputError("is neither dataset nor job", f"$.row[{self.number}].{KIND}")
        return kind == "job"

    def list(self, column: str) -> list[str]:
        """Read a cell that holds a list."""
        return split(self.cells[column])


def write_csv(rows: Iterable[Sequence[str]]) -> str:
    """Give a table with its header; cells that a spreadsheet would run begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


def read_csv(body: bytes) -> list[CsvRow]:
    """Read a table; raises InvalidInputError for what is none, or has other columns than ours."""
    try:
        text = body.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"is no CSV in UTF-8: {error}", "$") from error
    if not rows:
        raise InvalidInputError("is empty: the first line names the columns", "$")
    header = [cell.strip().lower() for cell in rows[0]]
    _check_header(header)
    if len(rows) - 1 > ROWS_MAX:
        raise InvalidInputError(f"has more than {ROWS_MAX} rows", "$")
    return [_row(number, header, cells) for number, cells in enumerate(rows[1:], start=2) if any(cells)]


def guarded(cell: str) -> str:
    """Give a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_GUARDED) else cell


def unguarded(cell: str) -> str:
    """Give back what `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(_GUARDED) else cell


def join(entries: Iterable[str]) -> str:
    """Write a list as one cell."""
    return "; ".join(entry.replace("\\", "\\\\").replace(";", "\\;") for entry in entries)


def split(cell: str) -> list[str]:
    """Read what `join` wrote, or somebody by hand."""
    parts = _SEPARATOR.sub(r"\1" + "\x00", cell).split("\x00")
    entries = (re.sub(r"\\(.)", r"\1", part.strip(), flags=re.DOTALL) for part in parts)
    return list(dict.fromkeys(entry for entry in entries if entry))


def _check_header(header: Sequence[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or len(set(header)) != len(header) or not {"namespace", "name"} <= set(header):
        problem = (
            f"has the column {unknown[0][:100]!r}" if unknown else "lacks namespace and name, or has a column twice"
        )
        raise InvalidInputError(f"{problem}; there are {', '.join(COLUMNS)}", "$.row[1]")


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> CsvRow:
    if len(cells) != len(header) or any(len(cell) > _CELL_MAX or "\x00" in cell for cell in cells):
        raise InvalidInputError(
            f"has {len(cells)} cells, not {len(header)}, or one that is too long", f"$.row[{number}]"
        )
    return CsvRow(number, dict(zip(header, map(unguarded, cells), strict=True)))
