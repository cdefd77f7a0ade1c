"""Types by kind, and what PostgreSQL lets pass between them (documentation, chapter 10, "Type Conversion").

A kind is a type without its length, by PostgreSQL's short name (`int4`, `text`); "" is unknown, `literal` a quoted
constant or NULL, which takes the type that its surroundings want.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

LITERAL = "literal"
NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8")
"""The lesser first: what is computed of two has the greater."""
INTEGERS = frozenset({"int2", "int4", "int8"})
TEXTS = ("bpchar", "varchar", "text")
MOMENTS = ("date", "timestamp", "timestamptz")
_SPELLINGS = {
    "smallint": "int2",
    "tinyint": "int2",
    "mediumint": "int4",
    "int": "int4",
    "integer": "int4",
    "serial": "int4",
    "smallserial": "int2",
    "bigserial": "int8",
    "bigint": "int8",
    "int64": "int8",
    "decimal": "numeric",
    "number": "numeric",
    "real": "float4",
    "float": "float8",
    "double": "float8",
    "double precision": "float8",
    "float64": "float8",
    "boolean": "bool",
    "character varying": "varchar",
    "nvarchar": "varchar",
    "character": "bpchar",
    "char": "bpchar",
    "nchar": "bpchar",
    "string": "text",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "datetime": "timestamp",
    "datetime2": "timestamp",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "timestampntz": "timestamp",
    "timestampltz": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
    "blob": "bytea",
    "longblob": "bytea",
    "varbinary": "bytea",
    "binary": "bytea",
}
_KNOWN = frozenset(
    {*_SPELLINGS.values(), *NUMBERS, *TEXTS, *MOMENTS, "time", "interval", "uuid", "json", "jsonb", "bytea", "bool"}
)
_CATEGORIES = (
    dict.fromkeys(NUMBERS, "N")
    | dict.fromkeys(TEXTS, "S")
    | dict.fromkeys(MOMENTS, "D")
    | {"time": "time", "timetz": "time", "interval": "T", "bool": "B"}
)
_WITHIN_PARENTHESES = re.compile(r"(?<!\s)\s*+\([^()]*+\)")
_FITTING = {
    "N": re.compile(r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|[+-]?infinity)\s*", re.IGNORECASE),
    "D": re.compile(
        r".*\d.*|\s*(?:now|today|tomorrow|yesterday|epoch|allballs|-?infinity)\s*", re.IGNORECASE | re.DOTALL
    ),
    "time": re.compile(r".*\d.*|\s*(?:now|allballs)\s*", re.IGNORECASE | re.DOTALL),
    "T": re.compile(r".*\d.*", re.DOTALL),
    "B": re.compile(r"\s*(?:t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|0|1)\s*", re.IGNORECASE),
    "uuid": re.compile(r"\s*\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?\s*", re.IGNORECASE),
}
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_WIDENING = (("int2", "int4", "int8", "numeric"), ("float4", "float8"), ("varchar", "text"), ("json", "jsonb"))


@lru_cache(maxsize=1024)
def kind_of(declared: str) -> str:
    """Give the kind of a type as a schema or a cast writes it, "" for one that is not known."""
    plain = " ".join(_WITHIN_PARENTHESES.sub("", declared.lower()).split())
    array = plain.endswith("[]")
    plain = plain.removesuffix("[]").removesuffix(" unsigned").removesuffix(" signed").strip()
    kind = _SPELLINGS.get(plain, plain)
    if kind not in _KNOWN:
        return ""
    return f"{kind}[]" if array else kind


def category(kind: str) -> str:
    """Give the category in which PostgreSQL converts by itself: N, S, D, time, T, B, else the kind itself."""
    return _CATEGORIES.get(kind, kind)


def fits(text: str | None, kind: str) -> bool:
    """Whether a quoted constant can be read as a kind; NULL (None) can."""
    if text is None:
        return True
    if kind in INTEGERS:
        return _INTEGER.fullmatch(text) is not None
    if kind in ("json", "jsonb"):
        return text.strip()[:1] in ("{", "[", '"', "t", "f", "n", "-") or text.strip()[:1].isdigit()
    if kind.endswith("[]"):
        return text.strip().startswith("{")
    wanted = _FITTING.get(category(kind))
    return wanted is None or wanted.fullmatch(text) is not None


def comparable(left: str, right: str) -> bool:
    """Whether `=` and `<` exist between two kinds, neither a literal."""
    if not left or not right:
        return True
    if "json" in (left, right):
        return False
    if {category(left), category(right)} == {"time", "T"}:
        return "timetz" not in (left, right)
    return category(left) == category(right)


def common(kinds: Iterable[str]) -> str | None:
    """Give the kind that CASE, COALESCE, UNION make of several; None where there is none, "" where it is not known."""
    told = list(kinds)
    if "" in told:
        known = {category(kind) for kind in told if kind not in ("", LITERAL)}
        return "" if len(known) < 2 else None
    real = [kind for kind in told if kind != LITERAL]
    if not real:
        return "text" if told else ""
    first = category(real[0])
    if any(category(kind) != first for kind in real):
        return None
    for ordered in (NUMBERS, MOMENTS):
        if real[0] in ordered:
            return max(real, key=ordered.index)
    return "text" if "text" in real else real[0]


def computed(left: str, operator: str, right: str) -> str | None:
    """Give the kind of `left operator right`, an operator of arithmetic; None where PostgreSQL has none."""
    if not left or not right:
        return ""
    if LITERAL in (left, right):
        return _with_literal(right if left == LITERAL else left, operator)
    if left in NUMBERS and right in NUMBERS:
        kind = max(left, right, key=NUMBERS.index)
        if operator == "%" and kind.startswith("float"):
            return None
        return "float8" if "float4" in (left, right) and left != right else kind
    return _OF_TIME.get((left, operator, right))


def _with_literal(kind: str, operator: str) -> str | None:
    if kind in NUMBERS:
        return None if operator == "%" and kind.startswith("float") else kind
    if kind == LITERAL:
        return ""
    if kind in MOMENTS:
        return {"date": "int4"}.get(kind, "interval") if operator == "-" else ""
    return "" if kind in ("interval", "time", "jsonb") or kind.endswith("[]") else None


def _of_time() -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for kind in ("date", "timestamp", "timestamptz"):
        after = "timestamp" if kind == "date" else kind
        found |= {(kind, sign, "interval"): after for sign in "+-"}
        found["interval", "+", kind] = after
    for integer in ("int2", "int4"):
        found |= {("date", "+", integer): "date", ("date", "-", integer): "date", (integer, "+", "date"): "date"}
    found |= {(one, "-", other): "interval" for one in MOMENTS for other in MOMENTS}
    found["date", "-", "date"] = "int4"
    found |= {("date", "+", "time"): "timestamp", ("time", "+", "date"): "timestamp"}
    found |= {("time", "+", "interval"): "time", ("time", "-", "interval"): "time", ("time", "-", "time"): "interval"}
    found |= {("interval", sign, "interval"): "interval" for sign in "+-"}
    for number in NUMBERS:
        found |= {("interval", "*", number): "interval", (number, "*", "interval"): "interval"}
        found["interval", "/", number] = "interval"
    found["jsonb", "-", "text"] = found["jsonb", "-", "int4"] = "jsonb"
    return found


_OF_TIME = _of_time()


def assignable(source: str, target: str) -> bool:
    """Whether INSERT and UPDATE convert one kind to another by themselves."""
    if not source or not target or source == target or category(target) == "S":
        return True
    if {source, target} == {"json", "jsonb"} or (source, target) in (("time", "interval"), ("interval", "time")):
        return True
    if category(source) == category(target):
        return category(source) in ("N", "S", "D", "time")
    return category(source) == "D" and category(target) == "time" and source != "date"


def castable(source: str, target: str) -> bool:
    """Whether CAST exists between two kinds: to and from texts always."""
    if assignable(source, target) or "S" in (category(source), category(target)):
        return True
    return {source, target} == {"bool", "int4"} or source in ("json", "jsonb", LITERAL) or target.endswith("[]")


def widens(before: str, after: str) -> bool:
    """Whether every value of one kind is, unchanged, one of the other."""
    return before == after or any(
        before in order and after in order and order.index(before) < order.index(after) for order in _WIDENING
    )
