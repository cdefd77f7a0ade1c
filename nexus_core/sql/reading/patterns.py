"""Patterns over tokens: what the parser does not know of a dialect, put into words that it knows.

A rule is written as one line, `HEAD/HEAD: element element …`, the heads being first words of its statement, if they
matter; `^` as first element binds it to the statement's start. Of the elements

- a word matches itself in any case and is dropped, `A/B` either; `{A}` keeps it; `A?` may be missing;
- `name` is one name, `path` a dotted one, `()` all of a parenthesis, `string`, `number` and `any` one token,
  `until:A/B` all up to a word of the same depth, `rest` all to the end of the bracket;
- `path#1` drops what it matches into slot 1, from which `+#1` takes it; `+A` puts a word in, `+named#1` the name that
  the string in slot 1 holds;
- `=A/B` looks whether that follows, `!A/B` whether not, `<A/B` whether it precedes, `<!A/B` whether not; `end` is the
  bracket's end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlglot import Token, TokenType

from nexus_core.sql.reading.tokens import CLOSE, Tokens, after_bracket, after_path, is_name, like, put, until, word

_KINDS: Mapping[str, Callable[[Tokens, int], int]] = {
    "name": lambda tokens, at: at + 1 if at < len(tokens) and is_name(tokens[at]) else -1,
    "path": after_path,
    "()": lambda tokens, at: (
        after_bracket(tokens, at) if at < len(tokens) and tokens[at].token_type is TokenType.L_PAREN else -1
    ),
    "string": lambda tokens, at: at + 1 if at < len(tokens) and tokens[at].token_type is TokenType.STRING else -1,
    "number": lambda tokens, at: at + 1 if at < len(tokens) and tokens[at].token_type is TokenType.NUMBER else -1,
    "any": lambda tokens, at: at + 1 if at < len(tokens) else -1,
    "rest": lambda tokens, at: until(tokens, at, frozenset()),
    "end": lambda tokens, at: at if at == len(tokens) or tokens[at].token_type in CLOSE else -1,
}
"""How each kind of element finds its end; -1 where it does not match."""


_COMMON = """
 MERGE  VIEW  END  UPDATE  DELETE  SET  WHEN  USING  LIMIT  FOR  IN  CREATE  TABLE  INTO  INSERT  WITH  ORDER_BY  OR
 GROUP_BY  ON  *  JOIN  WHERE  AND  =  AS  .  ,  )  (  FROM  SELECT """
"""Words that many statements have, the most frequent last."""


@dataclass(frozen=True, slots=True)
class _Element:
    """One element of a rule: what it matches, and what becomes of it."""

    words: frozenset[str]
    kind: str = ""
    keeps: bool = False
    optional: bool = False
    looks: str = ""
    slot: str = ""
    puts: str = ""

    @property
    def is_denied(self) -> bool:
        """Whether a match must not have one of its words."""
        return self.looks in ("!", "<!")

    @property
    def looks_back(self) -> bool:
        """Whether it is about what stands before."""
        return self.looks[:1] == "<"

    @property
    def is_needed(self) -> bool:
        """Whether a match must have one of its words."""
        return not (self.puts or self.kind or self.optional or self.is_denied)

    def end(self, tokens: Tokens, at: int) -> int:
        """Give the place behind what it matches, -1 where it does not."""
        if at < 0:
            return -1
        if self.kind == "until":
            return until(tokens, at, self.words)
        if self.kind:
            return _KINDS[self.kind](tokens, at)
        return at + 1 if at < len(tokens) and word(tokens[at]) in self.words else -1


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern with what it leaves; `heads` are the words with which its statement starts, if that matters."""

    elements: tuple[_Element, ...]
    at_start: bool
    heads: frozenset[str]

    @property
    def triggers(self) -> frozenset[str]:
        """The words that its match starts with."""
        return next(each.words for each in self.elements if not each.puts and not each.looks_back)

    @property
    def guard(self) -> frozenset[str]:
        """Words of which a statement must have one to match, as rare as there are."""
        needed = [each.words for each in self.elements if each.is_needed]
        return min(needed, key=lambda words: max(map(_COMMON.find, (f" {each} " for each in words))))

    def starts(self, token: Token) -> bool:
        """Whether its match may start at a token."""
        return word(token) in self.triggers

    def match(self, tokens: Tokens, at: int, keywords: Mapping[str, TokenType]) -> tuple[int, list[Token]] | None:
        """Give the place behind a match that starts at a token, and what stands for it."""
        left: list[Token] = []
        slots: dict[str, Tokens] = {}
        start = tokens[at]
        for element in self.elements:
            if element.puts:
                left.extend(_left(element.puts, start, slots, keywords))
                continue
            end = element.end(tokens, at - 1 if element.looks_back else at)
            if element.looks:
                if (end < 0) is not element.is_denied:
                    return None
            elif end >= 0:
                slots[element.slot] = tokens[at:end]
                left.extend(tokens[at:end] if element.keeps else ())
                at = end
            elif not element.optional:
                return None
        return at, left


def _left(puts: str, near: Token, slots: Mapping[str, Tokens], keywords: Mapping[str, TokenType]) -> Tokens:
    """Give what an element puts in: a slot's tokens, the name in a slot's string, or a word."""
    if puts.startswith("#"):
        return slots.get(puts, ())
    if puts.startswith("named#"):
        return list(_named(slots[puts.removeprefix("named")][0]))
    return (put(puts, near, keywords),)


def _named(string: Token) -> Iterator[Token]:
    """Give the tokens of a dotted name that a string holds."""
    for at, part in enumerate(string.text.split(".")):
        if at:
            yield put(".", string, {})
        plain = part.strip('"`')
        kind = TokenType.VAR if plain == part else TokenType.IDENTIFIER
        yield like(string, kind, plain)


def rule(line: str) -> Rule:
    """Read a rule from its line."""
    parts = line.split()
    heads = parts.pop(0)[:-1] if parts[0].endswith(":") and len(parts[0]) > 1 else ""
    at_start = parts[0] == "^"
    elements = tuple(_element(part) for part in parts[at_start:])
    return Rule(elements, at_start, frozenset(heads.split("/")) if heads else frozenset())


def _element(text: str) -> _Element:
    if text.startswith("+") and len(text) > 1:
        return _Element(frozenset(), puts=text[1:])
    optional = text.endswith("?")
    text = text.removesuffix("?")
    looks = next((mark for mark in _LOOKS if text.startswith(mark) and text[len(mark) :][:1] not in _NO_LOOK), "")
    text, _, slot = text.removeprefix(looks).partition("#")
    keeps = text.startswith("{")
    text = text.strip("{}") if keeps else text
    slot = slot and f"#{slot}"
    if text.startswith("until:"):
        return _Element(frozenset(text[6:].split("/")), "until", keeps, slot=slot)
    kind = text if text in _KINDS else ""
    return _Element(frozenset(text.split("/")), kind, keeps, optional, looks, slot)


_LOOKS = ("<!", "=", "!", "<")
_NO_LOOK = ("", "=", ">", "/")
"""What follows where the sign is a word itself, as in `<=`."""


class Rules:
    """A dialect's rules; those whose rarest word is not in a statement cost it nothing."""

    def __init__(self, text: str, keywords: Mapping[str, TokenType]) -> None:
        self._keywords = keywords
        self._rules = [rule(line) for line in text.replace("\n ", " ").splitlines() if line]
        self._by_guard: dict[str, list[int]] = {}
        for at, each in enumerate(self._rules):
            for guard in each.guard:
                self._by_guard.setdefault(guard.replace("_BY", " BY"), []).append(at)

    def applied(self, tokens: Tokens, texts: Set[str]) -> Tokens:
        """Give a statement's tokens, which have these texts, with every match replaced.

        One pass from left to right, behind its start.
        """
        by_guard = self._by_guard
        places = {at for text in texts if (found := by_guard.get(text.upper())) for at in found}
        if not places:
            return tokens
        rules = [self._rules[at] for at in sorted(places)]
        for each in rules:
            started = each.match(tokens, 0, self._keywords) if each.at_start and each.starts(tokens[0]) else None
            if started is not None:
                tokens = [*started[1], *tokens[started[0] :]]
                if not tokens:
                    return tokens
        return self._replaced(tokens, [each for each in rules if not each.at_start])

    def _replaced(self, tokens: Tokens, rules: Sequence[Rule]) -> Tokens:
        by_word: dict[str, list[Rule]] = {}
        for each in rules:
            for trigger in each.triggers if not each.heads or word(tokens[0]) in each.heads else ():
                by_word.setdefault(trigger, []).append(each)
        return list(self._passed(tokens, by_word)) if by_word else tokens

    def _passed(self, tokens: Tokens, rules: Mapping[str, Sequence[Rule]]) -> Iterator[Token]:
        at = 0
        while at < len(tokens):
            for each in rules.get(word(tokens[at]), ()):
                found = each.match(tokens, at, self._keywords)
                if found is not None and found[0] > at:
                    at = found[0]
                    yield from found[1]
                    break
            else:
                yield tokens[at]
                at += 1
