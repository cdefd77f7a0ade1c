"""The record of processing activities (GDPR, Article 30): what was recorded, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from nexus_core.model.names import DatasetName
from nexus_core.model.processing import ProcessingActivity, missing
from nexus_core.reports.document import Report, Section, Table

_FIELDS = (
    ("controller", "Controller"),
    ("contact", "Contact"),
    ("purpose", "Purpose"),
    ("legal_basis", "Legal basis"),
    ("subject_categories", "Data subjects"),
    ("data_categories", "Personal data"),
    ("recipients", "Recipients"),
    ("transfers", "Transfers"),
    ("retention", "Retention"),
    ("measures", "Measures"),
    ("residency", "Residency"),
)


def article_30(
    activities: Sequence[ProcessingActivity],
    classified: Mapping[DatasetName, Sequence[tuple[str, str]]],
    made_at: datetime,
    made_by: str,
) -> Report:
    """Give the record; `classified` has the fields with their class of datasets that hold personal data.

    Datasets with personal data that no activity names are told too: nobody said why they are held.
    """
    named = {dataset for activity in activities for dataset in activity.datasets}
    sections = [_overview(activities)]
    sections += [_activity(activity, classified) for activity in activities]
    sections.append(_unnamed({name: fields for name, fields in classified.items() if name not in named}))
    return Report("article-30", "Record of processing activities", made_at, made_by, tuple(sections))


def _overview(activities: Sequence[ProcessingActivity]) -> Section:
    rows = [(each.name, each.controller, each.purpose, "; ".join(missing(each)) or "nothing") for each in activities]
    table = Table(("Activity", "Controller", "Purpose", "Missing"), rows)
    return Section("Activities", ("What nobody recorded is missing or unknown; nothing is guessed.",), table)


def _activity(activity: ProcessingActivity, classified: Mapping[DatasetName, Sequence[tuple[str, str]]]) -> Section:
    rows = [(title, _text(getattr(activity, name))) for name, title in _FIELDS]
    for dataset in activity.datasets:
        fields = classified.get(dataset)
        shown = ", ".join(f"{field} ({class_name})" for field, class_name in fields) if fields else None
        rows.append((f"Dataset {dataset.name} in {dataset.namespace}", shown))
    lacks = missing(activity)
    notes = (f"Missing: {'; '.join(lacks)}.",) if lacks else ("Complete.",)
    return Section(activity.name, notes, Table(("", ""), rows))


def _unnamed(datasets: Mapping[DatasetName, Sequence[tuple[str, str]]]) -> Section:
    rows = [
        (name.namespace, name.name, ", ".join(f"{field} ({class_name})" for field, class_name in fields))
        for name, fields in sorted(datasets.items())
    ]
    note = "Datasets that hold personal data and that no activity names: why they are held is not recorded."
    return Section("Personal data without an activity", (note,), Table(("Namespace", "Dataset", "Fields"), rows))


def _text(value: str | Iterable[str] | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return ", ".join(value) or None
