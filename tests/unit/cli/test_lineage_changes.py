from datetime import UTC, datetime

import pytest
import typer
from rich.console import Console

from nexus_core.cli.lineage_changes import changes_table
from nexus_core.cli.moments import moment
from nexus_core.client.changes import Change, ChangedEdge, ChangedField

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def drawn(*rows):
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(changes_table(rows))
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_a_table_has_a_row_a_change():
    edge = ChangedEdge("datasetField:ns:s:a", "datasetField:ns:t:b", "DIRECT", "IDENTITY", "s.a", "job")
    other = ChangedEdge("datasetField:ns:s:a", "datasetField:ns:t:b", "DIRECT", "MASK", "s.a[1]", "job")
    old, new = (ChangedField("ns", "t", "b", type_) for type_ in ("int", "text"))
    assert drawn(
        Change("changed", "transformation", AT, "dataset:ns:t", edge, other, "sha256:1", "run1", "select\n  a"),
        Change("changed", "type", AT, "dataset:ns:t", old, new, "sha256:2", None, None),
        Change("removed", "field", AT, "dataset:ns:t", old, None, None, None, None),
    )[1:] == [
        "2026-01-01 12:00:00+00:00 changed transformation ns:s:a → ns:t:b IDENTITY s.a MASK s.a[1] run run1: select a",
        "2026-01-01 12:00:00+00:00 changed type t.b in ns int text event sha256:2",
        "2026-01-01 12:00:00+00:00 removed field t.b in ns int",
    ]


def test_nothing_is_said():
    assert drawn() == ["Nothing changed that is known."]


def test_moments_are_read_as_people_write_them():
    assert moment("--to", "2026-01-01") == datetime(2026, 1, 1, tzinfo=UTC)
    assert moment("--to", "2026-01-01T14:00:00+02:00") == AT
    with pytest.raises(typer.BadParameter, match="no time"):
        moment("--to", "yesterday")
