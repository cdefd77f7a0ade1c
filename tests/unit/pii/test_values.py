"""How often proposals are right that only values speak for, on columns without a name that says anything."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from nexus_core.model.personal import PersonalData
from nexus_core.pii import Column, propose

LABELLED = Path(__file__).parents[2] / "data" / "pii_values.txt"
_HEAD = re.compile(r"\[(?P<name>[^=\]]+?)(?: = (?P<data>\w+))?\]")
_ALONE = """
import sys
from nexus_core.pii import Column, propose
def heard(event, args):
    if event.startswith("socket."):
        sys.exit(f"{event} {args}")
sys.addaudithook(heard)
for values in (["a.b@mail.example.org", "x@example.co.uk"], ["+49 30 901820", "(212) 555-0199"], ["529 982 247 25"]):
    print([found.data.value for found in propose("t", [Column("c", "text", None, values * 5)])])
"""


def columns() -> Iterator[tuple[str, PersonalData | None, list[str]]]:
    found: list[tuple[str, PersonalData | None, list[str]]] = []
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        if head := _HEAD.fullmatch(line):
            found.append((head["name"], PersonalData(head["data"]) if head["data"] else None, []))
        elif line and not line.startswith("#"):
            found[-1][2].append(line)
    return iter(found)


def test_precision_and_recall_of_values_alone() -> None:
    right, proposed, labelled = 0, 0, 0
    for name, data, values in columns():
        found = next(propose("raw.t", [Column("c1", "text", None, values)]), None)
        proposed += found is not None
        labelled += data is not None
        right += found is not None and found.data is data
        if (found.data if found else None) is not data:
            print(f"{name}: {found.data if found else None}, not {data}")
    print(f"{proposed} proposed: precision {right / proposed:.3f}, recall {right / labelled:.3f}")
    assert right / proposed >= 0.95
    assert right / labelled >= 0.9


def test_nothing_opens_a_socket() -> None:
    done = subprocess.run([sys.executable, "-c", _ALONE], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["['email']", "['phone']", "['national_id']"], done.stderr
