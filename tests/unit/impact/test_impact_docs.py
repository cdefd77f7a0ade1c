"""Codes of reasons and kinds of change are those of docs/impact.md."""

from __future__ import annotations

import re
from pathlib import Path

from nexus_core.impact import judging
from nexus_core.model.impact import ChangeKind, Verdict

_TEXT = Path("docs/impact.md").read_text(encoding="utf-8")
_CODE = re.compile(r'(?:Reason|reason_of)\(\s*"([a-z_]+)"')


def _documented() -> set[str]:
    rows = re.findall(r"^\| (`[^|]*`) \| (?:breaks|changes|unknown) \|", _TEXT, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}


def test_every_reason_is_documented_and_no_other() -> None:
    sources = Path("nexus_core/impact").glob("*.py")
    told = {code for path in sources for code in _CODE.findall(path.read_text(encoding="utf-8"))}
    assert _documented() == (told | judging.MESSAGES.keys()) - {"unaffected"}


def test_every_kind_and_verdict_is_documented() -> None:
    for name in (*ChangeKind, *Verdict):
        assert f"| `{name}` |" in _TEXT
