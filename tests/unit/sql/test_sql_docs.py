"""Every problem code that the engine can give stands in docs/sql.md, and no other does."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
GIVEN = re.compile(r"(?:SqlError|SqlProblem|problem|fail)\(\s*\"([a-z_]+)\"")


def test_problem_codes_are_documented() -> None:
    sources = [*(ROOT / "nexus_core/sql").rglob("*.py"), ROOT / "nexus_core/cli/lineage_sql.py"]
    given = {code for path in sources for code in GIVEN.findall(path.read_text())}
    table = (ROOT / "docs/sql.md").read_text().split("## Problems")[1].split("## Limits")[0]
    assert given == {
        code
        for row in table.splitlines()[3:]
        for code in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
