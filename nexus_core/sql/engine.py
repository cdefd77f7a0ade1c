"""`derive`: the lineage of a SQL text, as a pure function."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.metadata import version

from nexus_core.model.statement import References, SqlLineage, SqlProblem, SqlRequest
from nexus_core.sql import limits
from nexus_core.sql.dialect import T_SQL, traits_of
from nexus_core.sql.programs.routines import Routines
from nexus_core.sql.programs.script import Script
from nexus_core.sql.programs.tsql.server import Server
from nexus_core.sql.reading.parse import statements
from nexus_core.sql.resolving.session import Session
from nexus_core.sql.statements.outcome import Outcome
from nexus_core.sql.views import Views

_ENGINE = "3"
"""Raised with every change that alters any result."""

_LIMITS = (
    limits.MAX_CHARACTERS,
    limits.MAX_TOKENS,
    limits.MAX_NESTING,
    limits.MAX_NESTED_TYPES,
    limits.MAX_STEPS,
    limits.MAX_STEPS_OF_TEXT,
    limits.MAX_EXPRESSION_NODES,
    limits.MAX_REPEATED,
    limits.MAX_REPEATED_CHARACTERS,
    limits.MAX_PARSES,
    limits.MAX_TOKENS_PARSED_AGAIN,
)

DERIVATION_VERSION: str = "/".join((f"sql-{_ENGINE}", f"sqlglot-{version('sqlglot')}", *map(str, _LIMITS)))
"""Engine, parser and the limits that decide a result: equal versions give equal results."""


def derive(request: SqlRequest) -> SqlLineage:
    """Give the lineage of a text; never raises for what the text holds, each failure is a problem of its statement.

    Cost: some 3 ms for a warehouse query of 1 kB. An unknown dialect is a problem, and the tolerant parser's turn.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), limits.RECURSION_LIMIT))
    traits = traits_of(request.dialect)
    if traits is None:
        problem = SqlProblem("unknown_dialect", f"{request.dialect!r} is no dialect", 0)
        tolerant = derive(replace(request, dialect=None))
        return replace(tolerant, problems=(problem, *tolerant.problems), resolved=frozenset())
    session = Session(request, traits)
    session.views = Views(session, request.definitions)
    outcome = Outcome(session)
    routines = (Server if traits.name in T_SQL else Routines)(session, request.definitions)
    script = Script(session, outcome, routines)
    if isinstance(routines, Server):
        routines.batches(request.sql, script)
    else:
        for statement in statements(request.sql, traits, 0):
            script.run(statement)
    routines.finish(script)
    return replace(outcome.lineage(), called=tuple(routines.asked))


def references(request: SqlRequest) -> References:
    """Give what a caller must find out to derive a request: it needs neither a schema nor all definitions yet.

    A definition that is given then may call for further ones and further tables.
    """
    derived = derive(replace(request, schema=None))
    return References(derived.looked_up, derived.called)
