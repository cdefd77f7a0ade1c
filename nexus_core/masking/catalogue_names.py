"""Names and strings in the statements that make the filtered catalogue."""

from __future__ import annotations


def name(value: str) -> str:
    """Write a name."""
    return '"' + value.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Write a string so that no setting of the server changes how it is read."""
    quoted = "'" + value.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in value else quoted
