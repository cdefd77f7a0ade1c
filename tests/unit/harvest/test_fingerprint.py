from __future__ import annotations

from nexus_core.harvest.facets import fingerprinted
from nexus_core.model import facets


def test_leaves_out_what_differs_from_sample_to_sample() -> None:
    def said(share: float, rows: int) -> dict[str, dict[str, object]]:
        fields = {"a": {"nullable": True, "presence": share, "types": {"int": share}}}
        return {facets.COLUMNS: {"fields": fields}, facets.PROFILE: {"row_count": rows, "row_count_at": str(rows)}}

    assert fingerprinted(said(0.5, 1001)) == fingerprinted(said(0.51, 1002))
    assert fingerprinted(said(0.5, 1001)) != fingerprinted(said(0.5, 2001))
    assert fingerprinted(said(0.5, 1))[facets.COLUMNS] == {"fields": {"a": {"nullable": True}}}
