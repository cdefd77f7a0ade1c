"""T-SQL statements about whole tables that sqlglot's parser does not know: SWITCH, TRANSFER, synonyms, types, BULK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexus_core.sql.programs.tsql.source import key_of
from nexus_core.sql.programs.tsql.words import dotted_name
from nexus_core.sql.reading.tokens import word_set

if TYPE_CHECKING:
    from nexus_core.sql.programs.tsql.program import Program

_WITHOUT_ROWS = word_set(
    "STATISTICS USER ROLE LOGIN DATABASE CERTIFICATE ASSEMBLY QUEUE SERVICE SEQUENCE SCHEMA PARTITION INDEX UNIQUE "
    "CLUSTERED NONCLUSTERED COLUMNSTORE FULLTEXT XML SPATIAL RULE DEFAULT MASTER SYMMETRIC ASYMMETRIC CREDENTIAL "
    "ENDPOINT EVENT SERVER AVAILABILITY RESOURCE WORKLOAD SECURITY SEARCH MESSAGE CONTRACT ROUTE AUTHORIZATION "
    "APPLICATION COLUMN CRYPTOGRAPHIC AGGREGATE TYPE"
)
_EXTERNAL_WITHOUT_ROWS = frozenset({"DATA", "FILE", "LIBRARY", "LANGUAGE", "RESOURCE", "MODEL", "STREAM"})


def change(program: Program, at: int, end: int) -> bool:
    """Run a CREATE, ALTER or BULK statement; tell whether it was one of these."""
    source = program.source
    keys = tuple(source.key(place, end) for place in (at, at + 1))
    if keys == ("CREATE", "SYNONYM"):
        _synonym(program, at + 2, end)
    elif keys == ("CREATE", "TYPE"):
        _type(program, at + 2, end)
    elif keys == ("ALTER", "SCHEMA"):
        _transfer(program, at + 2, end)
    elif keys == ("BULK", "INSERT"):
        _bulk(program, at, end)
    elif keys == ("ALTER", "TABLE"):
        return _switch(program, at, end) or _without_rows(program, at, end)
    elif keys[1] == "EXTERNAL":
        return source.key(at + 2, end) in _EXTERNAL_WITHOUT_ROWS
    else:
        return keys[1] in _WITHOUT_ROWS
    return True


def _synonym(program: Program, at: int, end: int) -> None:
    name, behind = dotted_name(program.words, at, end)
    table, _ = dotted_name(program.words, behind + 1, end)
    session = program.script.session
    if name and table:
        session.synonyms[session.qualified(name)] = session.qualified(table)


def _type(program: Program, at: int, end: int) -> None:
    """Keep the columns of a table type for the variables of it."""
    name, behind = dotted_name(program.words, at, end)
    if program.source.key(behind, end) == "AS" and program.source.key(behind + 1, end) == "TABLE":
        program.state.types[key_of(name)] = program.source.slice(behind + 2, end)


def _transfer(program: Program, at: int, end: int) -> None:
    """`ALTER SCHEMA new TRANSFER [OBJECT::]old.t`."""
    schema, behind = dotted_name(program.words, at, end)
    start = behind + 1
    if program.source.key(start + 1, end) == "::":
        if program.source.key(start) != "OBJECT":
            return
        start += 2
    table, _ = dotted_name(program.words, start, end)
    if schema and table:
        text = f"ALTER TABLE {_quoted(table)} RENAME TO {_quoted((schema[-1], table[-1]))}"
        program.run_text(text, None, program.source.statement(at - 2))


def _switch(program: Program, at: int, end: int) -> bool:
    """`ALTER TABLE a SWITCH [PARTITION n] TO b`: the rows of a become those of b."""
    words = program.words
    table, behind = dotted_name(words, at + 2, end)
    if program.source.key(behind, end) != "SWITCH":
        return False
    to = next((place for place in range(behind, end) if words[place].key == "TO"), end)
    target, _ = dotted_name(words, to + 1, end)
    text = f"INSERT INTO {_quoted(target)} SELECT * FROM {_quoted(table)}"
    program.run_text(text, None, program.source.statement(at))
    return True


def _without_rows(program: Program, at: int, end: int) -> bool:
    """Whether an ALTER TABLE changes constraints, triggers or storage alone."""
    _, behind = dotted_name(program.words, at + 2, end)
    keys = [program.source.key(place, end) for place in (behind, behind + 1)]
    constrains = keys[0] == "ADD" and keys[1] in ("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "DEFAULT")
    return constrains or keys[0] in ("WITH", "CHECK", "NOCHECK", "ENABLE", "DISABLE", "SET", "REBUILD")


def _bulk(program: Program, at: int, end: int) -> None:
    """`BULK INSERT t FROM 'file'`."""
    table, behind = dotted_name(program.words, at + 2, end)
    text = f"COPY INTO {_quoted(table)} FROM {program.source.slice(behind + 1, min(behind + 2, end))}"
    program.run_text(text, None, program.source.statement(at))


def _quoted(name: tuple[str, ...]) -> str:
    return ".".join("[" + part.replace("]", "]]") + "]" for part in name)
