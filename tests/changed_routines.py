"""Procedures and triggers of a generated estate: variables, cursors, loops and branches around generated statements."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.changed_queries import Columns, Writer


@dataclass(frozen=True)
class Body:
    """What a procedure or trigger does: its text, the relations that it reads, what it fills with which columns.

    `call` runs it, `undo` takes it away again.
    """

    sql: str
    reads: frozenset[str]
    target: str
    columns: Columns
    call: str = ""
    undo: str = ""


def procedures(
    writer: Writer, rng: random.Random, tables: dict[str, dict[str, str]], declared: Callable[[str], str], count: int
) -> Iterator[Body]:
    """Give procedures `p0`, `p1`, …, each of which can be called without arguments."""
    for number in range(count):
        yield (_mysql if writer.mysql else _plpgsql)(_Parts(writer, rng, tables, declared, number))


def triggers(
    writer: Writer, rng: random.Random, tables: dict[str, dict[str, str]], declared: Callable[[str], str], count: int
) -> Iterator[Body]:
    """Give triggers `g0`, `g1`, …, each of which runs when a row is added to its table."""
    for number in range(count):
        of = _Parts(writer, rng, tables, declared, number)
        first, second, third = rng.sample(list(tables[of.table]), 3)
        kinds = {"one": tables[of.table][first], "two": tables[of.table][second]}
        sql = (_mysql_trigger if writer.mysql else _plpgsql_trigger)(of, first, second, third)
        call = f"INSERT INTO {of.table} SELECT * FROM {of.table}"
        yield Body(sql, of.reads, f"g{number}", kinds, call, f"DROP TRIGGER IF EXISTS g{number}")


class _Parts:
    """The random parts of one procedure or trigger."""

    def __init__(
        self,
        writer: Writer,
        rng: random.Random,
        tables: dict[str, dict[str, str]],
        declared: Callable[[str], str],
        number: int,
    ) -> None:
        self.number, self.declared = number, declared
        self.table = rng.choice(sorted(tables))
        self.column = rng.choice(list(tables[self.table]))
        self.kind = tables[self.table][self.column]
        self.condition = writer.condition(self.table, "")
        self.other = writer.condition(self.table, f"{self.table}.")
        self.query, columns, reads = writer.query()
        self.target, self.columns = f"f{number}", dict(columns)
        self.listed = ", ".join(self.columns)
        self.looped, looped_columns, looped_reads = writer.query()
        self.field, _ = rng.choice(list(looped_columns))
        self.reads = frozenset({self.table, *reads, *looped_reads})
        names = sorted({name for fields in tables.values() for name in fields})
        self.variable = rng.choice(names) if rng.random() < 0.2 else "held"
        self.converts = rng.random() < 0.25
        self.updates = rng.random() < 0.5

    def body(self, sql: str) -> Body:
        return Body(sql, self.reads, self.target, self.columns)


def _plpgsql(of: _Parts) -> Body:
    kept = f"\n  kept := {of.variable};" if of.converts else ""
    update = (
        f"\n  UPDATE {of.table} SET {of.column} = {of.variable} WHERE {of.condition};"
        if of.updates
        else f"\n  DELETE FROM {of.table} WHERE {of.table}.{of.column} = {of.variable} AND {of.other};"
    )
    return of.body(f"""CREATE PROCEDURE p{of.number}() LANGUAGE plpgsql AS $$
DECLARE
  {of.variable} {of.table}.{of.column}%TYPE;
  kept {of.kind};
  counted bigint := 0;
  line record;
BEGIN
  SELECT {of.table}.{of.column} INTO {of.variable} FROM {of.table} WHERE {of.other} LIMIT 1;{kept}
  FOR line IN {of.looped} LOOP
    counted := counted + CASE WHEN line.{of.field} IS NULL THEN 0 ELSE 1 END;
  END LOOP;
  IF counted >= 0 THEN
    INSERT INTO {of.target} ({of.listed}) {of.query};
  ELSE
    RAISE NOTICE 'never %', counted;
  END IF;{update}
END $$""")


def _mysql(of: _Parts) -> Body:
    return of.body(f"""CREATE PROCEDURE p{of.number}()
BEGIN
  DECLARE {of.variable} {of.declared(of.kind)};
  DECLARE counted BIGINT DEFAULT 0;
  DECLARE done INT DEFAULT 0;
  DECLARE picked CURSOR FOR SELECT {of.table}.{of.column} FROM {of.table} WHERE {of.other};
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
  OPEN picked;
  FETCH picked INTO {of.variable};
  CLOSE picked;
  SELECT COUNT(*) INTO counted FROM ({of.looped}) q;
  IF counted >= 0 THEN
    INSERT INTO {of.target} ({of.listed}) {of.query};
  END IF;
  WHILE done < 1 DO
    SET done = done + 1;
  END WHILE;
  DELETE FROM {of.table} WHERE {of.table}.{of.column} IS NULL AND {of.other};
END""")


def _plpgsql_trigger(of: _Parts, first: str, second: str, third: str) -> str:
    name = f"g{of.number}"
    when = f"WHEN (NEW.{third} IS NOT NULL) " if of.converts else ""
    assigned = f"NEW.{third} := held;" if third == of.column else f"NEW.{third} := NEW.{third};"
    return f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held {of.table}.{of.column}%TYPE;
  counted bigint;
BEGIN
  held := NEW.{of.column};
  SELECT count(*) INTO counted FROM ({of.looped}) q;
  IF counted >= 0 AND NEW.{first} IS NOT NULL THEN
    INSERT INTO {name} (one, two) VALUES (NEW.{first}, NEW.{second});
  END IF;
  {assigned}
  RETURN NEW;
END $$;
CREATE TRIGGER {name} BEFORE INSERT ON {of.table} FOR EACH ROW {when}EXECUTE FUNCTION {name}()"""


def _mysql_trigger(of: _Parts, first: str, second: str, third: str) -> str:
    name = f"g{of.number}"
    return f"""CREATE TRIGGER {name} BEFORE INSERT ON {of.table} FOR EACH ROW
BEGIN
  DECLARE counted BIGINT DEFAULT 0;
  SELECT COUNT(*) INTO counted FROM ({of.looped}) q;
  IF counted >= 0 AND NEW.{first} IS NOT NULL THEN
    INSERT INTO {name} (one, two) VALUES (NEW.{first}, NEW.{second});
  END IF;
  SET NEW.{third} = NEW.{third};
END"""
