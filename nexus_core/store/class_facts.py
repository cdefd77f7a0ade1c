"""What classes are computed from, in a projection's ledger: decisions, and which datasets are to be looked at again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Dialect, bindparam, delete, insert, literal, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from nexus_core.model.classes import PUBLIC, Act
from nexus_core.model.names import DatasetName
from nexus_core.store.by_key import rows_by
from nexus_core.store.class_tables import class_dirty, class_statement
from nexus_core.store.ledger_rows import Changes
from nexus_core.store.ledger_tables import evidence
from nexus_core.store.many import Many

Connection = AsyncConnection
_KEYS_MAX = 500  # parameters of one statement, below every database's limit


class ClassStatementRow(NamedTuple):
    """One decision about a field, or about the whole dataset; a definition has no dataset."""

    dataset_key: str
    field: str
    event_id: str
    namespace: str
    name: str
    act: str
    class_name: str
    principal: str
    accepted_at: int
    details: bytes


class Dirty(NamedTuple):
    """That a dataset is to be looked at again, and with `readers` all that ever read it too."""

    id: int
    name: DatasetName
    readers: bool


class ClassChanges(NamedTuple):
    """What a round adds: decisions, the datasets that they name, and those whose name is another now."""

    statements: list[ClassStatementRow]
    named: list[DatasetName]
    renamed: list[DatasetName]


async def save_class_changes(connection: Connection, changes: ClassChanges) -> None:
    """Write a round's decisions; part of the ledger's transaction."""
    await _STATEMENTS.run(connection, [row._asdict() for row in changes.statements])
    if any(row.act == Act.DEFINE for row in changes.statements):
        await mark_all(connection)
    await mark(connection, changes.named)
    await mark(connection, changes.renamed, readers=True)


async def note_written(connection: Connection, changes: Changes) -> None:
    """Note the datasets whose lineage a commit changes; part of its transaction."""
    outputs = {(row.output_namespace, row.output_name) for row in changes.evidence}
    await mark(connection, [DatasetName(space, name) for space, name in outputs if space is not None and name])


async def mark(connection: Connection, names: Iterable[DatasetName], *, readers: bool = False) -> None:
    """Note datasets to look at again. Rows are only added, so that writers never wait for each other."""
    rows = [{"namespace": name.namespace, "name": name.name, "readers": readers} for name in sorted(set(names))]
    await _DIRTY.run(connection, rows)


async def mark_all(connection: Connection) -> None:
    """Note every dataset that anything writes or a decision names."""
    row, named = evidence.c, class_statement.c
    outputs = select(row.output_namespace, row.output_name, literal(False)).where(row.output_key.is_not(None))
    decided = select(named.namespace, named.name, literal(False)).where(named.dataset_key != "")
    every = union(outputs, decided)
    await connection.execute(insert(class_dirty).from_select(["namespace", "name", "readers"], every))


async def dirty(connection: Connection, limit: int) -> list[Dirty]:
    """Give what is to be looked at again, the oldest first."""
    rows = await connection.execute(select(class_dirty).order_by(class_dirty.c.id).limit(limit))
    return [Dirty(row.id, DatasetName(row.namespace, row.name), row.readers) for row in rows]


async def settle(connection: Connection, done: Sequence[Dirty]) -> None:
    """Note that these were looked at; what was noted meanwhile stays."""
    ids = [one.id for one in done]
    for start in range(0, len(ids), _KEYS_MAX):
        part = ids[start : start + _KEYS_MAX]
        await connection.execute(delete(class_dirty).where(class_dirty.c.id.in_(part)))


async def statements(connection: Connection, keys: Collection[str]) -> list[ClassStatementRow]:
    """Give the decisions about datasets."""
    return await rows_by(connection, ClassStatementRow, class_statement.c.dataset_key, keys)


async def declared_public(connection: Connection, keys: Collection[str]) -> dict[str, set[str]]:
    """Give, by dataset key, the fields of which a steward said that they are Public; WHOLE for the whole dataset."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in await statements(connection, keys):
        if row.act in (Act.SET, Act.ACCEPT) and row.class_name == PUBLIC:
            found[row.dataset_key].add(row.field)
    return found


async def definitions(connection: Connection) -> list[ClassStatementRow]:
    """Give the definitions of classes."""
    return await statements(connection, [""])


def _statement_insert(dialect: Dialect) -> object:
    statement = (postgresql if dialect.name == "postgresql" else sqlite).insert(class_statement)
    return statement.on_conflict_do_nothing(index_elements=["dataset_key", "field", "event_id"])


_STATEMENTS = Many(_statement_insert)
_DIRTY = Many(
    lambda _: insert(class_dirty).values({name: bindparam(name) for name in ("namespace", "name", "readers")})
)
