"""A generated estate of tables, views and statements, and changes to it, for servers to judge (docs/impact.md).

Everything follows from a seed. Tables share names of columns, so that a rename may make a name ambiguous or let another
column be meant; rows hold no NULL, and numbers stand in the column `code`, so that every change of a type can be made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nexus_core.model.impact import Change, ChangeKind, Estate, Statement
from nexus_core.model.names import DatasetName, JobName
from tests.changed_queries import Writer, category
from tests.changed_routines import procedures, triggers

_SCHEMA = "shop"
_TABLES: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "integer",
        "name": "varchar(60)",
        "email": "text",
        "active": "boolean",
        "created_at": "timestamp",
        "region_id": "integer",
    },
    "orders": {
        "order_id": "integer",
        "customer_id": "integer",
        "amount": "numeric(10,2)",
        "day": "date",
        "status": "varchar(20)",
        "paid": "boolean",
    },
    "items": {
        "item_id": "integer",
        "order_id": "integer",
        "product_id": "integer",
        "qty": "integer",
        "price": "numeric(8,2)",
        "note": "text",
    },
    "products": {
        "product_id": "integer",
        "name": "varchar(60)",
        "code": "text",
        "price": "numeric(8,2)",
        "weight": "double precision",
        "since": "date",
    },
    "regions": {"region_id": "integer", "title": "text", "population": "bigint", "code": "varchar(8)"},
    "payments": {
        "payment_id": "bigint",
        "order_id": "integer",
        "amount": "numeric(10,2)",
        "paid_at": "timestamp",
        "method": "varchar(12)",
    },
}
_KEYS = {"customer_id": "integer", "order_id": "integer", "product_id": "integer", "region_id": "integer"}
_MYSQL = {"boolean": "tinyint(1)", "integer": "int", "timestamp": "datetime", "double precision": "double"}
_RETYPES = {
    "integer": ("bigint", "text", "numeric(12,2)"),
    "bigint": ("numeric(20,0)", "text"),
    "numeric(10,2)": ("integer", "text", "double precision", "numeric(14,4)"),
    "numeric(8,2)": ("bigint", "text", "double precision"),
    "double precision": ("numeric(14,4)", "text", "integer"),
    "date": ("timestamp", "text"),
    "timestamp": ("date", "text"),
    "boolean": ("integer", "text"),
    "text": ("varchar(200)",),
    "varchar(60)": ("text", "varchar(80)"),
    "varchar(20)": ("text",),
    "varchar(12)": ("text",),
    "varchar(8)": ("integer", "text"),
}


@dataclass(frozen=True)
class Made:
    """One object or statement of the estate, as text; `name` is "" for a statement, `columns` those of its result.

    `call` runs a procedure or trigger once it is defined, `undo` takes it away where no transaction does.
    """

    name: str
    sql: str
    reads: frozenset[str]
    columns: tuple[tuple[str, str], ...] = ()
    writes: str = ""
    call: str = ""
    undo: str = ""


@dataclass(frozen=True)
class Generated:
    """An estate: base tables, tables that jobs fill, views in the order of their making, statements and routines.

    `routines` are procedures, then triggers. `standing` are triggers that are there before a change is made.
    """

    dialect: str
    tables: dict[str, dict[str, str]]
    targets: dict[str, dict[str, str]]
    views: tuple[Made, ...]
    statements: tuple[Made, ...]
    routines: tuple[Made, ...] = ()
    standing: tuple[Made, ...] = ()

    @property
    def made(self) -> tuple[Made, ...]:
        """All that has a text, in the order in which it is run."""
        return (*self.views, *self.statements, *self.routines)

    def declared(self, kind: str) -> str:
        return _MYSQL.get(kind, kind) if self.dialect == "mysql" else kind


def generated(
    seed: int,
    dialect: str,
    view_count: int = 10,
    statement_count: int = 40,
    procedure_count: int = 10,
    trigger_count: int = 4,
) -> Generated:
    """Give the estate of a seed, in PostgreSQL's or MySQL's words."""
    rng = random.Random(seed)
    writer = Writer(rng, dialect, _TABLES)
    views = []
    for number in range(view_count):
        sql, columns, reads = writer.query()
        name = f"v{number}"
        views.append(Made(name, f"CREATE VIEW {name} AS {sql}", frozenset(reads), tuple(columns)))
        writer.relations[name] = dict(columns)
    targets: dict[str, dict[str, str]] = {}
    statements = [_statement(writer, rng, targets, number) for number in range(statement_count)]
    plain = Generated(dialect, {k: dict(v) for k, v in _TABLES.items()}, targets, tuple(views), tuple(statements))
    made: list[Made] = []
    for body in (
        *procedures(writer, rng, plain.tables, plain.declared, procedure_count),
        *triggers(writer, rng, plain.tables, plain.declared, trigger_count),
    ):
        targets[body.target] = body.columns
        made.append(Made("", body.sql, body.reads, (), body.target, body.call or f"CALL p{len(made)}()", body.undo))
    return replace(plain, routines=tuple(made))


def _statement(writer: Writer, rng: random.Random, targets: dict[str, dict[str, str]], number: int) -> Made:
    style = rng.random()
    if style >= 0.8:
        return _writing(writer, rng, style)
    sql, columns, reads = writer.query()
    if style < 0.4:
        return Made("", sql, frozenset(reads), tuple(columns))
    if style < 0.7:
        target = f"t{number}"
        targets[target] = dict(columns)
        listed = f" ({', '.join(targets[target])})" if rng.random() < 0.6 else ""
        return Made("", f"INSERT INTO {target}{listed} {sql}", frozenset(reads), tuple(columns), target)
    return Made("", f"CREATE TABLE made{number} AS {sql}", frozenset(reads), tuple(columns), f"made{number}")


def _writing(writer: Writer, rng: random.Random, style: float) -> Made:
    """A statement that changes a base table in place, or adds rows to one."""
    table = rng.choice(sorted(_TABLES))
    column, where = rng.choice(list(_TABLES[table])), writer.condition(table, "")
    if style < 0.84:
        return Made("", f"UPDATE {table} SET {column} = {column} WHERE {where}", frozenset({table}), (), table)
    if style < 0.87:
        return Made("", f"DELETE FROM {table} WHERE {where}", frozenset({table}), (), table)
    same = [pair for pair in writer.pairs() if pair[0] in _TABLES and pair[1] in _TABLES]
    left, right, shared = rng.choice(same)
    key = rng.choice(shared)
    column = rng.choice(list(_TABLES[left]))
    alike = [
        name for name, kind in _TABLES[right].items() if kind == _TABLES[left][column] or name == column == key
    ] or None
    reads = frozenset({left, right})
    if style < 0.91:
        listed = rng.sample(list(_TABLES[left].items()), 2)
        values = ", ".join(_CONSTANTS[category(kind)] for _, kind in listed)
        names = ", ".join(name for name, _ in listed)
        return Made("", f"INSERT INTO {left} ({names}) VALUES ({values})", frozenset({left}), (), left)
    if alike is None:
        return Made("", f"SELECT COUNT(*) AS n FROM {left} a, {right} b WHERE a.{key} = b.{key}", reads)
    value = rng.choice(alike)
    if writer.mysql:
        sql = f"UPDATE {left} a JOIN {right} b ON a.{key} = b.{key} SET a.{column} = b.{value}"
    elif style < 0.96:
        sql = f"UPDATE {left} a SET {column} = b.{value} FROM {right} b WHERE a.{key} = b.{key}"
    else:
        sql = (
            f"MERGE INTO {left} a USING (SELECT DISTINCT ON ({key}) * FROM {right}) b ON a.{key} = b.{key} "
            f"WHEN MATCHED THEN UPDATE SET {column} = b.{value} "
            f"WHEN NOT MATCHED THEN INSERT ({column}) VALUES (b.{value})"
        )
    return Made("", sql, reads, (), left)


_CONSTANTS = {"number": "7", "text": "'7'", "bool": "true", "date": "'2025-02-02'", "moment": "'2025-02-02 10:00:00'"}


def changes(seed: int, estate: Generated, count: int) -> Iterator[Change]:
    """Give changes that a server can make to the estate's tables, and to its views by another text."""
    rng = random.Random(seed * 7919 + 1)
    for _ in range(count):
        yield _change(rng, estate)


_WEIGHTS = {
    ChangeKind.DROP_FIELD: 25,
    ChangeKind.RENAME_FIELD: 20,
    ChangeKind.RETYPE_FIELD: 30,
    ChangeKind.ADD_FIELD: 8,
    ChangeKind.SET_NOT_NULL: 3,
    ChangeKind.DROP_DATASET: 5,
    ChangeKind.RENAME_DATASET: 4,
    ChangeKind.REPLACE_SQL: 5,
}


def _change(rng: random.Random, estate: Generated) -> Change:
    kind = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    table = rng.choice(sorted(estate.tables))
    column = rng.choice(list(estate.tables[table]))
    others = sorted({name for fields in estate.tables.values() for name in fields} - set(estate.tables[table]))
    name = dataset(table)
    if kind is ChangeKind.RENAME_FIELD:
        return Change(kind, name, column, rng.choice([f"{column}_new", rng.choice(others)]))
    if kind is ChangeKind.ADD_FIELD:
        return Change(kind, name, rng.choice(["extra", *others]), estate.declared("integer"))
    if kind is ChangeKind.RETYPE_FIELD:
        return Change(kind, name, column, estate.declared(rng.choice(_RETYPES[estate.tables[table][column]])))
    if kind is ChangeKind.RENAME_DATASET:
        return Change(kind, name, to=f"{table}_new")
    if kind is ChangeKind.REPLACE_SQL:
        view = rng.choice(estate.views)
        kept = [column for column, _ in view.columns][: max(1, len(view.columns) // 2)]
        sql = view.sql.partition(" AS ")[2]
        text = f"CREATE VIEW {view.name} AS SELECT {', '.join(f'q.{each}' for each in kept)} FROM ({sql}) q"
        return Change(kind, dataset(view.name), sql=text)
    return Change(kind, name, column if kind.of_field else "")


def dataset(name: str) -> DatasetName:
    return DatasetName("test", f"{_SCHEMA}.{name}")


def as_estate(estate: Generated, works: frozenset[str], schemas: Mapping[str, Mapping[str, str]]) -> Estate:
    """Give what the catalogue would hold: the server's schemas, and the statements that it takes as they are."""
    found = [_known(estate, view, view.name) for view in estate.views]
    jobs = enumerate((*estate.statements, *estate.routines))
    found += [_known(estate, each, f"{_ALONE if each.undo else 'job'}{at}") for at, each in jobs]
    found += [_known(estate, each, f"trigger{at}") for at, each in enumerate(estate.standing)]
    works |= {each.sql for each in estate.standing}
    known = {dataset(name): columns for name, columns in schemas.items()}
    return Estate(known, tuple(each for each in found if each.sql in works))


def parts(known: Estate) -> tuple[Estate, Estate]:
    """Part an estate as it is run: a trigger that is taken away again is met by no other statement."""
    alone = [each for each in known.statements if each.job.name.startswith(f"{_SCHEMA}.{_ALONE}")]
    views = [each for each in known.statements if each.defines is not None]
    together = tuple(each for each in known.statements if each not in alone)
    return replace(known, statements=together), replace(known, statements=(*views, *alone))


_ALONE = "alone"


def _known(estate: Generated, made: Made, job: str) -> Statement:
    reads = frozenset(dataset(name) for name in made.reads)
    writes = frozenset({dataset(made.name or made.writes)}) if made.name or made.writes else frozenset[DatasetName]()
    defines = dataset(made.name) if made.name else None
    name = JobName("test", f"{_SCHEMA}.{job}")
    return Statement(name, made.sql, estate.dialect, reads, writes, None, _SCHEMA, defines)
