"""From text to statements: the dialect's parser, else what `fallback` has; one bad statement costs only itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlglot import Token, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import ErrorLevel, ParseError, TokenError

from nexus_core.errors import SqlError
from nexus_core.sql.dialect import Traits
from nexus_core.sql.limits import MAX_CHARACTERS
from nexus_core.sql.reading.fallback import Fallback, Reading
from nexus_core.sql.reading.headers import plain_headers
from nexus_core.sql.reading.idioms import is_synonym, retold
from nexus_core.sql.reading.places import Places
from nexus_core.sql.reading.rewrites import reopened, rewritten
from nexus_core.sql.reading.silence import moves_no_data
from nexus_core.sql.reading.size import check_size
from nexus_core.sql.reading.splitting import delimited, is_program, split
from nexus_core.sql.reading.tsql_trees import parsed

# sqlglot logs the text of a statement that it does not know; literals must not reach logs.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


PARSER_FAILURES = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What sqlglot also raises for malformed text (found by fuzzing), and its half-made trees cause in their readers."""

PROGRAM = "PROGRAM"
"""Name of the command that holds the whole text of a block, a routine, or what else is read by its words."""
_DEFINED = frozenset({"TABLE", "VIEW"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a text, as a tree or with the reason why there is none; neither if it moves no data.

    `note` says how it was read where its dialect's parser did not understand it. `offset` is added to the tokens'
    places, None where they are not places of the text.
    """

    number: int
    tokens: tuple[Token, ...]
    node: exp.Expr | None = None
    error: SqlError | None = None
    note: SqlError | None = None
    offset: int | None = None

    @property
    def places(self) -> Places:
        """Where its parts stand in the text."""
        return Places(self.tokens, self.offset)


def statements(sql: str, traits: Traits, offset: int | None = None) -> Iterator[Statement]:
    """Give the statements of a text one by one; `offset` is its place in the whole text, if it is a piece of it."""
    if len(sql) > MAX_CHARACTERS:
        yield Statement(0, (), error=SqlError("too_long", f"{len(sql)} characters, the limit is {MAX_CHARACTERS}"))
        return
    number = 0
    fallback = Fallback(traits, parse_tokens)
    for start, text, tokens in _tokenised(sql, traits):
        at = None if offset is None else offset + start
        for group in split(tokens, traits.name) if tokens is not None else [()]:
            yield _parsed(text, group, fallback, number, at) if group else _unreadable(number)
            number += 1


def _tokenised(sql: str, traits: Traits) -> Iterator[tuple[int, str, Sequence[Token] | None]]:
    """Give the text's tokens; where an end is missing somewhere, piece by piece, None for a bad one."""
    for start, part in delimited(sql, traits.name):
        tokens = _tokens_of(part, traits.sqlglot)
        if tokens is not None:
            yield start, part, tokens
            continue
        for piece in part.split(";"):
            if piece.strip():
                yield start, piece, _tokens_of(piece, traits.sqlglot)
            start += len(piece) + 1


def _tokens_of(piece: str, dialect: Dialect) -> Sequence[Token] | None:
    try:
        return dialect.tokenize(piece)
    except TokenError:
        return None


def _unreadable(number: int) -> Statement:
    return Statement(number, (), error=SqlError("syntax", "a string, identifier or comment has no end", number))


def _parsed(sql: str, tokens: tuple[Token, ...], fallback: Fallback, number: int, offset: int | None) -> Statement:
    statement = Statement(number, tokens, offset=offset)
    try:
        check_size(tokens, number)
        tokens = tuple(reopened(sql, tokens, fallback.dialect))
        statement = replace(statement, tokens=tokens)
        if not tokens or moves_no_data(tokens, fallback.dialect_name):
            return statement
        if is_program(tokens, fallback.dialect_name):
            text = sql[tokens[0].start : tokens[-1].end + 1]
            return replace(statement, node=exp.Command(this=PROGRAM, expression=text))
        node = parse_tokens(sql, tokens, fallback.dialect)
        reading = fallback.definition(sql, tokens) if _is_unread(node) else None
        return _read_again(replace(statement, node=node), reading)
    except SqlError as error:
        return replace(statement, error=error)
    except ParseError as error:
        unread = replace(statement, error=SqlError("syntax", _reason(error), number))
        return _read_again(unread, fallback.reading(sql, tokens, error))
    except RecursionError:
        return replace(statement, error=SqlError("too_deep", "nested deeper than the parser can follow", number))


def _is_unread(node: exp.Expr) -> bool:
    """Whether it defines a table or view or moves files, but the parser left it as a text."""
    if not isinstance(node, exp.Command) or node.name.upper() != "CREATE":
        return isinstance(node, exp.Command) and node.name.upper() == "COPY"
    return not _DEFINED.isdisjoint(str(node.expression).upper().split()[:8])


def _read_again(statement: Statement, reading: Reading | None) -> Statement:
    if reading is None:
        return statement
    offset = None if statement.offset is None else statement.offset + reading.start
    return replace(statement, node=reading.node, error=None, note=reading.note, tokens=reading.tokens, offset=offset)


def parse_tokens(sql: str, tokens: Sequence[Token], dialect: Dialect) -> exp.Expr:
    """Parse one statement; raises ParseError, also for what is an expression and no statement.

    A CREATE that the parser gives up on is read once more without its storage options, others as what they amount to.
    """
    tokens = rewritten(tokens, dialect)
    try:
        tree = _statement(sql, tokens, dialect)
    except ParseError:
        if (other := _otherwise(sql, tokens, dialect)) is not None:
            return other
        raise
    return (_otherwise(sql, tokens, dialect) or tree) if isinstance(tree, exp.Command) else tree


def _otherwise(sql: str, tokens: Sequence[Token], dialect: Dialect) -> exp.Expr | None:
    return _retold(sql, tokens, dialect) or _without_options(sql, tokens, dialect)


def _retold(sql: str, tokens: Sequence[Token], dialect: Dialect) -> exp.Expr | None:
    """Parse what a statement amounts to, None if that is not known or it is cut off."""
    try:
        told = [_statement(sql, rewritten(each, dialect), dialect) for each in retold(tokens)]
    except (ParseError, IndexError):
        return None
    if not told or any(isinstance(each, exp.Command) for each in told):
        return None
    if is_synonym(tokens):
        told[0].set("kind", "SYNONYM")
    return told[0] if len(told) == 1 else exp.Block(expressions=told)


def _without_options(sql: str, tokens: Sequence[Token], dialect: Dialect) -> exp.Expr | None:
    for plain in plain_headers(tokens):
        with suppress(ParseError):
            tree = _statement(sql, plain, dialect)
            if not isinstance(tree, exp.Command):
                return tree
    return None


def _statement(sql: str, tokens: Sequence[Token], dialect: Dialect) -> exp.Expr:
    try:
        if isinstance(dialect, TSQL):
            return parsed(tokens, lambda again: _tree(sql, again, dialect))
        return _tree(sql, tokens, dialect)
    except (*PARSER_FAILURES, TokenError) as error:
        raise ParseError("The parser cannot read it") from error


def _tree(sql: str, tokens: Sequence[Token], dialect: Dialect) -> exp.Expr:
    parser = dialect.parser(error_level=ErrorLevel.IMMEDIATE)
    words = parser.NO_PAREN_FUNCTION_PARSERS
    prior = words.get("PRIOR")
    try:
        trees = parser.parse(list(tokens), sql)
    finally:  # what CONNECT BY does to this word would last for all later statements
        words.pop("PRIOR", None)
        if prior is not None:
            words["PRIOR"] = prior
    if len(trees) != 1 or not isinstance(trees[0], exp.Expr) or _is_no_statement(trees[0]):
        raise ParseError("This is no statement")
    return trees[0]


def _is_no_statement(tree: exp.Expr) -> bool:
    if isinstance(tree, (exp.Query, exp.DML)):
        return False
    return isinstance(tree, (exp.Condition, exp.Alias, exp.Identifier, exp.Aliases, exp.Tuple))


def _reason(error: ParseError) -> str:
    """Give where and what, without the text around it, which may hold personal data."""
    if not error.errors:
        return str(error)
    first = error.errors[0]
    what = str(first.get("description") or "not understood").split(" but got")[0].split(": ")[0]
    return f"{what} at line {first.get('line')}, column {first.get('col')}"
