"""Bounds of types, which no mask may leave."""

from __future__ import annotations

import pytest

from nexus_core.masking.types import ColumnType


@pytest.mark.parametrize(
    ("written", "bounds"),
    [
        ("smallint", ("-32768", "32767")),
        ("numeric", None),
        ("numeric(5,2)", ("-999.99", "999.99")),
        ("numeric(2,2)", ("-0.99", "0.99")),
        ("numeric(3,5)", ("-0.00999", "0.00999")),
        ("numeric(3,-2)", ("-99900", "99900")),
        ("text", None),
    ],
)
def test_bounds(written: str, bounds: tuple[str, str] | None) -> None:
    assert ColumnType(written).bounds == bounds
