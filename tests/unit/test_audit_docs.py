"""Every audited action stands in the docs."""

import re
from pathlib import Path

from nexus_core.model.audit import Action

AUDIT = Path(__file__).parents[2] / "docs" / "audit.md"


def test_the_docs_list_every_action() -> None:
    documented = re.findall(r"^\| `([a-z.-]+)` \|", AUDIT.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(action.value for action in Action)
