"""Who read columns with personal data, over time, as far as anything tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from nexus_core.reports.document import Report, Section, Table
from nexus_core.usage import Usage, Uses

_LIMITS = (
    "Reads are those that query logs of the sources told.",
    "An account may stand for several people, and an application's for all of its users.",
    "A read is of a column, in clear as the source shows it; which rows it gave is not known.",
    "A column without reads was not read by what the logs tell; it may have been read where none is harvested.",
)


def exposure_report(
    classified: Sequence[tuple[Usage, Mapping[str, str]]], days: int, made_at: datetime, made_by: str
) -> Report:
    """Give reads of the last days by column and account; each usage comes with its dataset's fields by class."""
    rows = [row for usage, fields in classified for row in _rows(usage, fields)]
    header = ("Namespace", "Dataset", "Field", "Class", "Account", "Reads", "Last")
    sections = (
        Section("What this tells", _LIMITS),
        Section(f"Reads of the last {days} days", (), Table(header, rows)),
    )
    return Report("exposure", "Who read personal data", made_at, made_by, sections)


def _rows(usage: Usage, fields: Mapping[str, str]) -> Sequence[tuple[str | None, ...]]:
    found: list[tuple[str | None, ...]] = []
    for name, class_name in sorted(fields.items()):
        uses = usage.fields.get(name)
        place = (usage.name.namespace, usage.name.name, name, class_name)
        if uses is None:
            found.append((*place, "nobody", "0", ""))
        else:
            last = uses.last_day.isoformat()
            found += [(*place, account or None, str(count), last) for account, count in _most(uses)]
    return found


def _most(uses: Uses) -> Sequence[tuple[str, int]]:
    return sorted(uses.by_account.items(), key=lambda each: (-each[1], each[0]))
