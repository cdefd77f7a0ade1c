"""A report as JSON."""

from __future__ import annotations

import orjson

from nexus_core.reports.document import Report


def to_json(report: Report) -> bytes:
    """Give the report as it is, unknown cells as null."""
    return orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
