"""Tokens as words, brackets and names: what all that reads, splits or rewrites a statement asks of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlglot import Token, TokenType

Tokens = Sequence[Token]

OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
"""Tokens that open and close a bracket."""
NESTING = OPEN | {TokenType.CASE}
UNNESTING = CLOSE | {TokenType.END}
"""Tokens behind which an expression is nested one deeper, and those that end it."""
LITERALS = frozenset({TokenType.STRING, TokenType.NATIONAL_STRING, TokenType.RAW_STRING, TokenType.IDENTIFIER})
"""Tokens whose text is no word, whatever it reads."""


def word_set(text: str) -> frozenset[str]:
    """Give the blank-separated words of a text as a set."""
    return frozenset(text.split())


QUERY_WORDS = word_set("SELECT SEL WITH VALUES TABLE FROM")
"""Words that a query starts with."""
_NO_NAMES = word_set(
    """
    ALL AND AS BY CROSS END EXCEPT FOR FROM FULL GROUP_BY HAVING IN INNER INTERSECT INTO IS JOIN LEFT LIMIT NOT ON OR
    ORDER_BY PARTITION_BY QUALIFY RIGHT SELECT SEL SET THEN TO UNION USING VALUES WHEN WHERE WITH
    """
)
"""Words that end a name or stand before one."""
_SIGNS = {
    "(": TokenType.L_PAREN,
    ")": TokenType.R_PAREN,
    ",": TokenType.COMMA,
    ".": TokenType.DOT,
    "*": TokenType.STAR,
    "=": TokenType.EQ,
    "1": TokenType.NUMBER,
}


def word(token: Token) -> str:
    """Give a token's word in upper case, "" for a literal or a quoted name; the tokeniser makes `GROUP BY` one word."""
    if token.token_type in LITERALS:
        return ""
    text = token.text.upper()
    return text if text.isalnum() else "_".join(text.split())


def word_at(tokens: Tokens, at: int) -> str:
    """Give the word at a place, "" where there is none."""
    return word(tokens[at]) if 0 <= at < len(tokens) else ""


def words_at(tokens: Tokens, at: int, count: int) -> tuple[str, ...]:
    """Give so many words from a place on."""
    return tuple(word_at(tokens, each) for each in range(at, at + count))


def is_name(token: Token) -> bool:
    """Whether a token can be a part of a table's or column's name."""
    if token.token_type is TokenType.IDENTIFIER:
        return True
    text = word(token)
    return bool(text) and text not in _NO_NAMES and (text[0].isalpha() or text[0] in "_#@$")


def after_bracket(tokens: Tokens, at: int) -> int:
    """Give the place behind the bracket that opens at a token."""
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind in OPEN) - (kind in CLOSE)
        if not depth:
            return place + 1
    return len(tokens)


def after_path(tokens: Tokens, at: int) -> int:
    """Give the place behind a dotted name, -1 if there is none."""
    if at >= len(tokens) or not is_name(tokens[at]):
        return -1
    while at + 2 < len(tokens) and tokens[at + 1].token_type is TokenType.DOT and is_name(tokens[at + 2]):
        at += 2
    return at + 1


def after_existence(tokens: Tokens, at: int) -> int:
    """Give the place behind IF NOT EXISTS."""
    return at + 3 if words_at(tokens, at, 3) == ("IF", "NOT", "EXISTS") else at


def until(tokens: Tokens, at: int, words: Collection[str]) -> int:
    """Give the place of the first of some words outside of brackets, else the end of the bracket that holds `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].token_type
        if not depth and (kind in CLOSE or word(tokens[place]) in words):
            return place
        depth += (kind in OPEN) - (kind in CLOSE)
    return len(tokens)


def outside(tokens: Tokens, start: int = 0) -> Iterator[int]:
    """Give the places that are in no bracket."""
    depth = 0
    for at in range(start, len(tokens)):
        depth -= tokens[at].token_type in CLOSE
        if not depth:
            yield at
        depth += tokens[at].token_type in OPEN


def first_of(tokens: Tokens, words: Collection[str], start: int = 0) -> int:
    """Give the first place outside of brackets that bears one of some words, -1 without one."""
    return next((at for at in outside(tokens, start) if word(tokens[at]) in words), -1)


def first_phrase(tokens: Tokens, phrase: tuple[str, ...], start: int = 0) -> int:
    """Give the first place outside of brackets from which on some words follow each other, -1 without one."""
    return next((at for at in outside(tokens, start) if words_at(tokens, at, len(phrase)) == phrase), -1)


def like(token: Token, kind: TokenType, text: str) -> Token:
    """Give a token that is not in the text, at the place of one that is."""
    return Token(kind, text, token.line, token.col, token.start, token.end)


def put(text: str, near: Token, keywords: Mapping[str, TokenType]) -> Token:
    """Give a new word at another token's place."""
    return like(near, keywords.get(text) or _SIGNS.get(text) or TokenType.VAR, text)
