"""Lineage of SQL texts, derived once for equal text, surroundings and schemas.

Texts that differ only in blanks, comments and compared values count as equal (`nexus_core.sql.normal_form`).

The store keeps each outcome under the digest of all that it depends on, without literals: erasing an event's text
leaves its lineage, and a worker that starts anew parses nothing twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Protocol, TypeVar

import orjson

from nexus_core.errors import SqlOverrunError
from nexus_core.model.edge import digest_of
from nexus_core.model.statement import References, Schema, SqlLineage, SqlRequest
from nexus_core.sql import DERIVATION_VERSION
from nexus_core.sql.codec import lineage_from, references_from
from nexus_core.sql.normal_form import normal_form
from nexus_core.store.ledger import Snapshot
from nexus_core.store.ledger_rows import DerivationRow
from nexus_core.worker import figures
from nexus_core.worker.cache import Cache
from nexus_core.worker.units import literals_hidden

_KEPT = 4096
_Outcome = TypeVar("_Outcome")


class Parser(Protocol):
    """Derives lineage outside this process, so that a text that runs away costs only itself.

    Both raise SqlOverrunError where the parse was stopped by clock or memory: no result, and never stored as one.
    """

    async def references(self, request: SqlRequest) -> References:
        """Give the tables whose schemas, and the routines whose texts, could matter."""
        ...

    async def derive(self, request: SqlRequest) -> SqlLineage:
        """Give the lineage."""
        ...


class Statements:
    """Derivations with two caches: memory, then the ledger. `new` collects what a round has to store."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._references: Cache[References] = Cache(_KEPT)
        self._lineages: Cache[SqlLineage] = Cache(_KEPT)

    async def references(self, request: SqlRequest, ledger: Snapshot, new: list[DerivationRow]) -> References:
        """Give the tables and routines that matter to a text."""
        form = normal_form(request)
        request = form.request if form else request

        async def parse() -> References:
            with _measured():
                return await self._parser.references(request)

        key = digest_of(["references", *_text(request)])
        return await _cached(self._references, key, ledger, new, parse, references_from, asdict)

    async def lineage(
        self, request: SqlRequest, schema: Schema, ledger: Snapshot, new: list[DerivationRow]
    ) -> SqlLineage:
        """Give the lineage of a text under schemas."""
        form = normal_form(request)
        if form is not None:
            own = form.own(await self._derived(form.request, schema, ledger, new))
            if own is not None:
                return own
        return await self._derived(request, schema, ledger, new)

    async def _derived(
        self, request: SqlRequest, schema: Schema, ledger: Snapshot, new: list[DerivationRow]
    ) -> SqlLineage:
        async def parse() -> SqlLineage:
            with _measured():
                return _without_literals(await self._parser.derive(replace(request, schema=schema or None)))

        fields = [[table, list(columns.items())] for table, columns in sorted(schema.items())]
        key = digest_of(["lineage", *_text(request), fields])
        return await _cached(self._lineages, key, ledger, new, parse, lineage_from, _to_json)


@contextmanager
def _measured() -> Iterator[None]:
    """Note how long a parse takes, and those that are stopped."""
    with figures.PARSE_SECONDS.time(), figures.OVERRUNS.count_exceptions(SqlOverrunError):
        yield


async def _cached(
    cache: Cache[_Outcome],
    key: str,
    ledger: Snapshot,
    new: list[DerivationRow],
    parse: Callable[[], Awaitable[_Outcome]],
    load: Callable[[Any], _Outcome],
    dump: Callable[[_Outcome], Any],
) -> _Outcome:
    known = cache.get(key)
    if known is not None:
        return known
    stored = await ledger.derivations([key])
    if stored:
        known = load(orjson.loads(stored[0].body))
    else:
        known = await _twice(parse)
        new.append(DerivationRow(key, orjson.dumps(dump(known))))
    cache.put(key, known)
    return known


async def _twice(parse: Callable[[], Awaitable[_Outcome]]) -> _Outcome:
    """Try again once: a parse that clock or memory stopped may have met a busy machine."""
    try:
        return await parse()
    except SqlOverrunError:
        return await parse()


def _text(request: SqlRequest) -> list[Any]:
    told = [DERIVATION_VERSION, request.sql, request.dialect, request.default_database, request.default_schema]
    return [*told, sorted(request.definitions.items())]


def _without_literals(lineage: SqlLineage) -> SqlLineage:
    columns = tuple(replace(column, expression=literals_hidden(column.expression)) for column in lineage.columns)
    problems = tuple(replace(problem, message=literals_hidden(problem.message)) for problem in lineage.problems)
    return replace(lineage, columns=columns, problems=problems, steps=())


def _to_json(lineage: SqlLineage) -> Mapping[str, Any]:
    fields = {field.name: getattr(lineage, field.name) for field in dataclasses.fields(lineage)}
    return {**fields, "reads": dict(lineage.reads), "resolved": sorted(lineage.resolved)}
