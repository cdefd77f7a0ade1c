"""Routines: CREATE FUNCTION and PROCEDURE, DO, CALL. A definition's lineage is that of its body.

Read from words, not by sqlglot's parser, which gives up on most of what `pg_get_functiondef` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from nexus_core.errors import SqlError
from nexus_core.sql.dynamic import unquoted
from nexus_core.sql.parse import Statement, statements
from nexus_core.sql.plpgsql import Body
from nexus_core.sql.resolution import Variables
from nexus_core.sql.script import Script
from nexus_core.sql.words import Word, find, words_of

_TRIGGER_ROWS = ("new", "old")
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_PAREN, _COMMA, _CLOSE = frozenset({"("}), frozenset({","}), frozenset({")"})
_WITH_POSTGRES_BODIES = ("", "postgres", "redshift", "materialize", "risingwave", "duckdb")


def routine(statement: Statement, script: Script) -> bool:
    """Run a statement that concerns a routine; tell whether it was one. Raises SqlError for an unknown one."""
    node = statement.node
    command = _COMMANDS.get(node.name.upper()) if isinstance(node, exp.Command) else None
    if node is None or command is None:
        return False
    expression = node.args.get("expression")
    text = expression.name if isinstance(expression, exp.Expr) else str(expression or "")
    return command(text, script, statement.number)


def _create(text: str, script: Script, number: int) -> bool:
    words = words_of(text)
    at = find(words, frozenset({"FUNCTION", "PROCEDURE"}), 0, min(len(words), 4)) + 1
    if at > 4 or at >= len(words):
        return False
    if script.session.traits.name not in _WITH_POSTGRES_BODIES:
        raise SqlError("unsupported_body", f"routines of {script.session.traits.name} are not read yet", number)
    opened = find(words, _PAREN, at)
    closed = find(words, _CLOSE, opened + 1)
    script.session.routines.add(_key(text[words[at].start : words[opened - 1].end]))
    names = [*_parameters(words[opened + 1 : closed]), *_result(words, closed)]
    _run(_language(words, closed), _body(text, words, closed, number), names, script, number)
    return True


def _parameters(words: Sequence[Word]) -> list[str]:
    """Give the names in a parameter list; a parameter of one word has a type alone."""
    names = []
    at = 0
    while at < len(words):
        end = find(words, _COMMA, at)
        parameter = [word for word in words[at:end] if word.key not in _MODES]
        if len(parameter) > 1:
            names.append(parameter[0].text.strip('"').lower())
        at = end + 1
    return names


def _result(words: Sequence[Word], start: int) -> list[str]:
    """Give the columns of RETURNS TABLE (…), which are variables of the body."""
    table = find(words, frozenset({"TABLE"}), start)
    if table + 1 >= len(words) or words[table - 1].key != "RETURNS":
        return []
    return _parameters(words[table + 2 : find(words, _CLOSE, table + 2)])


def _language(words: Sequence[Word], start: int) -> str:
    at = find(words, frozenset({"LANGUAGE"}), start) + 1
    return (
        (unquoted(words[at].text) if words[at].kind == "string" else words[at].text).lower()
        if at < len(words)
        else "sql"
    )


def _body(text: str, words: Sequence[Word], start: int, number: int) -> str:
    """Give a body: the string behind AS, what stands in BEGIN ATOMIC … END, or the query of RETURN."""
    for at in range(start, len(words) - 1):
        key, following = words[at].key, words[at + 1]
        if key == "AS" and following.kind == "string":
            return unquoted(following.text)
        if key == "BEGIN" and following.key == "ATOMIC":
            return text[following.end : words[-1].start]
        if key == "RETURN":
            return "SELECT " + text[following.start :]
    raise SqlError("unsupported_body", "the routine has no body that can be read", number)


def _run(language: str, body: str, names: Sequence[str], script: Script, number: int) -> None:
    """Run a body with its own variables; raises SqlError for a language that is neither SQL nor PL/pgSQL."""
    if language not in ("sql", "plpgsql"):
        raise SqlError("unsupported_language", f"the body is in {language}", number)
    outer = script.variables
    script.variables = Variables({name: {} for name in (*names, *_TRIGGER_ROWS)})
    try:
        if language == "plpgsql":
            Body(body, script, number).run()
        else:
            for statement in statements(body, script.session.traits):
                script.run(Statement(number, statement.tokens, statement.node, statement.error, statement.tolerant))
    finally:
        script.variables = outer


def _do(text: str, script: Script, number: int) -> bool:
    words = words_of(text)
    body = next((word for word in words if word.kind == "string" and word.text[0] in "$'"), None)
    if body is None:
        return False
    named = find(words, frozenset({"LANGUAGE"}), 0) < len(words)
    _run(_language(words, 0) if named else "plpgsql", unquoted(body.text), (), script, number)
    return True


def _call(text: str, script: Script, number: int) -> bool:
    """Pass over the call of a routine that the script defines: its definition has told its lineage."""
    name = text.split("(")[0].strip()
    if _key(name) not in script.session.routines:
        raise SqlError("unknown_routine", f"{name} is not defined here", number)
    return True


def _key(name: str) -> str:
    return name.split(".")[-1].strip('"').lower()


_COMMANDS: dict[str, Callable[[str, Script, int], bool]] = {"DO": _do, "CALL": _call, "CREATE": _create}
