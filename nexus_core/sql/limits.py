"""What bounds a derivation: counts of characters, tokens, nesting and steps, never time, so that results repeat.

Each limit stands in `DERIVATION_VERSION`; a change of one is a change of version. Wall time and memory are bounded
by `ParsePool`, which never turns an overrun into a result.
"""

from __future__ import annotations

from nexus_core.errors import SqlError

MAX_CHARACTERS = 2_000_000
MAX_TOKENS = 200_000
MAX_NESTING = 150
MAX_NESTED_TYPES = 14
"""Levels of `STRUCT(STRUCT(…`: sqlglot tries each as a type first, so that every level doubles the time."""

MAX_STEPS = 1_000_000
MAX_REPEATED = 2_000
"""Statements of a T-SQL text that run again, in called procedures and second rounds of loops."""

MAX_REPEATED_CHARACTERS = 400_000
"""Of bodies that a text runs again: two calls in each of ten procedures would otherwise run a thousand."""

MAX_STEPS_OF_TEXT = 5_000_000
MAX_PARSES = 30
"""Further attempts to read a statement that its dialect's parser does not understand."""
MAX_TOKENS_PARSED_AGAIN = 200_000
"""Tokens that all such attempts of one text may take."""
MAX_EXPRESSION_NODES = 300
"""Longer expressions have no text in the result: writing one out is recursive and dear."""

RECURSION_LIMIT = 15_000
"""Python frames that `MAX_NESTING` levels need, twice over: sqlglot takes some 25 a parenthesis."""


class Steps:
    """Steps that the statements of one text may take together."""

    def __init__(self) -> None:
        self.left = MAX_STEPS_OF_TEXT


class Budget:
    """Steps that one statement of a text may take while its names are resolved."""

    def __init__(self, statement: int, text: Steps) -> None:
        self._left, self._statement, self._text = MAX_STEPS, statement, text

    def spend(self, steps: int = 1) -> None:
        """Take steps; raises SqlError `too_complex` when none are left."""
        self._left -= steps
        self._text.left -= steps
        if self._left < 0 or self._text.left < 0:
            limit = MAX_STEPS if self._left < 0 else MAX_STEPS_OF_TEXT
            raise SqlError("too_complex", f"more than {limit} resolution steps", self._statement)


class Allowance:
    """What a text may spend on reading again what its dialect's parser does not understand."""

    def __init__(self) -> None:
        self._tokens, self._parses = MAX_TOKENS_PARSED_AGAIN, MAX_PARSES

    def next_statement(self) -> Allowance:
        """Give the next statement its attempts; the tokens are those of the whole text."""
        self._parses = MAX_PARSES
        return self

    def take(self, tokens: int) -> bool:
        """Take an attempt at so many tokens; tell whether it is granted."""
        self._parses -= 1
        self._tokens -= tokens
        return self._parses >= 0 and self._tokens >= 0
