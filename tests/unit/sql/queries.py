"""Random SQL from a small grammar: plans that are written out under any aliases and layout."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

SCHEMA = {
    "orders": {"id": "int", "customer": "int", "amount": "int", "day": "date"},
    "customers": {"id": "int", "name": "text", "region": "int"},
    "regions": {"id": "int", "name": "text"},
    "events": {"id": "int", "customer": "int", "kind": "text", "day": "date"},
}
_TABLES = sorted(SCHEMA)
_WRAPPED = [
    "{}",
    "{}",
    "coalesce({}, 0)",
    "upper({})",
    "case when {} > 1 then 1 else 0 end",
    "({} + 1)",
    "cast({} as int)",
]
_AGGREGATES = ["sum({})", "max({})", "count(distinct {})", "min({}) over (partition by {})"]


@dataclass(frozen=True)
class Source:
    """A table or a query in FROM, with how it is joined."""

    columns: tuple[str, ...]
    table: str = ""
    query: Query | None = None
    join: str = "join"
    on: tuple[str, str] | None = None


@dataclass(frozen=True)
class Query:
    """One SELECT or several in a union; items are templates over (source, column) pairs."""

    sources: tuple[Source, ...]
    items: tuple[tuple[str, int, str], ...]
    filters: tuple[tuple[int, str], ...]
    subquery: tuple[int, str, str, str] | None
    union: Query | None = None
    as_cte: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(f"x{at}" for at in range(len(self.items)))


@st.composite
def queries(draw: st.DrawFn, depth: int = 2, width: int | None = None) -> Query:
    """Give a query whose every name is qualified and exists."""
    sources = [draw(_sources(depth))]
    for _ in range(draw(st.integers(0, 2))):
        source = draw(_sources(depth))
        left = draw(st.sampled_from(sources[-1].columns))
        on = (left, draw(st.sampled_from(source.columns)))
        join = draw(st.sampled_from(["join", "left join", "full join"]))
        sources.append(Source(source.columns, source.table, source.query, join, on))
    columns = [(at, column) for at, source in enumerate(sources) for column in source.columns]
    template = st.sampled_from([*_WRAPPED, *_AGGREGATES])
    count = width or draw(st.integers(1, 4))
    items = tuple((draw(template), *draw(st.sampled_from(columns))) for _ in range(count))
    filters = tuple(draw(st.lists(st.sampled_from(columns), max_size=2)))
    inner = draw(st.sampled_from(_TABLES))
    keys = st.sampled_from(sorted(SCHEMA[inner]))
    subquery = (*draw(st.sampled_from(columns)), inner, draw(keys)) if draw(st.booleans()) else None
    union = draw(queries(depth=0, width=count)) if depth and draw(st.integers(0, 3)) == 0 else None
    return Query(tuple(sources), items, filters, subquery, union, draw(st.booleans()))


@st.composite
def _sources(draw: st.DrawFn, depth: int) -> Source:
    if depth and draw(st.booleans()):
        query = draw(queries(depth=depth - 1))
        return Source(query.columns, query=query)
    table = draw(st.sampled_from(_TABLES))
    return Source(tuple(SCHEMA[table]), table)


class Writer:
    """Writes plans as SQL; `alias` begins every alias and every WITH query's name."""

    def __init__(self, alias: str = "s") -> None:
        self._alias, self._count = alias, 0
        self._ctes: list[str] = []

    def text(self, query: Query) -> str:
        """Give a whole query."""
        body = self._query(query)
        return f"with {', '.join(self._ctes)} {body}" if self._ctes else body

    def _query(self, query: Query) -> str:
        names: list[str] = []
        come: list[str] = []
        for source in query.sources:
            name = self._name()
            come.append(self._source(source, name, names))
            names.append(name)
        items = [
            f"{template.format(*[f'{names[at]}.{column}'] * 2)} as x{number}"
            for number, (template, at, column) in enumerate(query.items)
        ]
        select = f"select {', '.join(items)} from {' '.join(come)}{self._where(query, names)}"
        return f"{select} union all {self._query(query.union)}" if query.union else select

    def _source(self, source: Source, name: str, before: list[str]) -> str:
        if source.query is None:
            what = source.table
        elif source.query.as_cte:
            what = self._name()
            self._ctes.append(f"{what} as ({self._query(source.query)})")
        else:
            what = f"({self._query(source.query)})"
        if not before or source.on is None:
            return f"{what} as {name}"
        return f"{source.join} {what} as {name} on {before[-1]}.{source.on[0]} = {name}.{source.on[1]}"

    def _where(self, query: Query, names: list[str]) -> str:
        conditions = [f"{names[at]}.{column} > 0" for at, column in query.filters]
        if query.subquery is not None:
            at, column, table, key = query.subquery
            name = self._name()
            conditions.append(f"exists (select 1 from {table} as {name} where {name}.{key} = {names[at]}.{column})")
        return f" where {' and '.join(conditions)}" if conditions else ""

    def _name(self) -> str:
        self._count += 1
        return f"{self._alias}{self._count}"
