"""A generated estate of tables, views and statements, and changes to it, for servers to judge (docs/impact.md).

Everything follows from a seed. Tables share names of columns, so that a rename may make a name ambiguous or let another
column be meant; rows hold no NULL, and numbers stand in the column `code`, so that every change of a type can be made.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nexus_core.model.impact import Change, ChangeKind, Estate, Statement
from nexus_core.model.names import DatasetName, JobName

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
    """One object or statement of the estate, as text; `name` is "" for a statement, `columns` those of its result."""

    name: str
    sql: str
    reads: frozenset[str]
    columns: tuple[tuple[str, str], ...] = ()
    writes: str = ""


@dataclass(frozen=True)
class Generated:
    """An estate: base tables, tables that jobs fill, views in the order of their making, statements."""

    dialect: str
    tables: dict[str, dict[str, str]]
    targets: dict[str, dict[str, str]]
    views: tuple[Made, ...]
    statements: tuple[Made, ...]

    def declared(self, kind: str) -> str:
        return _MYSQL.get(kind, kind) if self.dialect == "mysql" else kind


class _Writer:
    """Writes statements over relations of known columns, of which only sound ones come out in the main."""

    def __init__(self, rng: random.Random, dialect: str) -> None:
        self.rng, self.mysql = rng, dialect == "mysql"
        self.relations: dict[str, dict[str, str]] = {name: dict(columns) for name, columns in _TABLES.items()}

    def category(self, kind: str) -> str:
        plain = kind.partition("(")[0]
        if plain in ("integer", "bigint", "numeric", "double precision"):
            return "number"
        return {"varchar": "text", "boolean": "bool", "timestamp": "moment", "date": "date"}.get(plain, plain)

    def of(self, relation: str, *categories: str) -> list[str]:
        return [name for name, kind in self.relations[relation].items() if self.category(kind) in categories]

    def pick(self, relation: str, *categories: str) -> str | None:
        found = self.of(relation, *categories)
        return self.rng.choice(found) if found else None

    def relation(self) -> str:
        return self.rng.choice(sorted(self.relations))

    def item(self, relation: str, prefix: str) -> tuple[str, str, str] | None:
        """A select item: its SQL, its name, its kind."""
        column = self.rng.choice(list(self.relations[relation]))
        kind, name = self.relations[relation][column], f"{prefix}{column}"
        made = self.rng.choice(self._items(self.category(kind)))
        sql, result = made(name, kind)
        if sql == name:
            return sql, column, kind
        alias = f"{column}_{self.rng.choice(('x', 'y', 'z'))}"
        return f"{sql} AS {alias}", alias, result

    def _items(self, category: str) -> Sequence[Callable[[str, str], tuple[str, str]]]:
        plain: list[Callable[[str, str], tuple[str, str]]] = [lambda c, k: (c, k)] * 3
        text = "char" if self.mysql else "text"
        plain.append(lambda c, _: (f"CAST({c} AS {text})", "text"))
        plain.append(lambda c, k: (f"CASE WHEN {c} IS NULL THEN {c} ELSE {c} END", k))
        return plain + {
            "number": [
                lambda c, _: (f"{c} + 1", "numeric(20,4)"),
                lambda c, _: (f"ROUND({c} * 2)", "numeric(20,4)"),
                lambda c, _: (f"COALESCE({c}, 0)", "numeric(20,4)"),
                lambda c, _: (f"CASE WHEN {c} > 3 THEN 'many' ELSE 'few' END", "text"),
                lambda c, _: (f"ABS(-{c})", "numeric(20,4)"),
                lambda c, k: (f"NULLIF({c}, 0)", k),
            ],
            "text": [
                lambda c, _: (f"UPPER({c})", "text"),
                lambda c, _: (f"COALESCE({c}, 'none')", "text"),
                lambda c, _: (f"CONCAT({c}, '!')", "text") if self.mysql else (f"{c} || '!'", "text"),
                lambda c, _: (f"LENGTH({c})", "integer"),
                lambda c, _: (f"SUBSTRING({c}, 1, 3)", "text"),
                lambda c, _: (f"REPLACE({c}, 'a', 'b')", "text"),
            ],
            "bool": [
                lambda c, _: (f"CASE WHEN {c} THEN 1 ELSE 0 END", "integer"),
                lambda c, _: (f"NOT {c}", "boolean"),
            ],
            "date": [
                lambda c, _: (f"EXTRACT(YEAR FROM {c})", "numeric(20,4)"),
                lambda c, _: (f"DATE_FORMAT({c}, '%Y')", "text") if self.mysql else (f"to_char({c}, 'YYYY')", "text"),
                lambda c, _: (f"{c} + INTERVAL 1 DAY", "date") if self.mysql else (f"{c} + 1", "date"),
            ],
            "moment": [
                lambda c, _: (f"CAST({c} AS date)", "date"),
                lambda c, _: (f"EXTRACT(MONTH FROM {c})", "numeric(20,4)"),
                lambda c, _: (f"YEAR({c})", "integer") if self.mysql else (f"date_trunc('month', {c})", "timestamp"),
            ],
        }.get(category, [])

    def condition(self, relation: str, prefix: str) -> str:
        column = self.rng.choice(list(self.relations[relation]))
        name = f"{prefix}{column}"
        choices = {
            "number": [f"{name} > 2", f"{name} BETWEEN 1 AND 900", f"{name} IN (1, 2, 3)", f"{name} <> 0"],
            "text": [f"{name} LIKE 'a%'", f"{name} = 'x'", f"{name} IN ('a', 'b')", f"{name} IS NOT NULL"],
            "bool": [f"{name}", f"NOT {name}", f"{name} IS NOT NULL"],
            "date": [f"{name} >= '2024-01-01'", f"{name} < '2030-12-31'", f"{name} IS NOT NULL"],
            "moment": [f"{name} > '2024-01-01 10:00:00'", f"{name} IS NOT NULL"],
        }
        return self.rng.choice(choices[self.category(self.relations[relation][column])])

    def shared(self, left: str, right: str) -> list[str]:
        return [
            name
            for name in self.relations[left]
            if name in self.relations[right]
            and self.category(self.relations[left][name]) == self.category(self.relations[right][name])
        ]

    def query(self, depth: int = 0) -> tuple[str, list[tuple[str, str]], set[str]]:
        """A query with its columns and the relations that it reads."""
        kinds = [self.plain, self.plain, self.joined, self.joined, self.grouped, self.starred]
        if depth < 2:
            kinds += [self.union, self.cte, self.derived, self.within, self.windowed]
        return self.rng.choice(kinds)(depth)

    def items(self, relation: str, prefix: str, count: int) -> list[tuple[str, str, str]]:
        found: dict[str, tuple[str, str, str]] = {}
        for _ in range(count):
            if (item := self.item(relation, prefix)) is not None:
                found.setdefault(item[1], item)
        return list(found.values())

    def plain(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        relation = self.relation()
        prefix = self.rng.choice(("", "t.", f"{relation}."))
        source = f"{relation} t" if prefix == "t." else relation
        items = self.items(relation, prefix, self.rng.randint(1, 4))
        sql = f"SELECT {', '.join(item[0] for item in items)} FROM {source}"
        if self.rng.random() < 0.6:
            sql += f" WHERE {self.condition(relation, prefix)}"
        if self.rng.random() < 0.3:
            sql += f" ORDER BY {items[0][1]}"
        return sql, [(name, kind) for _, name, kind in items], {relation}

    def starred(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        relation = self.relation()
        sql = f"SELECT {self.rng.choice(('*', f'{relation}.*'))} FROM {relation} WHERE {self.condition(relation, '')}"
        return sql, list(self.relations[relation].items()), {relation}

    def joined(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        pairs = [
            (a, b, self.shared(a, b))
            for a in sorted(self.relations)
            for b in sorted(self.relations)
            if a != b and self.shared(a, b)
        ]
        left, right, shared = self.rng.choice(pairs)
        key = self.rng.choice(shared)
        style = self.rng.random()
        if style < 0.25:
            source, a, b = f"{left} JOIN {right} USING ({key})", "", ""
            own = [name for name in self.relations[left] if name not in self.relations[right]]
            columns = [(name, name, self.relations[left][name]) for name in own[:2]] + [
                (key, key, self.relations[left][key])
            ]
            sql = f"SELECT {', '.join(item[0] for item in columns)} FROM {source}"
            return sql, [(name, kind) for _, name, kind in columns], {left, right}
        if style < 0.33:
            sql = f"SELECT COUNT(*) AS n FROM {left} NATURAL JOIN {right}"
            return sql, [("n", "bigint")], {left, right}
        a, b = "a.", "b."
        source = f"{left} a {self.rng.choice(('JOIN', 'LEFT JOIN'))} {right} b ON a.{key} = b.{key}"
        items = self.items(left, a, 2)
        names = {item[1] for item in items}
        items += [item for item in self.items(right, b, 2) if item[1] not in names]
        bare = [name for name in self.relations[left] if name not in self.relations[right] and name not in names]
        names = {item[1] for item in items}
        items += [(name, name, self.relations[left][name]) for name in bare[:1] if name not in names]
        sql = f"SELECT {', '.join(item[0] for item in items)} FROM {source}"
        if self.rng.random() < 0.5:
            sql += f" WHERE {self.condition(self.rng.choice((left,)), a)}"
        return sql, [(name, kind) for _, name, kind in items], {left, right}

    def grouped(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        relation = self.relation()
        key = self.rng.choice(list(self.relations[relation]))
        aggregates = [("COUNT(*)", "n", "bigint")]
        if number := self.pick(relation, "number"):
            aggregates += [(f"SUM({number})", "total", "numeric(20,4)"), (f"AVG({number})", "mean", "numeric(20,4)")]
        if other := self.pick(relation, "number", "text", "date", "moment"):
            aggregates += [(f"MAX({other})", "most", self.relations[relation][other])]
        if text := self.pick(relation, "text"):
            told = f"GROUP_CONCAT({text})" if self.mysql else f"string_agg({text}, ',')"
            aggregates += [(told, "all_of", "text")]
        made = self.rng.sample(aggregates, min(2, len(aggregates)))
        select = ", ".join([key, *(f"{sql} AS {name}" for sql, name, _ in made)])
        sql = f"SELECT {select} FROM {relation} GROUP BY {key}"
        if self.rng.random() < 0.4:
            sql += " HAVING COUNT(*) > 0"
        if self.rng.random() < 0.4:
            sql += f" ORDER BY {made[0][1]}"
        return sql, [(key, self.relations[relation][key]), *((name, kind) for _, name, kind in made)], {relation}

    def union(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        left, right = self.relation(), self.relation()
        category = self.rng.choice(("number", "text", "date"))
        one, other = self.pick(left, category), self.pick(right, category)
        if one is None or other is None:
            return self.plain(depth)
        sql = f"SELECT {one} FROM {left} UNION ALL SELECT {other} FROM {right}"
        return sql, [(one, self.relations[left][one])], {left, right}

    def cte(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        inner, columns, reads = self.query(depth + 1)
        name = self.rng.choice([column for column, _ in columns])
        kind = dict(columns)[name]
        return f"WITH c AS ({inner}) SELECT c.{name} FROM c", [(name, kind)], reads

    def derived(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        inner, columns, reads = self.query(depth + 1)
        name, kind = self.rng.choice(columns)
        return f"SELECT d.{name} FROM ({inner}) d", [(name, kind)], reads

    def within(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        """A subquery in the condition, whose bare names may come to mean the outer query's."""
        left, right = self.relation(), self.relation()
        shared = self.shared(left, right)
        if left == right or not shared:
            return self.plain(depth)
        key = self.rng.choice(shared)
        name = self.rng.choice(list(self.relations[left]))
        kind = self.relations[left][name]
        style = self.rng.choice(
            (
                f"{left}.{key} IN (SELECT {key} FROM {right})",
                f"EXISTS (SELECT 1 FROM {right} r WHERE r.{key} = {left}.{key})",
                f"{left}.{key} NOT IN (SELECT x.{key} FROM {right} x)",
            )
        )
        return f"SELECT {left}.{name} FROM {left} WHERE {style}", [(name, kind)], {left, right}

    def windowed(self, depth: int) -> tuple[str, list[tuple[str, str]], set[str]]:
        relation = self.relation()
        key, order = self.pick(relation, "number", "text"), self.rng.choice(list(self.relations[relation]))
        if key is None:
            return self.plain(depth)
        sql = f"SELECT {key}, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) AS place FROM {relation}"
        return sql, [(key, self.relations[relation][key]), ("place", "bigint")], {relation}


def generated(seed: int, dialect: str, view_count: int = 10, statement_count: int = 40) -> Generated:
    """Give the estate of a seed, in PostgreSQL's or MySQL's words."""
    rng = random.Random(seed)
    writer = _Writer(rng, dialect)
    views = []
    for number in range(view_count):
        sql, columns, reads = writer.query()
        name = f"v{number}"
        views.append(Made(name, f"CREATE VIEW {name} AS {sql}", frozenset(reads), tuple(columns)))
        writer.relations[name] = dict(columns)
    targets: dict[str, dict[str, str]] = {}
    statements = [_statement(writer, rng, targets, number) for number in range(statement_count)]
    return Generated(dialect, {k: dict(v) for k, v in _TABLES.items()}, targets, tuple(views), tuple(statements))


def _statement(writer: _Writer, rng: random.Random, targets: dict[str, dict[str, str]], number: int) -> Made:
    sql, columns, reads = writer.query()
    style = rng.random()
    if style < 0.45:
        return Made("", sql, frozenset(reads), tuple(columns))
    if style < 0.75:
        target = f"t{number}"
        targets[target] = dict(columns)
        listed = f" ({', '.join(targets[target])})" if rng.random() < 0.6 else ""
        return Made("", f"INSERT INTO {target}{listed} {sql}", frozenset(reads), tuple(columns), target)
    if style < 0.85:
        return Made("", f"CREATE TABLE made{number} AS {sql}", frozenset(reads), tuple(columns), f"made{number}")
    table = rng.choice(sorted(_TABLES))
    column = rng.choice(list(_TABLES[table]))
    where = writer.condition(table, "")
    if style < 0.93:
        return Made("", f"UPDATE {table} SET {column} = {column} WHERE {where}", frozenset({table}), (), table)
    return Made("", f"DELETE FROM {table} WHERE {where}", frozenset({table}), (), table)


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


def as_estate(estate: Generated, works: frozenset[str]) -> Estate:
    """Give what the catalogue would hold: statements that a server takes as they are."""
    schemas = {
        dataset(name): {column: estate.declared(kind) for column, kind in columns.items()}
        for name, columns in (estate.tables | estate.targets).items()
    }
    found = []
    for view in estate.views:
        schemas[dataset(view.name)] = {column: estate.declared(kind) for column, kind in view.columns}
        found.append(_known(estate, view, view.name))
    found += [_known(estate, each, f"job{at}") for at, each in enumerate(estate.statements)]
    return Estate(schemas, tuple(each for each in found if each.sql in works))


def _known(estate: Generated, made: Made, job: str) -> Statement:
    reads = frozenset(dataset(name) for name in made.reads)
    writes = frozenset({dataset(made.name or made.writes)}) if made.name or made.writes else frozenset[DatasetName]()
    defines = dataset(made.name) if made.name else None
    name = JobName("test", f"{_SCHEMA}.{job}")
    return Statement(name, made.sql, estate.dialect, reads, writes, None, _SCHEMA, defines)
