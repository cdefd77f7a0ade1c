"""A report as CSV (RFC 4180): every table below a line with its title, each cell as text."""

from __future__ import annotations

import csv
import io

from nexus_core.reports.document import Report

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: Report) -> bytes:
    """Give UTF-8 with a byte order mark, which spreadsheets need to read it as such."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["report", report.title, report.made_at.isoformat(), safe_cell(report.made_by)])
    for section in report.sections:
        writer.writerow([])
        writer.writerow(["section", safe_cell(section.title)])
        for note in section.notes:
            writer.writerow(["note", safe_cell(note)])
        if section.table:
            writer.writerow(section.table.header)
            writer.writerows([safe_cell(cell) for cell in row] for row in section.table.rows)
    return text.getvalue().encode("utf-8-sig")


def safe_cell(cell: str | None) -> str:
    """Give a cell that no spreadsheet takes for a formula (OWASP, CSV Injection); unknown is said."""
    if cell is None:
        return "unknown"
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
