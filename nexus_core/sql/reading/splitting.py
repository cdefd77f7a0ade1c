"""Where statements end: at semicolons, but not at those inside of blocks and routine bodies.

A block is read by its words alone (BEGIN … END, IF … END IF, loops, CASE), so that no parser ever sees a torn half.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

from sqlglot import Token, TokenType
from sqlglot.tokens import Tokenizer

from nexus_core.sql.dialect import DECLARING, MYSQL, POSTGRES
from nexus_core.sql.reading.tokens import word
from nexus_core.sql.reading.words import words_of

_ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE", "MACRO", "TASK"})
_OTHER_THINGS = frozenset({"VIEW", "INDEX", "DATABASE", "SCHEMA", "AS", "ON", "FROM", "SELECT", "(", ";", "SEQUENCE"})
_HEADER_WORDS = 14
"""Words in which a CREATE says what it makes: `CREATE OR REPLACE DEFINER = a @ b PROCEDURE`."""

_TRANSACTION = frozenset({"", ";", "TRANSACTION", "TRAN", "WORK", "NAME", "ISOLATION", "READ", "DEFERRED", "EXCLUSIVE"})
_CONTROL = frozenset({"BEGIN", "IF", "LOOP", "WHILE", "REPEAT", "FOR", "CASE"})
_SCRIPTING = _CONTROL | {"DECLARE", "SET", "CALL", "EXECUTE", "ASSERT", "LEAVE", "BREAK", "CONTINUE", "RAISE", "RETURN"}
_PLPGSQL = frozenset({"DO", "CALL"})
_MYSQL = frozenset({"CALL", "PREPARE", "EXECUTE", "DEALLOCATE", "SET", "BEGIN"})
_SPARK = frozenset({"BEGIN", "DECLARE", "SET", "EXECUTE", "CALL"})
_STARTS = {
    **dict.fromkeys(("", *POSTGRES), _PLPGSQL),
    "duckdb": frozenset({"CALL"}),
    **dict.fromkeys(MYSQL, _MYSQL),
    "bigquery": _SCRIPTING,
    "snowflake": frozenset({"BEGIN", "DECLARE", "SET", "EXECUTE", "CALL"}),
    "oracle": frozenset({"BEGIN", "DECLARE", "CALL", "EXEC", "EXECUTE", "<<"}),
    "spark": _SPARK,
    "databricks": _SPARK,
    "trino": frozenset({"EXECUTE"}),
    "athena": frozenset({"EXECUTE"}),
    "teradata": frozenset({"CALL", "EXEC", "EXECUTE", "BEGIN"}),
}
"""First words of what is a program rather than an SQL statement, by dialect."""

_CLIENT_WORDS = """
    SET WHENEVER SPOOL PROMPT EXIT QUIT REM REMARK DEFINE UNDEFINE ACCEPT PAUSE CONNECT CONN DISCONNECT HOST COLUMN COL
    TTITLE BTITLE BREAK CLEAR VARIABLE VAR PRINT START TIMING SHOW @
"""
_SQL_PLUS = frozenset(_CLIENT_WORDS.split())
"""First words of lines that SQL*Plus itself obeys; they need no semicolon."""

_SET_IN_SQL = frozenset({"ROLE", "TRANSACTION", "CONSTRAINT", "CONSTRAINTS"})

_BODIES = frozenset({";", "BEGIN", "DECLARE"})
_MAX_NESTED = 50
"""Subprograms inside of subprograms."""

_BOUNDARIES = frozenset({";", "BEGIN", "THEN", "ELSE", "LOOP", "DO", "REPEAT", "DECLARE", "ATOMIC", "EXCEPTION"})
_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|--[ \t][^\n]*|\#[^\n]*|/\*.*?\*/"


def delimited(sql: str, dialect: str) -> Iterator[tuple[int, str]]:
    """Give the pieces of a text between its DELIMITER lines, cut at the delimiter then in force, with their places."""
    if dialect not in MYSQL or _DELIMITER.search(sql) is None:
        yield 0, sql
        return
    at, delimiter = 0, ";"
    for line in _DELIMITER.finditer(sql):
        yield from _pieces(sql, at, line.start(), delimiter)
        at, delimiter = line.end(), line.group(1)
    yield from _pieces(sql, at, len(sql), delimiter)


def _pieces(sql: str, start: int, end: int, delimiter: str) -> Iterator[tuple[int, str]]:
    if delimiter != ";":
        for match in re.compile(rf"{_QUOTED}|({re.escape(delimiter)})", re.DOTALL).finditer(sql, start, end):
            if match.group(1):
                yield start, sql[start : match.start()]
                start = match.end()
    if sql[start:end].strip():
        yield start, sql[start:end]


def split(tokens: Sequence[Token], dialect: str) -> Iterator[tuple[Token, ...]]:
    """Give the statements of a text, each as its tokens without the semicolon."""
    at = 0
    ends: _Ends | None = None
    while (at := _behind_client_lines(tokens, at, dialect)) < len(tokens):
        last = len(tokens)
        if kind := _kind(tokens[at : at + _HEADER_WORDS], dialect):
            ends = ends or _Ends(*_keys(tokens, dialect))
            last = ends.token_behind(kind, dialect, at)
        end = _end(tokens, at, last, kind, dialect)
        if end > at:
            yield tuple(tokens[at:end])
        at = end + 1


def _behind_client_lines(tokens: Sequence[Token], at: int, dialect: str) -> int:
    """Give the place behind lines that are for a command-line client: `.logon`, `\\c`, `!sh`, SQL*Plus's `SPOOL x`."""
    while at < len(tokens) and _is_for_client(tokens, at, dialect):
        line = tokens[at].line
        while at < len(tokens) and tokens[at].line == line and tokens[at].token_type is not TokenType.SEMICOLON:
            at += 1
        at += at < len(tokens) and tokens[at].token_type is TokenType.SEMICOLON
    return at


def _is_for_client(tokens: Sequence[Token], at: int, dialect: str) -> bool:
    if tokens[at].text in (".", "\\", "!"):
        return True
    first = tokens[at].text.upper()
    if dialect != "oracle" or first not in _SQL_PLUS or (at and tokens[at - 1].line == tokens[at].line):
        return False
    following = tokens[at + 1].text.upper() if at + 1 < len(tokens) else ""
    return first != "SET" or following not in _SET_IN_SQL


def _end(tokens: Sequence[Token], at: int, last: int, kind: str, dialect: str) -> int:
    """Give the place where a statement ends, at the latest at a given one."""
    slashes = dialect == "oracle"
    if kind and not slashes:
        return last
    for place in range(at, last):
        if not kind and tokens[place].token_type is TokenType.SEMICOLON:
            return place
        if slashes and _is_lone_slash(tokens, place):
            return place
    return last


def _keys(tokens: Sequence[Token], dialect: str) -> tuple[list[str], list[int]]:
    """Give the words of tokens, each with its token's place.

    sqlglot's tokenizer makes one string of what follows a word such as EXECUTE, or BigQuery's BEGIN.
    """
    keys: list[str] = []
    places: list[int] = []
    for at, token in enumerate(tokens):
        if token.token_type is TokenType.STRING and at and tokens[at - 1].token_type in _COMMANDS:
            inner = [each.key for each in words_of(token.text, dialect)]
        elif token.text in "<>" and keys[-1:] == [token.text] and tokens[at - 1].end + 1 == token.start:
            keys[-1] += token.text
            continue
        else:
            inner = [word(token)]
        keys.extend(inner)
        places.extend([at] * len(inner))
    return keys, places


_COMMANDS = Tokenizer.COMMANDS


def _is_lone_slash(tokens: Sequence[Token], at: int) -> bool:
    """Whether it is a `/` on a line of its own, which ends a statement in SQL*Plus."""
    if tokens[at].token_type is not TokenType.SLASH:
        return False
    alone_before = at == 0 or tokens[at - 1].line < tokens[at].line
    return alone_before and (at + 1 == len(tokens) or tokens[at + 1].line > tokens[at].line)


def is_program(tokens: Sequence[Token], dialect: str) -> bool:
    """Whether a statement is a block, a routine, or another that is read by its words."""
    return bool(_kind(tokens[:_HEADER_WORDS], dialect)) or _fills_variables(tokens, dialect)


def _fills_variables(tokens: Sequence[Token], dialect: str) -> bool:
    """Whether it is MySQL's `SELECT … INTO @a, @b`."""
    if dialect not in MYSQL or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH):
        return False
    places = (at for at in range(1, len(tokens) - 1) if tokens[at].token_type is TokenType.INTO)
    return any(tokens[at + 1].token_type is TokenType.PARAMETER for at in places)


def _kind(tokens: Sequence[Token], dialect: str) -> str:
    """Give the word that says what kind of program begins here, "" for an SQL statement."""
    first = word(tokens[0])
    if first in ("CREATE", "REPLACE"):
        kind = _created([word(token) for token in tokens])
        return "" if kind == "MACRO" and dialect not in ("teradata", "duckdb") else kind
    starts = _STARTS.get(dialect, frozenset())
    if first not in starts and len(tokens) > 1 and not (word(tokens[1]) in (":", "<") or first == "WITH"):
        return ""
    keys = _keys(tokens, dialect)[0]
    if first == "WITH":
        return "WITH" if dialect == "snowflake" and "PROCEDURE" in keys[:4] else ""
    if len(keys) > 2 and keys[1] == ":" and keys[2] in _CONTROL and "LOOP" in starts:
        return keys[2]
    return keys[0] if keys[0] in starts and _is_own(keys, dialect) else ""


def _is_own(keys: Sequence[str], dialect: str) -> bool:
    """Whether a first word that both programs and SQL use begins a program."""
    following = keys[1] if len(keys) > 1 else ";"
    if keys[0] == "BEGIN":
        return following not in _TRANSACTION
    if keys[0] == "SET":
        if following == "@" and keys[2:3] == ["@"]:
            return False  # a setting of the session, no variable
        return following[:1] == "@" or (_OF_SET.get(dialect, "") in ("", following) and following != "@@")
    if keys[0] == "EXECUTE" and dialect in ("snowflake", "trino", "athena"):
        return following == "IMMEDIATE"
    return True


_OF_SET = {**dict.fromkeys(MYSQL, "@"), "spark": "VAR", "databricks": "VAR"}
"""What follows SET where it sets a variable; in other dialects it always does."""


def _created(keys: Sequence[str]) -> str:
    for at, key in enumerate(keys[1:], 1):
        if key in _ROUTINES and keys[at : at + 2] != ["EVENT", "TABLE"]:
            return key
        is_table = key == "TABLE" and keys[at + 1 : at + 2] != ["FUNCTION"]
        if is_table or (key in _OTHER_THINGS and keys[at - 1] != "CURRENT_USER"):
            return ""
    return ""


def unit_end(keys: Sequence[str]) -> int:
    """Give the place of the semicolon behind a subprogram that begins at the first of some words, or the end."""
    ends = _Ends(keys, range(len(keys)))
    body = ends.first(0, {"IS", "AS", ";"})
    return body if body >= len(keys) or keys[body] == ";" else ends.unit(body + 1)


class _Ends:
    """Finds the end of a program by its words; `places` are the places of their tokens."""

    def __init__(self, keys: Sequence[str], places: Sequence[int]) -> None:
        self._keys, self._places = keys, places

    def token_behind(self, kind: str, dialect: str, token: int) -> int:
        """Give the token behind a program that begins at another, its semicolon, or the end."""
        end = self._of(kind, dialect, bisect_left(self._places, token))
        return self._places[end] if end < len(self._places) else self._places[-1] + 1

    def _of(self, kind: str, dialect: str, at: int) -> int:
        """Give the place of the semicolon behind a program that begins at a word, or the end."""
        if kind == "MACRO" and dialect == "teradata":
            return self._semicolon(self._closed(self.first(self.first(at, {"AS"}), {"("})))
        if kind in _CONTROL:
            return self._block(at)
        if kind == "WITH":
            return self._semicolon(self.first(at, {"CALL"}))
        if kind == "DECLARE" and dialect in DECLARING:
            return self.unit(at + 1)
        if kind in _ROUTINES or kind == "<<":
            return self._routine(dialect, at)
        return self._semicolon(at)

    def _key(self, at: int) -> str:
        return self._keys[at] if at < len(self._keys) else ""

    def first(self, at: int, keys: Collection[str]) -> int:
        """Give the place of the first of some words outside of brackets."""
        depth = 0
        for place in range(at, len(self._keys)):
            key = self._keys[place]
            if not depth and key in keys:
                return place
            depth += (key == "(") - (key == ")" and depth > 0)
        return len(self._keys)

    def _closed(self, opened: int) -> int:
        depth = 0
        for place in range(opened, len(self._keys)):
            depth += (self._keys[place] == "(") - (self._keys[place] == ")")
            if not depth:
                return place
        return len(self._keys)

    def _semicolon(self, at: int) -> int:
        try:
            return self._keys.index(";", at)
        except ValueError:
            return len(self._keys)

    def _routine(self, dialect: str, at: int) -> int:
        if dialect == "oracle" and self._key(compound := self.first(at, _BODIES | {"COMPOUND"})) == "COMPOUND":
            return self._compound(compound)
        start = self.first(at, _BODIES | {"IS", "AS"} if dialect == "oracle" else _BODIES)
        if start >= len(self._keys) or self._keys[start] == ";":
            return start
        if self._keys[start] in ("BEGIN", "DECLARE"):
            return self.unit(start)
        external = self._keys[start + 1 : start + 2] in (["LANGUAGE"], ["EXTERNAL"])
        return self._semicolon(start) if external else self.unit(start + 1)

    def _compound(self, at: int) -> int:
        """Pass over the sections of a compound trigger, each a block, to its own END."""
        while at < len(self._keys) and self._keys[at] != "END":
            at = (self._block(at) if self._keys[at] == "BEGIN" else at) + 1
        return self._semicolon(at)

    def unit(self, at: int, depth: int = 0) -> int:
        """Pass over declarations, among them subprograms, and the block behind them, or a package's END."""
        boundary = True
        while at < len(self._keys):
            key = self._keys[at]
            if key == "BEGIN":
                return self._block(at)
            if key == "END":
                return self._semicolon(at)
            if key in ("PROCEDURE", "FUNCTION") and boundary:
                body = self.first(at, {"IS", "AS", ";"})
                nested = self._key(body) != ";" and depth < _MAX_NESTED
                at = self.unit(body + 1, depth + 1) if nested else body
            elif key == "CASE":
                at = self._block(at, ends=False)
            boundary = self._keys[at : at + 1] in ([";"], ["DECLARE"], ["IS"], ["AS"])
            at += 1
        return at

    def _block(self, at: int, *, ends: bool = True) -> int:
        """Give the place of the semicolon behind the END of the block that begins here; without `ends`, of the END."""
        stack: list[str] = []
        boundary, header = True, False
        while at < len(self._keys):
            key = self._keys[at]
            if key == "END" and self._keys[at - 1] != ".":
                if stack:
                    stack.pop()
                if not stack:
                    return self._semicolon(at) if ends else at
                at += self._key(at + 1) in _CONTROL
            elif key in ("LOOP", "DO") and header:
                header = False
            elif (opened := self._opened(at, boundary, stack)) and not (key == "LOOP" and header):
                stack.append(opened)
                header = key in ("FOR", "WHILE")
            boundary = (
                key in _BOUNDARIES or (boundary and key in ("<<", ">>", ":", "NOT")) or self._labels(at, boundary)
            )
            at += 1
        return at

    def _labels(self, at: int, boundary: bool) -> bool:
        """Whether it is the name of a label: `<<name>>` or `name:`."""
        return boundary and (self._keys[at - 1] == "<<" or self._keys[at + 1 : at + 2] == [":"])

    def _opened(self, at: int, boundary: bool, stack: Sequence[str]) -> str:
        """Give what a word opens, "" for nothing; inside a CASE expression only CASE does."""
        key = self._keys[at]
        expression = bool(stack) and stack[-1] == "CASE expression"
        if key == "CASE":
            return "CASE" if boundary and not expression else "CASE expression"
        if key == "BEGIN":
            return "" if self._keys[at + 1 : at + 2] in ([";"], ["TRANSACTION"], ["WORK"]) else key
        return key if key in _CONTROL and boundary and not expression else ""
