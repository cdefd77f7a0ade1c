"""Every setting is documented as it is."""

from __future__ import annotations

import re
from pathlib import Path

from nexus_core.settings import known_variables

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def test_the_docs_list_every_setting_with_its_meaning() -> None:
    documented = dict(re.findall(r"^\| `(NEXUS_\w+)` \| (.*?) \|", OPERATIONS.read_text(), re.MULTILINE))
    assert documented == {name: meaning for name, (meaning, _) in known_variables().items()}
