"""Queries by chance over relations of known columns, in PostgreSQL's or MySQL's words: sound ones, in the main."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

Columns = dict[str, str]
Query = tuple[str, list[tuple[str, str]], set[str]]
"""Its text, its columns with their types, the relations that it reads."""

_CATEGORIES = {"varchar": "text", "boolean": "bool", "timestamp": "moment"}
_NUMBERS = ("integer", "bigint", "numeric", "double precision")
_WIDE = "numeric(20,4)"


def category(kind: str) -> str:
    plain = kind.partition("(")[0]
    return "number" if plain in _NUMBERS else _CATEGORIES.get(plain, plain)


class Writer:
    """Writes queries over relations; `relations` grows with each view."""

    def __init__(self, rng: random.Random, dialect: str, relations: Mapping[str, Columns]) -> None:
        self.rng, self.mysql = rng, dialect == "mysql"
        self.relations = {name: dict(columns) for name, columns in relations.items()}

    def query(self, depth: int = 0) -> Query:
        kinds: list[Callable[[int], Query]] = [self._plain, self._plain, self._joined, self._joined, self._grouped]
        kinds += [self._starred, self._mixed, self._three]
        if depth < 2:
            kinds += [self._union, self._cte, self._derived, self._within, self._windowed, self._scalar, self._set]
        return self.rng.choice(kinds)(depth)

    def condition(self, relation: str, prefix: str) -> str:
        column = self.rng.choice(list(self.relations[relation]))
        kind, name = category(self.relations[relation][column]), f"{prefix}{column}"
        others = [other for other in self._of(relation, kind) if other != column]
        choices = list(_CONDITIONS.get(kind, ("{0} IS NOT NULL",)))
        if others:
            choices.append(f"{{0}} <> {prefix}{self.rng.choice(others)}")
        return self.rng.choice(choices).format(name)

    def pick(self, relation: str, *categories: str) -> str | None:
        found = self._of(relation, *categories)
        return self.rng.choice(found) if found else None

    def relation(self) -> str:
        return self.rng.choice(sorted(self.relations))

    def pairs(self) -> list[tuple[str, str, list[str]]]:
        """Relations with columns of one name and category, by which they can be joined."""
        names = sorted(self.relations)
        every = ((a, b, self._shared(a, b)) for a in names for b in names if a != b)
        return [each for each in every if each[2]]

    def _of(self, relation: str, *categories: str) -> list[str]:
        return [name for name, kind in self.relations[relation].items() if category(kind) in categories]

    def _shared(self, left: str, right: str) -> list[str]:
        one, other = self.relations[left], self.relations[right]
        return [name for name in one if name in other and category(one[name]) == category(other[name])]

    def _item(self, relation: str, prefix: str) -> tuple[str, str, str]:
        """A select item: its SQL, its name, its type."""
        column = self.rng.choice(list(self.relations[relation]))
        kind, name = self.relations[relation][column], f"{prefix}{column}"
        made, result = self.rng.choice(list(self._made(category(kind))))
        if made == "{0}":
            return name, column, kind
        alias = f"{column}_{self.rng.choice('xyz')}"
        return f"{made.format(name)} AS {alias}", alias, result or kind

    def _made(self, of: str) -> Iterator[tuple[str, str]]:
        yield from [("{0}", "")] * 4
        yield "CAST({0} AS char)" if self.mysql else "CAST({0} AS text)", "text"
        yield "CASE WHEN {0} IS NULL THEN {0} ELSE {0} END", ""
        yield from _ITEMS.get(of, ())
        yield from (_ITEMS_OF_MYSQL if self.mysql else _ITEMS_OF_POSTGRES).get(of, ())

    def _items(self, relation: str, prefix: str, count: int) -> list[tuple[str, str, str]]:
        found: dict[str, tuple[str, str, str]] = {}
        for _ in range(count):
            item = self._item(relation, prefix)
            found.setdefault(item[1], item)
        return list(found.values())

    def _plain(self, _: int) -> Query:
        relation = self.relation()
        prefix = self.rng.choice(("", "t.", f"{relation}."))
        source = f"{relation} t" if prefix == "t." else relation
        items = self._items(relation, prefix, self.rng.randint(1, 4))
        distinct = "DISTINCT " if self.rng.random() < 0.1 else ""
        sql = f"SELECT {distinct}{', '.join(item[0] for item in items)} FROM {source}"
        if self.rng.random() < 0.6:
            sql += f" WHERE {self.condition(relation, prefix)}"
        if self.rng.random() < 0.3:
            sql += f" ORDER BY {items[0][1]}"
        return sql, [(name, kind) for _, name, kind in items], {relation}

    def _mixed(self, depth: int) -> Query:
        """Two columns in one expression."""
        relation = self.relation()
        left, right = self.rng.choice(list(self.relations[relation])), self.rng.choice(list(self.relations[relation]))
        one, other = (category(self.relations[relation][name]) for name in (left, right))
        kind = self.relations[relation][left]
        if one != other:
            if self.mysql or "text" not in (one, other):
                return self._plain(depth)
            return f"SELECT {left} || {right} AS both_of FROM {relation}", [("both_of", "text")], {relation}
        made = [f"COALESCE({left}, {right})", f"CASE WHEN {left} = {right} THEN {left} ELSE {right} END"]
        made += [f"GREATEST({left}, {right})"] if one != "bool" else []
        made += [f"{left} + {right}", f"{left} * {right} - {left}"] if one == "number" else []
        kind = _WIDE if one == "number" else kind
        return f"SELECT {self.rng.choice(made)} AS both_of FROM {relation}", [("both_of", kind)], {relation}

    def _starred(self, _: int) -> Query:
        relation = self.relation()
        sql = f"SELECT {self.rng.choice(('*', f'{relation}.*'))} FROM {relation} WHERE {self.condition(relation, '')}"
        return sql, list(self.relations[relation].items()), {relation}

    def _joined(self, _: int) -> Query:
        left, right, shared = self.rng.choice(self.pairs())
        key, style = self.rng.choice(shared), self.rng.random()
        if style < 0.25:
            own = [name for name in self.relations[left] if name not in self.relations[right]][:2]
            columns = [(name, self.relations[left][name]) for name in (*own, key)]
            listed = ", ".join(name for name, _ in columns)
            return f"SELECT {listed} FROM {left} JOIN {right} USING ({key})", columns, {left, right}
        if style < 0.33:
            return f"SELECT COUNT(*) AS n FROM {left} NATURAL JOIN {right}", [("n", "bigint")], {left, right}
        items = self._items(left, "a.", 2)
        names = {item[1] for item in items}
        items += [item for item in self._items(right, "b.", 2) if item[1] not in names]
        names = {item[1] for item in items}
        bare = [name for name in self.relations[left] if name not in self.relations[right] and name not in names]
        items += [(name, name, self.relations[left][name]) for name in bare[:1]]
        join = self.rng.choice(("JOIN", "LEFT JOIN"))
        sql = f"SELECT {', '.join(item[0] for item in items)} FROM {left} a {join} {right} b ON a.{key} = b.{key}"
        if self.rng.random() < 0.5:
            sql += f" WHERE {self.condition(left, 'a.')}"
        return sql, [(name, kind) for _, name, kind in items], {left, right}

    def _three(self, depth: int) -> Query:
        """Three relations in a row, of which bare names are used where only one has them."""
        left, middle, shared = self.rng.choice(self.pairs())
        following = [pair for pair in self.pairs() if pair[0] == middle and pair[1] != left]
        if not following:
            return self._plain(depth)
        _, right, other = self.rng.choice(following)
        every = [self.relations[name] for name in (left, middle, right)]
        alone = [(name, kind) for of in every for name, kind in of.items() if sum(name in each for each in every) == 1]
        if not alone:
            return self._plain(depth)
        name, kind = self.rng.choice(alone)
        joins = f"JOIN {middle} y ON x.{shared[0]} = y.{shared[0]} JOIN {right} z ON y.{other[0]} = z.{other[0]}"
        return f"SELECT {name} FROM {left} x {joins}", [(name, kind)], {left, middle, right}

    def _grouped(self, _: int) -> Query:
        relation = self.relation()
        key = self.rng.choice(list(self.relations[relation]))
        aggregates = [("COUNT(*)", "n", "bigint"), (f"COUNT(DISTINCT {key})", "kinds", "bigint")]
        if number := self.pick(relation, "number"):
            aggregates += [(f"SUM({number})", "total", _WIDE), (f"AVG({number})", "mean", _WIDE)]
            aggregates += [(f"SUM(CASE WHEN {number} > 1 THEN {number} ELSE 0 END)", "large", _WIDE)]
        if other := self.pick(relation, "number", "text", "date", "moment"):
            aggregates += [(f"MAX({other})", "most", self.relations[relation][other])]
        if text := self.pick(relation, "text"):
            told = f"GROUP_CONCAT({text})" if self.mysql else f"string_agg({text}, ',')"
            aggregates += [(told, "all_of", "text")]
        if not self.mysql and (flag := self.pick(relation, "bool")):
            aggregates += [(f"bool_and({flag})", "every_one", "boolean")]
            aggregates += [(f"COUNT(*) FILTER (WHERE {flag})", "flagged", "bigint")]
        made = self.rng.sample(aggregates, min(2, len(aggregates)))
        select = ", ".join([key, *(f"{sql} AS {name}" for sql, name, _ in made)])
        sql = f"SELECT {select} FROM {relation} GROUP BY {key}"
        if self.rng.random() < 0.4:
            sql += self.rng.choice((" HAVING COUNT(*) > 0", f" HAVING COUNT({key}) > 0"))
        if self.rng.random() < 0.4:
            sql += f" ORDER BY {made[0][1]}"
        return sql, [(key, self.relations[relation][key]), *((name, kind) for _, name, kind in made)], {relation}

    def _union(self, depth: int) -> Query:
        left, right = self.relation(), self.relation()
        wanted = self.rng.choice(("number", "text", "date"))
        one, other = self.pick(left, wanted), self.pick(right, wanted)
        if one is None or other is None:
            return self._plain(depth)
        operator = self.rng.choice(("UNION ALL", "UNION"))
        sql = f"SELECT {one} FROM {left} {operator} SELECT {other} FROM {right}"
        return sql, [(one, self.relations[left][one])], {left, right}

    def _set(self, _: int) -> Query:
        """A set operation of a relation with itself, over all columns."""
        relation = self.relation()
        sql = f"SELECT * FROM {relation} UNION ALL SELECT {', '.join(self.relations[relation])} FROM {relation}"
        return sql, list(self.relations[relation].items()), {relation}

    def _cte(self, depth: int) -> Query:
        inner, columns, reads = self.query(depth + 1)
        name, kind = self.rng.choice(columns)
        return f"WITH c AS ({inner}) SELECT c.{name} FROM c", [(name, kind)], reads

    def _derived(self, depth: int) -> Query:
        inner, columns, reads = self.query(depth + 1)
        name, kind = self.rng.choice(columns)
        return f"SELECT d.{name} FROM ({inner}) d", [(name, kind)], reads

    def _within(self, _: int) -> Query:
        """A subquery in the condition, whose bare names may come to mean the outer query's."""
        left, right, shared = self.rng.choice(self.pairs())
        key, (name, kind) = self.rng.choice(shared), self.rng.choice(list(self.relations[left].items()))
        styles = (
            f"{left}.{key} IN (SELECT {key} FROM {right})",
            f"EXISTS (SELECT 1 FROM {right} r WHERE r.{key} = {left}.{key})",
            f"{left}.{key} NOT IN (SELECT x.{key} FROM {right} x)",
            f"{key} >= (SELECT MIN({key}) FROM {right})",
        )
        return (
            f"SELECT {left}.{name} FROM {left} WHERE {self.rng.choice(styles)}",
            [(name, kind)],
            {left, right},
        )

    def _scalar(self, _: int) -> Query:
        left, right, shared = self.rng.choice(self.pairs())
        key, (name, kind) = self.rng.choice(shared), self.rng.choice(list(self.relations[left].items()))
        counted = f"(SELECT COUNT(*) FROM {right} r WHERE r.{key} = {left}.{key})"
        return f"SELECT {name}, {counted} AS n FROM {left}", [(name, kind), ("n", "bigint")], {left, right}

    def _windowed(self, depth: int) -> Query:
        relation = self.relation()
        key, order = self.pick(relation, "number", "text"), self.rng.choice(list(self.relations[relation]))
        if key is None:
            return self._plain(depth)
        number = self.pick(relation, "number")
        made = ["ROW_NUMBER()", *([f"SUM({number})"] if number else [])]
        over = f"{self.rng.choice(made)} OVER (PARTITION BY {key} ORDER BY {order}) AS place_{key}"
        return (
            f"SELECT {key}, {over} FROM {relation}",
            [(key, self.relations[relation][key]), (f"place_{key}", _WIDE)],
            {relation},
        )


_CONDITIONS: Mapping[str, Sequence[str]] = {
    "number": ("{0} > 2", "{0} BETWEEN 1 AND 900", "{0} IN (1, 2, 3)", "{0} <> 0", "{0} = '2'"),
    "text": ("{0} LIKE 'a%'", "{0} = 'x'", "{0} IN ('a', 'b')", "{0} IS NOT NULL", "LOWER({0}) = 'x'"),
    "bool": ("{0}", "NOT {0}", "{0} IS NOT NULL", "{0} = true"),
    "date": ("{0} >= '2024-01-01'", "{0} < '2030-12-31'", "{0} IS NOT NULL"),
    "moment": ("{0} > '2024-01-01 10:00:00'", "{0} IS NOT NULL"),
}
_ITEMS: Mapping[str, Sequence[tuple[str, str]]] = {
    "number": (
        ("{0} + 1", _WIDE),
        ("ROUND({0} * 2)", _WIDE),
        ("COALESCE({0}, 0)", _WIDE),
        ("CASE WHEN {0} > 3 THEN 'many' ELSE 'few' END", "text"),
        ("ABS(-{0})", _WIDE),
        ("NULLIF({0}, 0)", ""),
        ("ROUND({0} / 3, 2)", _WIDE),
    ),
    "text": (
        ("UPPER({0})", "text"),
        ("COALESCE({0}, 'none')", "text"),
        ("LENGTH({0})", "integer"),
        ("SUBSTRING({0}, 1, 3)", "text"),
        ("REPLACE({0}, 'a', 'b')", "text"),
        ("TRIM({0})", "text"),
        ("CONCAT({0}, '!')", "text"),
    ),
    "bool": (
        ("CASE WHEN {0} THEN 1 ELSE 0 END", "integer"),
        ("NOT {0}", "boolean"),
        ("COALESCE({0}, false)", "boolean"),
    ),
    "date": (("EXTRACT(YEAR FROM {0})", _WIDE),),
    "moment": (("CAST({0} AS date)", "date"), ("EXTRACT(MONTH FROM {0})", _WIDE)),
}
_ITEMS_OF_MYSQL: Mapping[str, Sequence[tuple[str, str]]] = {
    "number": (("IFNULL({0}, 0)", _WIDE), ("IF({0} > 1, 'a', 'b')", "text")),
    "text": (("LEFT({0}, 2)", "text"),),
    "bool": (),
    "date": (("DATE_FORMAT({0}, '%Y')", "text"), ("{0} + INTERVAL 1 DAY", "date"), ("YEAR({0})", "integer")),
    "moment": (("YEAR({0})", "integer"), ("DATE({0})", "date")),
}
_ITEMS_OF_POSTGRES: Mapping[str, Sequence[tuple[str, str]]] = {
    "number": (
        ("{0}::bigint", "bigint"),
        ("to_char({0}, '999')", "text"),
        ("{0} % 2", _WIDE),
        ("power({0}, 2)", "double precision"),
    ),
    "text": (
        ("{0} || '!'", "text"),
        ("left({0}, 2)", "text"),
        ("position('a' in {0})", "integer"),
        ("split_part({0}, '-', 1)", "text"),
    ),
    "bool": (("{0}::int", "integer"),),
    "date": (
        ("to_char({0}, 'YYYY')", "text"),
        ("{0} + 1", "date"),
        ("{0} - interval '1 day'", "timestamp"),
        ("age({0})", "interval"),
    ),
    "moment": (
        ("date_trunc('month', {0})", "timestamp"),
        ("{0} + interval '1 hour'", "timestamp"),
        ("now() - {0}", "interval"),
    ),
}
