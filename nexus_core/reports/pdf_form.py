"""A report as PDF, by reportlab; nothing is fetched, and no text of a report is taken for markup."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from html import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle, PropertySet, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from nexus_core.reports.document import Report, Section, Table

_MARGIN = 15 * mm
_SHADE = colors.HexColor("#eef1f5")
_LINE = colors.HexColor("#c8ced6")
_LINES_MAX = 30  # of a cell, below what a page holds
_STYLE = TableStyle(
    [
        ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
)


def to_pdf(report: Report) -> bytes:
    """Give the report on pages of A4, each with title, moment and number."""
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=report.title,
        author="LineageNexus",
        invariant=True,
    )

    def number(canvas: Canvas, _document: object) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.drawString(_MARGIN, 8 * mm, f"{report.title} · {report.made_at:%Y-%m-%d %H:%M} UTC · {report.made_by}")
        canvas.drawRightString(landscape(A4)[0] - _MARGIN, 8 * mm, str(canvas.getPageNumber()))

    document.build(_story(report, document.width), onFirstPage=number, onLaterPages=number)
    return file.getvalue()


def _story(report: Report, width: float) -> list[Flowable]:
    styles = getSampleStyleSheet()
    cell = ParagraphStyle("cell", parent=styles["BodyText"], fontSize=7.5, leading=9.5, wordWrap="CJK")
    story: list[Flowable] = [
        Paragraph(_shown(report.title), styles["Title"]),
        Paragraph(_shown(f"As of {report.made_at:%Y-%m-%d %H:%M} UTC, made by {report.made_by}"), styles["BodyText"]),
        Spacer(1, 6 * mm),
    ]
    for section in report.sections:
        story += _section(section, styles["Heading2"], styles["BodyText"], cell, width)
    return story


def _section(
    section: Section, heading: PropertySet, body: PropertySet, cell: ParagraphStyle, width: float
) -> list[Flowable]:
    story: list[Flowable] = [Paragraph(_shown(section.title), heading)]
    story += [Paragraph(_shown(note), body) for note in section.notes]
    if section.table and section.table.rows:
        story.append(_table(section.table, cell, width))
    elif section.table:
        story.append(Paragraph("None.", body))
    return [*story, Spacer(1, 4 * mm)]


def _table(table: Table, style: ParagraphStyle, width: float) -> LongTable:
    """Lay a table out; a word that is wider than its column is broken, a row higher than a page goes on in another."""
    each = width / len(table.header)
    most = int(_LINES_MAX * each / style.fontSize)
    rows = [table.header, *(part for row in table.rows for part in _parts(row, most))]
    cells = [[Paragraph(_cell(text), style) for text in row] for row in rows]
    return LongTable(cells, colWidths=[each] * len(table.header), repeatRows=1, style=_STYLE)


def _parts(row: Sequence[str | None], most: int) -> Iterator[list[str | None]]:
    """Split a row into rows none of whose cells has more than `most` letters."""
    longest = max(len(cell or "") for cell in row)
    for start in range(0, max(longest, 1), most):
        yield [cell if cell is None and not start else (cell or "")[start : start + most] for cell in row]


def _cell(text: str | None) -> str:
    return "<i>unknown</i>" if text is None else _shown(text)


def _shown(text: str) -> str:
    """Escape markup, and write letters that PDF's own fonts lack as \\uXXXX: CSV and JSON have them as they are."""
    return escape(text.encode("cp1252", "backslashreplace").decode("cp1252"))
