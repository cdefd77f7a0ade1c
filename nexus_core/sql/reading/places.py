"""Where a statement's parts stand in the text: of a column's name, and of a whole select item or assignment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from sqlglot import Token, TokenType, exp

from nexus_core.sql.reading.tokens import NESTING, UNNESTING

_GROUPS = {TokenType.COMMA, TokenType.L_PAREN, TokenType.SELECT, TokenType.DISTINCT}
"""What stands before a parenthesis that groups an expression."""
_NO_CALL = {TokenType.VALUES, TokenType.EQ, TokenType.IN, TokenType.SET, TokenType.FROM, TokenType.JOIN}
_NO_CALL |= {TokenType.ALIAS, TokenType.R_PAREN, TokenType.ON}
"""What stands before a parenthesis that is neither a group's nor a call's."""
_LEFT_ENDS = {TokenType.COMMA, TokenType.SELECT, TokenType.DISTINCT, TokenType.SET, TokenType.RETURNING}
_LEFT_ENDS |= {TokenType.VALUES, TokenType.SEMICOLON, TokenType.ALL}
_RIGHT_ENDS = {TokenType.COMMA, TokenType.FROM, TokenType.WHERE, TokenType.INTO, TokenType.SEMICOLON, TokenType.UNION}
_RIGHT_ENDS |= {TokenType.EXCEPT, TokenType.INTERSECT, TokenType.WHEN, TokenType.GROUP_BY, TokenType.ORDER_BY}
_RIGHT_ENDS |= {TokenType.LIMIT, TokenType.HAVING, TokenType.QUALIFY, TokenType.RETURNING, TokenType.LATERAL}

Place = tuple[int, int]
"""Characters [start, end) of the text."""

NOWHERE: Place = (-1, -1)


class Places:
    """The places of one statement's parts; `offset` is added to its tokens' own, None where those are not true."""

    def __init__(self, tokens: Sequence[Token], offset: int | None) -> None:
        self._tokens, self._offset = tokens, offset
        self._starts: list[int] | None = None

    def name(self, node: exp.Expr) -> Place:
        """Give the place of a column's name with its qualifiers, or of a star."""
        if self._offset is None:
            return NOWHERE
        if not isinstance(node, exp.Column):
            return self._around([node])
        return self._around([part for part in node.parts if isinstance(part, exp.Expr)])

    def item(self, node: exp.Expr) -> Place:
        """Give the place of a select item or assignment, from one comma or clause to the next."""
        if self._offset is None or not self._tokens:
            return NOWHERE
        start, end = self._around(node.walk())
        if start < 0:
            return NOWHERE
        if self._starts is None:
            self._starts = [token.start for token in self._tokens]
        first = bisect_right(self._starts, start - self._offset) - 1
        last = bisect_right(self._starts, end - 1 - self._offset) - 1
        first, last = self._widened(max(first, 0), max(last, 0))
        return self._tokens[first].start + self._offset, self._tokens[last].end + 1 + self._offset

    def _around(self, nodes: Iterable[exp.Expr]) -> Place:
        """Give the least range that holds all nodes that know their place."""
        start, end = -1, -1
        for node in nodes:
            meta = node._meta
            if meta and "start" in meta:
                start = meta["start"] if start < 0 else min(start, meta["start"])
                end = max(end, meta["end"] + 1)
        assert self._offset is not None  # noqa: S101 - both callers have seen to it
        return (start + self._offset, end + self._offset) if start >= 0 else NOWHERE

    def _widened(self, first: int, last: int) -> tuple[int, int]:
        """Take in what no node of the tree knows the place of: parentheses, CASE and END, casts, operators."""
        depth = lowest = 0
        for token in self._tokens[first : last + 1]:
            depth += (token.token_type in NESTING) - (token.token_type in UNNESTING)
            lowest = min(lowest, depth)
        for _ in range(-lowest):
            first = self._opening(first)
        for _ in range(depth - lowest):
            last = self._closing(last)
        while True:
            first, last = self._left(first), self._right(last)
            head = self._head_of_call(first - 1)
            if head < 0:
                return first, last
            first, last = head, self._closing(last)

    def _opening(self, first: int) -> int:
        return self._bracket(first, -1, UNNESTING, NESTING)

    def _closing(self, last: int) -> int:
        return self._bracket(last, 1, NESTING, UNNESTING)

    def _bracket(self, at: int, step: int, deeper: frozenset[TokenType], wanted: frozenset[TokenType]) -> int:
        depth, end = 0, at
        while 0 <= end + step < len(self._tokens):
            end += step
            kind = self._tokens[end].token_type
            if kind in wanted and not depth:
                return end
            depth += (kind in deeper) - (kind in wanted)
        return at

    def _left(self, first: int) -> int:
        """Go left to behind the next comma, clause or open bracket."""
        depth = 0
        while first > 0:
            kind = self._tokens[first - 1].token_type
            if not depth and (kind in _LEFT_ENDS or kind in NESTING):
                break
            depth += (kind in UNNESTING) - (kind in NESTING)
            first -= 1
        return first

    def _right(self, last: int) -> int:
        depth = 0
        while last + 1 < len(self._tokens):
            kind = self._tokens[last + 1].token_type
            if not depth and (kind in _RIGHT_ENDS or kind in UNNESTING):
                break
            depth += (kind in NESTING) - (kind in UNNESTING)
            last += 1
        return last

    def _head_of_call(self, at: int) -> int:
        """Give where the call, group or CASE starts whose bracket opens at a token, -1 if none does."""
        if at < 1 or self._tokens[at].token_type not in NESTING:
            return -1
        before = self._tokens[at - 1].token_type
        if before in _GROUPS or self._tokens[at].token_type is TokenType.CASE:
            return at
        return -1 if before in _NO_CALL else at - 1


UNPLACED = Places((), None)
"""Those of SQL that stands nowhere in the text."""
