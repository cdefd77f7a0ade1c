"""`tried`: how a server takes a text in each of several worlds, as a pure function."""

from __future__ import annotations

import sys

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.model.statement import SqlRequest
from nexus_core.model.trial import Found, OutputColumn, Trial, TrialRequest, World
from nexus_core.sql import limits
from nexus_core.sql.binding.binding import Binding
from nexus_core.sql.binding.program import program
from nexus_core.sql.binding.queries import query
from nexus_core.sql.binding.relations import Scope
from nexus_core.sql.binding.transfers import transfer, truncate
from nexus_core.sql.binding.writes import made_of, write
from nexus_core.sql.dialect import Traits, traits_of
from nexus_core.sql.reading.parse import PARSER_FAILURES, PROGRAM, Statement, statements

_SILENT = frozenset({"SET", "USE", "BEGIN", "COMMIT", "ROLLBACK", "ANALYZE", "GRANT", "REVOKE", "COMMENT", "VACUUM"})


def tried(request: TrialRequest) -> tuple[Trial, ...]:
    """Give how each world takes a text, which is read once; never raises for what the text holds.

    What cannot be judged is `unsure`: programs, dialects without traits, statements that were read tolerantly.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), limits.RECURSION_LIMIT))
    traits = traits_of(request.dialect)
    if traits is None:
        unknown = Found("unknown_dialect", f"{request.dialect!r} is no dialect", 0)
        return tuple(Trial(unsure=(unknown,)) for _ in request.worlds)
    read = list(statements(request.sql, traits, 0))
    return tuple(_tried(read, request, world, traits) for world in request.worlds)


def _tried(read: list[Statement], request: TrialRequest, world: World, traits: Traits) -> Trial:
    surroundings = SqlRequest(
        request.sql, request.dialect, world.tables, request.default_database, request.default_schema
    )
    binding = Binding(surroundings, world, traits)
    for statement in read:
        _attempt(statement, binding)
    return Trial(
        tuple(binding.refused),
        tuple(binding.unsure),
        tuple(binding.notes),
        tuple(binding.uses),
        binding.makes,
        binding.writes,
        tuple(binding.named),
        tuple(binding.bare),
        tuple(binding.filled),
        tuple(binding.fires),
    )


def _attempt(statement: Statement, binding: Binding) -> None:
    binding.begin(statement.number, statement.places)
    if (said := statement.error or statement.note) is not None:
        binding.unsure[Found(said.code, said.message, statement.number)] = None
    if statement.node is None:
        return
    try:
        _bound(statement.node, binding, statement)
    except SqlError as error:
        binding.unsure[Found(error.code, error.message, statement.number)] = None
    except (RecursionError, *PARSER_FAILURES):
        binding.unsure[Found("not_judged", "the statement has a form that is not judged", statement.number)] = None


def _bound(node: exp.Expr, binding: Binding, statement: Statement) -> None:
    if isinstance(node, exp.TruncateTable):
        truncate(node.expressions, binding)
    elif transfer(node, statement, binding):
        return
    elif isinstance(node, exp.Command):
        if node.name == PROGRAM and program(statement, binding, _attempt):
            return
        if node.name.upper() not in _SILENT:
            told = f"{node.name.upper()} is not judged"
            binding.unsure[Found("program", told, binding.number)] = None
    elif isinstance(node, exp.Query) and node.args.get("into") is None:
        columns = query(node, binding, Scope())
        told_columns = [OutputColumn("*", "")] if columns is None else [made_of(each) for each in columns]
        binding.makes[""] = tuple(told_columns)
    elif isinstance(node, exp.Block):
        for each in node.expressions:
            _bound(each, binding, statement)
    else:
        write(node, binding, Scope())
