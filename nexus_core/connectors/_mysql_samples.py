"""Values of a few rows of a MySQL or MariaDB table, and MySQL's histograms of its columns; read only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from nexus_core.connectors._mysql_objects import quoted
from nexus_core.connectors._mysql_session import LOST, Row, Session, code, sentence
from nexus_core.connectors._samples import (
    STORED,
    Look,
    Rows,
    SampledSettings,
    UnreadError,
    each_value,
    has_range,
    sampler,
    selected,
)
from nexus_core.connectors._statistics import extremes
from nexus_core.connectors.objects import FieldStatistics, Sample, SourceDataset, SourceField
from nexus_core.connectors.report import Report
from nexus_core.model.naming_tables import quoted_parts

_HISTOGRAMS = (8, 0, 2)


class Tables:
    """The tables of an open session; `errors` are those of the driver."""

    def __init__(self, session: Session, settings: SampledSettings, report: Report, errors: type[Exception]) -> None:
        self._session, self._settings, self._report, self._errors = session, settings, report, errors

    def sampler(self, dataset: SourceDataset) -> Callable[[], Sample] | None:
        """Give what looks at a table's rows as the settings ask."""
        if dataset.kind not in STORED:
            return None
        schema, table = quoted_parts(dataset.name.name)
        look = Look(
            dataset.name.name,
            dataset.fields,
            lambda fields, count: self._read(quoted(schema, table), fields, count),
            lambda: self._counted(schema, table, dataset.fields),
        )
        return sampler(self._settings, self._report, look)

    def _read(self, table: str, fields: Sequence[SourceField], count: int) -> Rows:
        return each_value(
            self._all(lambda: self._session.run(f"SELECT {selected(fields, quoted)} FROM {table} LIMIT {count}"))
        )

    def _counted(self, schema: str, table: str, fields: Sequence[SourceField]) -> dict[str, FieldStatistics]:
        if self._session.mariadb or self._session.version < _HISTOGRAMS:
            return {}
        given = {"schema": schema, "table": table}
        ranged = {each.name for each in fields if has_range(each.type)}
        rows = self._all(lambda: self._session.all("histograms", given))
        return {row["name"]: statistics(orjson.loads(row["histogram"]), ranged=row["name"] in ranged) for row in rows}

    def _all(self, ask: Callable[[], list[Row]]) -> list[Row]:
        try:
            return ask()
        except self._errors as error:
            if code(error) in LOST:
                raise
            raise UnreadError(sentence(error)) from error


def statistics(histogram: Mapping[str, Any], *, ranged: bool) -> FieldStatistics:
    """Give what a histogram says (MySQL manual, "The INFORMATION_SCHEMA COLUMN_STATISTICS Table").

    One of equal heights tells in each bucket how many values it holds; the other has a bucket for each value.
    """
    buckets = histogram["buckets"]
    whole = histogram["histogram-type"] == "singleton"
    distinct = len(buckets) if whole else sum(round(bucket[3]) for bucket in buckets)
    least, most = extremes(map(str, _ends(buckets, whole=whole))) if ranged else (None, None)
    return FieldStatistics(round(float(histogram["null-values"]), 4), distinct, least, most)


def _ends(buckets: Sequence[Sequence[Any]], *, whole: bool) -> Iterator[Any]:
    for bucket in buckets:
        yield bucket[0]
        if not whole:
            yield bucket[1]
