"""Values of a few rows of a Redshift table, and the planner's statistics of its columns; read only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nexus_core.connectors._redshift_session import Session, sentence, state
from nexus_core.connectors._samples import (
    STORED,
    Look,
    Rows,
    SampledSettings,
    UnreadError,
    each_value,
    sampler,
    selected,
)
from nexus_core.connectors._statistics import distinct_of
from nexus_core.connectors.objects import FieldStatistics, SourceDataset, SourceField
from nexus_core.connectors.report import Report

_ENDS = ("08", "28", "57P", "58")


class Tables:
    """The tables of an open session; `error` is what the driver raises where the server refuses."""

    def __init__(self, session: Session, settings: SampledSettings, report: Report, error: type[Exception]) -> None:
        self._session, self._settings, self._report, self._error = session, settings, report, error

    def sampled(self, row: Mapping[str, Any], dataset: SourceDataset) -> SourceDataset:
        """Give a dataset with what looks at its rows as the settings ask."""
        if dataset.kind not in STORED:
            return dataset
        look = Look(
            dataset.name.name,
            dataset.fields,
            lambda fields, count: self._read(_quoted(row["schema"], row["name"]), fields, count),
            lambda: self._counted(row, dataset),
        )
        return replace(dataset, sample=sampler(self._settings, self._report, look))

    def _read(self, table: str, fields: Sequence[SourceField], count: int) -> Rows:
        sql = f"SELECT {selected(fields, _quoted)} FROM {table} LIMIT {count}"
        return each_value(self._all(lambda: self._session.run(sql)))

    def _counted(self, row: Mapping[str, Any], dataset: SourceDataset) -> dict[str, FieldStatistics]:
        """Read shares only: the values that ANALYZE saw cannot be had as text."""
        found = self._all(lambda: self._session.rows("field_statistics", (row["schema"], row["name"])))
        count = dataset.profile.row_count
        return {
            each["name"]: FieldStatistics(
                round(float(each["null_share"]), 4), distinct_of(float(each["distinct_count"]), count)
            )
            for each in found
        }

    def _all(self, ask: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        try:
            return ask()
        except self._error as error:
            if (state(error) or "").startswith(_ENDS):
                raise
            raise UnreadError(sentence(error)) from error


def _quoted(*parts: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
