"""Which rule stands at which word, by dialect."""

from __future__ import annotations

from collections.abc import Mapping

from nexus_core.sql.dialect import MYSQL
from nexus_core.sql.programs.blocks.calls import call, perform
from nexus_core.sql.programs.blocks.control import (
    asserted,
    begin,
    case,
    condition,
    end,
    exception,
    label,
    loop,
    other_condition,
    otherwise,
    skip,
    step,
    until,
    while_loop,
)
from nexus_core.sql.programs.blocks.cursors import each_element, fetch, for_loop, open_cursor
from nexus_core.sql.programs.blocks.dynamic import execute, execute_or_call, execute_prepared, prepare
from nexus_core.sql.programs.blocks.machine import Rule
from nexus_core.sql.programs.blocks.results import pipe_row, returns
from nexus_core.sql.programs.blocks.statement import forall, plain_statement, statement
from nexus_core.sql.programs.blocks.variables import declare_section, declare_statement, let, set_statement

Rules = Mapping[str, Rule]

_WITHOUT_DATA = (
    "NULL EXIT CONTINUE LEAVE ITERATE BREAK GOTO SIGNAL RESIGNAL RAISE CLOSE GET COMMIT ROLLBACK PRAGMA PRINT"
)
_EVERYWHERE: Rules = {
    **dict.fromkeys(_WITHOUT_DATA.split(), skip),
    "": statement,
    ";": step,
    "BEGIN": begin,
    "END": end,
    "EXCEPTION": exception,
    "IF": condition,
    "ELSIF": other_condition,
    "ELSEIF": other_condition,
    "WHEN": other_condition,
    "ELSE": otherwise,
    "CASE": case,
    "LOOP": loop,
    "WHILE": while_loop,
    "FOR": for_loop,
    "OPEN": open_cursor,
    "FETCH": fetch,
    "RETURN": returns,
    "CALL": call,
}
_PLPGSQL: Rules = {
    **_EVERYWHERE,
    **dict.fromkeys(["ASSERT", "MOVE"], skip),
    "<<": label,
    "DECLARE": declare_section,
    "FOREACH": each_element,
    "PERFORM": perform,
    "EXECUTE": execute,
}
_ORACLE: Rules = {
    **_EVERYWHERE,
    "<<": label,
    "DECLARE": declare_section,
    **dict.fromkeys(("BEFORE", "AFTER", "INSTEAD"), declare_section),
    "FORALL": forall,
    "PIPE": pipe_row,
    "EXECUTE": execute_or_call,
    "EXEC": execute_or_call,
}
_SNOWFLAKE: Rules = {
    **_EVERYWHERE,
    **dict.fromkeys(["CANCEL", "AWAIT"], skip),
    "DECLARE": declare_section,
    "LET": let,
    "SET": set_statement,
    "REPEAT": loop,
    "UNTIL": until,
    "EXECUTE": execute,
}
_SCRIPTING: Rules = {
    **_EVERYWHERE,
    "DECLARE": declare_statement,
    "SET": set_statement,
    "REPEAT": loop,
    "UNTIL": until,
    "EXECUTE": execute,
    "ASSERT": asserted,
}
_MYSQL: Rules = {**_SCRIPTING, "PREPARE": prepare, "EXECUTE": execute_prepared, "DEALLOCATE": skip}
_TERADATA: Rules = {**_SCRIPTING, "EXEC": execute_or_call, "EXECUTE": execute_or_call, "PREPARE": prepare}

PLAIN: Rules = {"": plain_statement, ";": step}
"""A body of SQL alone, whose last query gives the rows that it returns."""

_RULES = {
    **dict.fromkeys(MYSQL, _MYSQL),
    "sqlite": _MYSQL,
    "bigquery": _SCRIPTING,
    "spark": _SCRIPTING,
    "databricks": _SCRIPTING,
    "trino": _SCRIPTING,
    "athena": _SCRIPTING,
    "teradata": _TERADATA,
    "snowflake": _SNOWFLAKE,
    "oracle": _ORACLE,
}


def rules_of(dialect: str) -> Rules:
    """Give the rules of a dialect's procedural language; of those without one of their own, PL/pgSQL's."""
    return _RULES.get(dialect, _PLPGSQL)
