"""Rows between files and tables: COPY of PostgreSQL, LOAD DATA of MySQL.

What a file holds is not known: whether its values, and their number, fit depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from nexus_core.model.trial import OutputColumn
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.declarations import identifier
from nexus_core.sql.binding.expressions import Expressions
from nexus_core.sql.binding.queries import Columns, query
from nexus_core.sql.binding.relations import Column, Relation, Scope
from nexus_core.sql.binding.writes import assigned, listed, made_of, required, written
from nexus_core.sql.dialect import MYSQL, POSTGRES
from nexus_core.sql.reading.parse import Statement, statements
from nexus_core.sql.reading.words import closing, find, parted, words_of

_DIRECTIONS, _OPEN, _SET, _TABLE = (frozenset({*words}) for words in (("FROM", "TO"), ("(",), ("SET",), ("TABLE",)))
_TEXTS = frozenset({"text", "json"})
"""Kinds that any value of a file can be read as."""


def transfer(node: exp.Expr, statement: Statement, binding: Binding) -> bool:
    """Bind COPY or LOAD DATA; False for what is neither, and for those of other dialects."""
    is_copy = isinstance(node, exp.Copy) or (isinstance(node, exp.Command) and node.name.upper() == "COPY")
    if not is_copy or statement.offset is None or binding.traits.name not in POSTGRES | MYSQL:
        return False
    start, end = statement.tokens[0].start, statement.tokens[-1].end + 1
    told = _Transfer(statement.offset + start, statement.offset + end, binding)
    if isinstance(node.this, exp.Query):
        told.hand_out(query(node.this, binding, Scope()))
        return True
    return told.load() if told.key(0) == "LOAD" else told.key(0) == "COPY" and told.copy()


class _Transfer:
    """One statement, at [start, end) of the text, by its words."""

    def __init__(self, start: int, end: int, binding: Binding) -> None:
        self._text, self._start, self._binding = binding.sql[start:end], start, binding
        self._words = words_of(self._text, binding.traits.name)

    def key(self, at: int) -> str:
        """Give the key of a word, "" behind the last."""
        return self._words[at].key if at < len(self._words) else ""

    def copy(self) -> bool:
        """`COPY table (columns) FROM file WHERE condition`, `COPY table (columns) TO file`."""
        direction = find(self._words, _DIRECTIONS, 0)
        table, behind = self._table(1 + (self.key(1) == "BINARY"))
        columns = self._listed(table, behind) if self.key(behind) == "(" else None
        if self.key(direction) == "TO":
            self.hand_out(table.top if columns is None else columns)
            return True
        self._fill(table, columns, ())
        for each in self._read("SELECT 1 WHERE ", find(self._words, frozenset({"WHERE"}), direction) + 1):
            if (where := each.args.get("where")) is not None:
                Expressions(self._binding, query).condition(where.this, Scope(relations=[table]), "WHERE")
        return self.key(direction) == "FROM"

    def load(self) -> bool:
        """`LOAD DATA INFILE file INTO TABLE table (columns and @variables) SET column = expression`."""
        words = self._words
        table, behind = self._table(find(words, _TABLE, 0) + 1)
        setting = next((at for at in range(behind, len(words)) if self._sets(at)), len(words))
        opened = find(words, _OPEN, behind, setting)
        if self.key(opened - 1) == "PARTITION":
            opened = find(words, _OPEN, closing(words, opened) + 1, setting)
        columns = self._listed(table, opened) if opened < setting else None
        self._fill(table, columns, self._assigned(table, setting + 1))
        return True

    def hand_out(self, columns: Columns) -> None:
        """Note the columns that go to a file."""
        made = [OutputColumn("*", "")] if columns is None else [made_of(each) for each in columns]
        self._binding.makes[""] = tuple(made)

    def _sets(self, at: int) -> bool:
        """Whether the clause SET begins here, and no CHARACTER SET."""
        return self.key(at) == "SET" and self.key(at - 1) != "CHARACTER"

    def _table(self, at: int) -> tuple[Relation, int]:
        """Give the table that is named at a place, and the place behind it."""
        parts = []
        while at < len(self._words) and self._words[at].kind == "name":
            parts.append(identifier(self._words[at], self._start))
            at += 1 + (self.key(at + 1) == ".")
            if self.key(at - 1) != ".":
                break
        return self._binding.table(exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))), at

    def _listed(self, table: Relation, opened: int) -> tuple[Column, ...]:
        """Give the columns of a list; MySQL's @variables are none."""
        ranges = parted(self._words, opened + 1, closing(self._words, opened))
        named = [self._words[start] for start, _ in ranges if not self._words[start].text.startswith("@")]
        found = listed([identifier(word, self._start) for word in named], table, self._binding, exp.Null())
        return found or ()

    def _assigned(self, table: Relation, at: int) -> tuple[Column, ...]:
        """Give the columns that SET fills."""
        found = []
        for update in self._read("UPDATE t SET ", at):
            for item in update.expressions if isinstance(update, exp.Update) else ():
                if isinstance(item, exp.EQ):
                    found.append(written(item.this, table, self._binding))
                    value = Expressions(self._binding, query).typed(item.expression, Scope(relations=[table]))
                    assigned(value, found[-1], self._binding, item)
        return tuple(found)

    def _fill(self, table: Relation, columns: tuple[Column, ...] | None, assigned_to: tuple[Column, ...]) -> None:
        """Judge what a file fills: with a list by name, without one by position."""
        binding, node = self._binding, exp.Null()
        binding.run_triggers("INSERT", table, (), node)
        filled = columns if columns is not None else listed([], table, binding, node)
        if filled is None:
            return
        if columns is None:
            told = ", ".join(column.name for column in filled)
            binding.note("by_position", f"the file fills {told}", node)
            binding.doubt("file_columns", f"it has to have {len(filled)}", node)
        # MySQL refuses an INSERT that leaves out what takes no NULL; MariaDB fills it from a file with 0 or ''.
        required(table, (*filled, *assigned_to) if binding.strict else table.top, None, binding, node)
        for at, column in enumerate(filled, start=1):
            told = f"value {at} of the file is read as {column.typed.declared}"
            if column.typed.kind in _TEXTS:
                binding.note("implicit_cast", told, node)
            else:
                binding.doubt("conversion_possible", told, node)

    def _read(self, head: str, at: int) -> Iterator[exp.Expr]:
        """Give what a statement is of a head and the words from a place on, with its places in the whole text."""
        if at >= len(self._words):
            return
        start = self._words[at].start
        for each in statements(head + self._text[start:], self._binding.traits, self._start + start - len(head)):
            if each.node is not None:
                self._binding.begin(self._binding.number, each.places)
                yield each.node


def truncate(tables: Iterable[exp.Expr], binding: Binding) -> None:
    """Bind TRUNCATE: its tables have to be there."""
    for each in tables:
        if isinstance(each, exp.Table):
            binding.table(each)
