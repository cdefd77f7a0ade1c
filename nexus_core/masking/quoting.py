"""Names and texts as PostgreSQL's SQL has them, and the tokens of SQL that PostgreSQL itself printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256

from nexus_core.errors import InvalidInputError

NAME_BYTES = 63
"""Most bytes of a name (NAMEDATALEN - 1)."""

_TOKEN = re.compile(
    r"""[Ee]'(?:[^'\\]|\\.|'')*'      # a text with escapes
      | '(?:[^']|'')*'                # a text
      | "(?:[^"]|"")+"                # a quoted name
      | [A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*
      | ::
      | :[A-Za-z_][A-Za-z0-9_]*       # a parameter
      | \s+
      | .""",
    re.VERBOSE | re.DOTALL,
)


def name(text: str) -> str:
    """Quote a name, always, so that no word of SQL can be mistaken for one."""
    return '"' + text.replace('"', '""') + '"'


def qualified(schema: str, relation: str) -> str:
    """Quote the name of a relation with its schema."""
    return f"{name(schema)}.{name(relation)}"


def text(value: str) -> str:
    """Quote a text under `standard_conforming_strings = on`; raises InvalidInputError for one with a zero byte."""
    if "\0" in value:
        raise InvalidInputError("a text with a zero byte cannot be in PostgreSQL")
    return "'" + value.replace("'", "''") + "'"


def short(text_: str) -> str:
    """Give a name that PostgreSQL does not cut: a long one ends with a part of its hash."""
    if len(text_.encode()) <= NAME_BYTES:
        return text_
    kept = text_.encode()[: NAME_BYTES - 11].decode(errors="ignore")
    return f"{kept}_{sha256(text_.encode()).hexdigest()[:10]}"


def renamed(sql: str, of: Callable[[str, str], tuple[str, str] | None]) -> str:
    """Give SQL with the relations that `of` knows, by schema and name, under other names.

    The SQL is what PostgreSQL prints of a view under an empty search_path, where each relation is `schema.name`. What
    is replaced too much or too little makes a view that the check of its dependencies refuses.
    """
    tokens = _TOKEN.findall(sql)
    return "".join(_renamed(tokens, of))


def bound(sql: str, values: Callable[[str], str]) -> str:
    """Give a condition with each parameter `:name` replaced by SQL; a cast `::type` is none."""
    tokens = _TOKEN.findall(sql)
    return "".join(values(each[1:]) if len(each) > 1 and each[0] == ":" != each[1] else each for each in tokens)


def _renamed(tokens: list[str], of: Callable[[str, str], tuple[str, str] | None]) -> Iterator[str]:
    index = 0
    while index < len(tokens):
        pair = tokens[index : index + 3]
        found = of(_plain(pair[0]), _plain(pair[2])) if _is_relation(tokens, index) else None
        yield qualified(*found) if found else tokens[index]
        index += 3 if found else 1


def _is_relation(tokens: list[str], index: int) -> bool:
    around = tokens[index - 1 : index] if index else [""]
    pair, after = tokens[index : index + 3], tokens[index + 3 : index + 4]
    whole = len(pair) == 3 and _is_name(pair[0]) and pair[1] == "." and _is_name(pair[2])
    return whole and around != ["."] and after != ["("] and after != ["."]


def _is_name(token: str) -> bool:
    return token[:1] == '"' or ((token[:1].isalpha() or token[:1] == "_") and not token.endswith("'"))


def _plain(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token
