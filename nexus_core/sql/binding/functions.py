"""What functions take and give, as PostgreSQL's catalogue has them, for those that estates use most.

Others are let pass, and what they give is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from nexus_core.sql.binding.kinds import INTEGERS, MOMENTS

_SAME = "same"


@dataclass(frozen=True, slots=True)
class Signature:
    """Of each argument the categories and kinds that it may have (`|` between, `*` for any; the last goes on)."""

    categories: tuple[str, ...]
    result: str | Callable[[str], str]

    def gives(self, first: str) -> str:
        """Give the result's kind by that of the first argument."""
        if callable(self.result):
            return self.result(first)
        return first if self.result == _SAME else self.result


def _sum(kind: str) -> str:
    if kind in INTEGERS:
        return "numeric" if kind == "int8" else "int8"
    return kind


def _average(kind: str) -> str:
    if kind in INTEGERS or kind == "numeric":
        return "numeric"
    return "float8" if kind.startswith("float") else kind


def _rounded(kind: str) -> str:
    return "float8" if kind in INTEGERS or kind.startswith("float") else kind


def _truncated(kind: str) -> str:
    return "timestamptz" if kind == "date" else kind if kind in (*MOMENTS, "interval") else ""


def _powered(kind: str) -> str:
    return "numeric" if kind == "numeric" else "float8" if kind else ""


def _unsaid(_: str) -> str:
    return ""


def _array(kind: str) -> str:
    return f"{kind}[]" if kind and kind != "literal" and not kind.endswith("[]") else ""


_TEXT = Signature(("S",), "text")
_TEXT_AND_NUMBERS = Signature(("S", "N"), "text")
_NUMBER = Signature(("N",), _SAME)
_SMALL = "int2|int4"
_ANGLE = Signature(("N",), "float8")
_OVER_ROWS = Signature(("*",), "int8")
_ORDERED = "N|S|D|time|T"

FUNCTIONS: Mapping[type[exp.Expr] | str, Signature] = {
    exp.Upper: _TEXT,
    exp.Lower: _TEXT,
    exp.Initcap: _TEXT,
    exp.Trim: _TEXT,
    exp.Reverse: _TEXT,
    exp.MD5: Signature(("S|bytea",), "text"),
    exp.Length: Signature(("S|bytea",), "int4"),
    exp.Substring: Signature(("S|bytea", "N", "N"), "text"),
    exp.Left: _TEXT_AND_NUMBERS,
    exp.Right: _TEXT_AND_NUMBERS,
    exp.Replace: _TEXT,
    exp.SplitPart: Signature(("S", "S", "N"), "text"),
    exp.Pad: Signature(("S", "N", "S"), "text"),
    exp.Repeat: _TEXT_AND_NUMBERS,
    exp.Translate: _TEXT,
    exp.RegexpReplace: Signature(("S", "S", "S", "*"), "text"),
    exp.StartsWith: Signature(("S",), "bool"),
    exp.Ascii: Signature(("S",), "int4"),
    exp.Chr: Signature((_SMALL,), "text"),
    exp.StrPosition: Signature(("S",), "int4"),
    exp.Concat: Signature(("*",), "text"),
    exp.ConcatWs: Signature(("*",), "text"),
    exp.Abs: _NUMBER,
    exp.Ceil: Signature(("N",), _rounded),
    exp.Floor: Signature(("N",), _rounded),
    exp.Trunc: Signature(("N",), _rounded),
    exp.Pow: Signature(("N",), _unsaid),
    exp.Log: Signature(("N",), _unsaid),
    exp.Ln: Signature(("N",), _powered),
    exp.Exp: Signature(("N",), _powered),
    exp.Degrees: _ANGLE,
    exp.Radians: _ANGLE,
    exp.Sin: _ANGLE,
    exp.Cos: _ANGLE,
    exp.Tan: _ANGLE,
    exp.Cbrt: _ANGLE,
    exp.Rand: Signature((), "float8"),
    exp.Sum: Signature(("N|T",), _sum),
    exp.Avg: Signature(("N|T",), _average),
    exp.Min: Signature((_ORDERED,), _SAME),
    exp.Max: Signature((_ORDERED,), _SAME),
    exp.Count: _OVER_ROWS,
    exp.RowNumber: _OVER_ROWS,
    exp.Rank: _OVER_ROWS,
    exp.DenseRank: _OVER_ROWS,
    exp.LogicalAnd: Signature(("B",), "bool"),
    exp.LogicalOr: Signature(("B",), "bool"),
    exp.ArrayAgg: Signature(("*",), _array),
    exp.Extract: Signature(("D|time|T",), "numeric"),
    exp.TimestampTrunc: Signature(("D|T",), _truncated),
    exp.DateTrunc: Signature(("D|T",), _truncated),
    exp.TimeToStr: Signature(("N|D|T", "S"), "text"),
    exp.ToChar: Signature(("N|D|T", "S"), "text"),
    exp.GroupConcat: Signature(("S|bytea", "S"), "text"),
    exp.ToNumber: Signature(("S",), "numeric"),
    exp.UnixToTime: Signature(("N",), "timestamptz"),
    exp.JustifyHours: Signature(("T|time",), "interval"),
    exp.JustifyDays: Signature(("T|time",), "interval"),
    exp.StrToDate: Signature(("S",), "date"),
    exp.StrToTime: Signature(("S",), "timestamptz"),
    exp.Sqrt: Signature(("N",), "float8"),
    exp.Sign: _NUMBER,
    exp.Stddev: Signature(("N",), _average),
    exp.Variance: Signature(("N",), _average),
    exp.CurrentDate: Signature((), "date"),
    exp.CurrentTimestamp: Signature((), "timestamptz"),
    exp.Lag: Signature(("*",), _SAME),
    exp.Lead: Signature(("*",), _SAME),
    exp.FirstValue: Signature(("*",), _SAME),
    exp.LastValue: Signature(("*",), _SAME),
    "age": Signature(("D",), "interval"),
    "make_date": Signature((_SMALL,), "date"),
    "to_char": Signature(("N|D|T", "S"), "text"),
    "ltrim": _TEXT,
    "rtrim": _TEXT,
    "btrim": _TEXT,
    "char_length": Signature(("S",), "int4"),
}
