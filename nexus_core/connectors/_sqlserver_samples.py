"""Values of a few rows of a table of SQL Server; read only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from nexus_core.connectors._sqlserver_objects import Row, quoted
from nexus_core.connectors._sqlserver_session import LOST, Session, code, sentence
from nexus_core.connectors.objects import Sample, SourceDataset, SourceField
from nexus_core.connectors.report import Report

_VERSION_OF_ROW = "timestamp"
"""SQL Server's type of that name counts changes, and is no time."""
_CUT = "CAST({} AS nvarchar({}))"  # LEFT takes no `text`


class Tables:
    """The tables of an open session; `errors` are those of the driver."""

    def __init__(self, session: Session, settings: SampledSettings, report: Report, errors: type[Exception]) -> None:
        self._session, self._settings, self._report, self._errors = session, settings, report, errors

    def sampler(self, row: Row, dataset: SourceDataset) -> Callable[[], Sample] | None:
        """Give what looks at a table's rows as the settings ask."""
        if dataset.kind not in STORED:
            return None
        fields = [each for each in dataset.fields if each.type != _VERSION_OF_ROW]
        table = quoted(row["schema_name"], row["name"])
        look = Look(dataset.name.name, fields, lambda wanted, count: self._read(table, wanted, count))
        return sampler(self._settings, self._report, look)

    def _read(self, table: str, fields: Sequence[SourceField], count: int) -> Rows:
        try:
            return each_value(self._session.run(f"SELECT TOP ({count}) {selected(fields, quoted, _CUT)} FROM {table}"))
        except self._errors as error:
            if code(error) in LOST or code(error) == 0:
                raise
            raise UnreadError(sentence(error)) from error
