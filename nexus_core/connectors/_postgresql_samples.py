"""Values of a few rows of a PostgreSQL table, and the planner's statistics of its columns; read only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nexus_core.connectors._postgresql_objects import sentence
from nexus_core.connectors._samples import VALUE_CHARS, Look, Rows, SampledSettings, UnreadError, each_value, has_range
from nexus_core.connectors._samples import sampler as any_sampler
from nexus_core.connectors._statistics import distinct_of, extremes
from nexus_core.connectors.objects import FieldStatistics, Sample, SourceDataset, SourceField
from nexus_core.connectors.report import Report

if TYPE_CHECKING:
    import psycopg

Row = Mapping[str, Any]
_KINDS = ("r", "p", "m")  # a view or a foreign table may cost anything


class Table:
    """One table over an open connection; `statistics` is the statement that asks for the planner's."""

    def __init__(self, driver: ModuleType, connection: psycopg.Connection[dict[str, Any]], statistics: str) -> None:
        self._driver, self._connection, self._statistics = driver, connection, statistics

    def sampler(
        self, row: Row, dataset: SourceDataset, settings: SampledSettings, report: Report
    ) -> Callable[[], Sample] | None:
        """Give what looks at the rows of a relation as the settings ask."""
        if row["kind"] not in _KINDS:
            return None
        look = Look(
            f"{row['schema']}.{row['name']}",
            dataset.fields,
            lambda fields, count: self._read(row, fields, count),
            lambda: self._counted(row, dataset.fields),
        )
        return any_sampler(settings, report, look)

    def _read(self, row: Row, fields: Sequence[SourceField], count: int) -> Rows:
        sql = self._driver.sql
        columns = sql.SQL(", ").join(
            sql.SQL("left({}::text, {}) AS {}").format(
                sql.Identifier(each.name), VALUE_CHARS, sql.Identifier(str(place))
            )
            for place, each in enumerate(fields)
        )
        table = sql.Identifier(row["schema"], row["name"])
        return each_value(self._all(sql.SQL("SELECT {} FROM {} LIMIT {}").format(columns, table, sql.Literal(count))))

    def _counted(self, row: Row, fields: Sequence[SourceField]) -> dict[str, FieldStatistics]:
        ranged = [each.name for each in fields if has_range(each.type)]
        given = {"schema": row["schema"], "name": row["name"], "ranged": ranged}
        return {each["name"]: statistics(each, row["row_count"]) for each in self._all(self._statistics, given)}

    def _all(self, query: Any, given: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        try:
            with self._connection.transaction():
                return self._connection.execute(query, given).fetchall()
        except (self._driver.DatabaseError, UnicodeDecodeError) as error:
            if self._connection.broken:
                raise
            raise UnreadError(sentence(error)) from error


def statistics(row: Row, row_count: int | None) -> FieldStatistics:
    """Give what a row of pg_stats says (PostgreSQL, system view pg_stats): shares, and values that ANALYZE saw."""
    least, most = extremes([*(row["bounds"] or ()), *(row["common"] or ())])
    share = float(row["null_share"])
    return FieldStatistics(round(share, 4), distinct_of(float(row["distinct_count"]), row_count), least, most)
