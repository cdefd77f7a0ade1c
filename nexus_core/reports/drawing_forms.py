"""A drawing as SVG and as PDF; no text of it is taken for markup, and nothing is fetched."""

from __future__ import annotations

import io
from html import escape

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from nexus_core.reports.drawing import BOX_HEIGHT, BOX_WIDTH, Box, Drawing

_FILL, _START, _LINE, _TEXT, _PALE = "#ffffff", "#ccfbf1", "#94a3b8", "#0f172a", "#64748b"
_BEND = 45
_PDF_MOST = 14_400  # points of a page's side (PDF 1.7, annex C.2)


def to_svg(drawing: Drawing) -> bytes:
    """Give an SVG 1.1 image."""
    size = f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"'
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">',
        *map(_svg_line, drawing.lines),
        *map(_svg_box, drawing.boxes),
        "</svg>",
    ]
    return "\n".join(parts).encode()


def to_pdf_drawing(drawing: Drawing, title: str) -> bytes:
    """Give a PDF of one page as large as the drawing, or scaled down to the largest page that there is."""
    file = io.BytesIO()
    scale = min(1.0, _PDF_MOST / max(drawing.width, drawing.height))
    canvas = Canvas(file, pagesize=(drawing.width * scale, drawing.height * scale), invariant=True)
    canvas.setTitle(title)
    canvas.scale(scale, scale)
    canvas.setStrokeColor(HexColor(_LINE))
    for x1, y1, x2, y2 in drawing.lines:
        up1, up2 = drawing.height - y1, drawing.height - y2
        canvas.bezier(x1, up1, x1 + _BEND, up1, x2 - _BEND, up2, x2, up2)
    for box in drawing.boxes:
        _pdf_box(canvas, box, drawing.height)
    canvas.save()
    return file.getvalue()


def _svg_line(line: tuple[int, int, int, int]) -> str:
    x1, y1, x2, y2 = line
    return (
        f'<path d="M{x1} {y1} C{x1 + _BEND} {y1} {x2 - _BEND} {y2} {x2} {y2}" fill="none" stroke="{_LINE}" '
        'stroke-width="1.2"/>'
    )


def _svg_box(box: Box) -> str:
    fill = _START if box.start else _FILL
    return (
        f'<g><rect x="{box.x}" y="{box.y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4" fill="{fill}" '
        f'stroke="{_LINE}"/><text x="{box.x + 8}" y="{box.y + 16}" font-size="11" fill="{_TEXT}">'
        f'{_clean(box.title)}</text><text x="{box.x + 8}" y="{box.y + 29}" font-size="9" fill="{_PALE}">'
        f"{_clean(box.subtitle)}</text></g>"
    )


def _pdf_box(canvas: Canvas, box: Box, height: int) -> None:
    canvas.setFillColor(HexColor(_START if box.start else _FILL))
    canvas.roundRect(box.x, height - box.y - BOX_HEIGHT, BOX_WIDTH, BOX_HEIGHT, 4, fill=1)
    for text, size, down, colour in ((box.title, 11, 16, _TEXT), (box.subtitle, 9, 29, _PALE)):
        canvas.setFont("Helvetica", size)
        canvas.setFillColor(HexColor(colour))
        canvas.drawString(box.x + 8, height - box.y - down, text.encode("cp1252", "replace").decode("cp1252"))


def _clean(text: str) -> str:
    """Escape markup, and leave out what XML 1.0 cannot hold."""
    return escape("".join(letter for letter in text if letter >= " " or letter == "\t"))
