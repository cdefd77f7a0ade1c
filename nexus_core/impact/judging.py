"""Verdicts on one statement: how it is taken before and after, and which difference weighs most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nexus_core.model.impact import Reason, Verdict
from nexus_core.model.trial import Found, OutputColumn, Trial, Use
from nexus_core.sql.binding.kinds import category, widens

MESSAGES: Mapping[str, str] = {
    "unknown_column": "It names a column that is not there any more",
    "unknown_table": "It names a table that is not there any more",
    "unknown_relation": "It names a table that is not in its FROM clause",
    "ambiguous_column": "A name may mean several columns",
    "column_count": "Numbers of columns do not match",
    "duplicate_column": "Two columns would have one name",
    "no_operator": "There is no such operator for these types",
    "no_function": "There is no such function for these types",
    "no_cast": "There is no cast between these types",
    "no_common_type": "Values of types without a common one meet",
    "no_assignment": "A column does not take this type by itself",
    "not_boolean": "A condition is no boolean",
    "aggregate_outside": "An aggregate now belongs to the query around it, which may not aggregate there",
    "ungrouped_column": "A column is neither grouped by nor aggregated any more",
    "invalid_constant": "A constant cannot be read as the new type",
    "trigger_breaks": "A trigger breaks that it runs",
    "not_null": "A column that takes no NULL is not filled",
    "columns_change": "Its columns change",
    "types_change": "Types of its columns change",
    "means_other_column": "A name silently means another column",
    "type_used_changes": "It uses a column whose type changes",
    "implicit_cast": "Values are converted silently",
    "lossy_cast": "Values may be cut or rounded silently",
    "cast_from": "A cast converts another type than before",
    "constant_as": "A constant is read as another type than before",
    "natural_join": "A NATURAL JOIN pairs other columns",
    "by_position": "Columns are paired by position, with others than before",
    "whole_row": "It reads a whole row, which has other columns",
    "mask_lapses": "A masking policy is about it no more",
    "filter_lapses": "A row filter is about it no more",
    "harvest_differs": "It harvests what changes, and will tell of it",
    "filter_always_false": "A filter for NULL finds nothing any more",
    "conversion_possible": "Whether values can be read as another type depends on the rows",
    "file_columns": "Whether a file has as many columns as the table depends on the file",
    "dynamic_sql": "It runs a text that is made when it runs",
    "null_possible": "Whether a NULL meets the new constraint depends on the rows",
}
_SILENT = (
    "filter_always_false",
    "natural_join",
    "by_position",
    "lossy_cast",
    "implicit_cast",
    "cast_from",
    "constant_as",
    "whole_row",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason, and where in the text it shows."""

    verdict: Verdict
    reason: Reason
    start: int = -1
    end: int = -1


SAFE = Judgement(Verdict.SAFE, Reason("unaffected", "It does the same as before."))


def judged(before: Trial, after: Trial, *, types_matter: bool = True) -> Judgement:
    """Compare two trials of a text; without `types_matter` its dialect's conversions are not known to us."""
    if (broken := _new(after.refused, before.refused)) is not None:
        return _told(Verdict.BREAKS, broken)
    ungrouped = _new(_of(after.notes, "ungrouped_column"), before.notes)
    if ungrouped is not None:
        return _told(Verdict.BREAKS, ungrouped)
    doubts = _new(after.unsure, before.unsure)
    if doubts is not None:
        return _told(Verdict.UNKNOWN, doubts)
    if (found := _changed(before, after)) is not None:
        if found.reason.code in ("type_used_changes", "implicit_cast") and not types_matter:
            return Judgement(Verdict.UNKNOWN, Reason("types_not_judged", found.reason.message), found.start, found.end)
        return found
    return SAFE


def reason_of(code: str, detail: str) -> Reason:
    """Give the reason of a code with what it is about."""
    said = MESSAGES.get(code, "It is not judged")
    return Reason(code, f"{said}: {detail}." if detail else f"{said}.")


def _told(verdict: Verdict, found: Found) -> Judgement:
    return Judgement(verdict, reason_of(found.code, found.message), found.start, found.end)


def _new(after: Sequence[Found], before: Sequence[Found]) -> Found | None:
    """Give the first finding that was not there before, in the order of the text."""
    known = {(each.code, each.statement, each.start, each.message) for each in before}
    new = [each for each in after if (each.code, each.statement, each.start, each.message) not in known]
    return min(new, key=lambda each: (each.statement, each.start if each.start >= 0 else 1 << 40), default=None)


def _of(found: Sequence[Found], code: str) -> list[Found]:
    return [each for each in found if each.code == code]


def _changed(before: Trial, after: Trial) -> Judgement | None:
    return (
        _rebound(before.uses, after.uses)
        or _silent(before, after)
        or _outputs(before.makes, after.makes)
        or _retyped(before.uses, after.uses)
    )


def _rebound(before: Iterable[Use], after: Iterable[Use]) -> Judgement | None:
    """Tell of a name that means another table's column than before; one in USING means two."""
    known: dict[tuple[int, int], dict[str, Use]] = {}
    for use in before:
        known.setdefault((use.start, use.end), {})[use.table] = use
    for use in after:
        olds = known.get((use.start, use.end), {})
        if not olds or use.table in olds:
            continue
        old = next(iter(olds.values()))
        if use.table == "?":
            told = f"{use.column} may be a column of a dataset whose fields are not known"
            return Judgement(Verdict.UNKNOWN, Reason("schema_not_known", f"{told}."), use.start, use.end)
        if "~" not in (old.table[:1], use.table[:1]) and old.table != "?":
            meant = f"{old.table}.{old.column} was meant, now {use.table}.{use.column}"
            return Judgement(Verdict.CHANGES, reason_of("means_other_column", meant), use.start, use.end)
    return None


def _silent(before: Trial, after: Trial) -> Judgement | None:
    for code in _SILENT:
        old = _of(before.notes, code)
        found = _new(_of(after.notes, code), old)
        if found is not None:
            return _told(Verdict.CHANGES, found)
        if code in ("natural_join", "by_position") and (lost := _new(old, after.notes)) is not None:
            return _told(Verdict.CHANGES, lost)
    return None


def _outputs(
    before: Mapping[str, Sequence[OutputColumn]], after: Mapping[str, Sequence[OutputColumn]]
) -> Judgement | None:
    for table, columns in before.items():
        told = _difference(columns, after.get(table, ()))
        if told is not None:
            return Judgement(Verdict.CHANGES, told)
    return None


def _difference(old: Sequence[OutputColumn], new: Sequence[OutputColumn]) -> Reason | None:
    if "*" in [each.name for each in new] and "*" not in [each.name for each in old]:
        return Reason("schema_not_known", "Its columns cannot be told any more.")
    names, now = [each.name for each in old], [each.name for each in new]
    if names != now:
        gone = [name for name in names if name not in now]
        come = [name for name in now if name not in names]
        told = [f"{', '.join(gone)} go" if gone else "", f"{', '.join(come)} come" if come else ""]
        return reason_of("columns_change", "; ".join(each for each in told if each) or "their order is another")
    for one, other in zip(old, new, strict=True):
        if one.declared != other.declared or one.kind != other.kind:
            return reason_of("types_change", f"{one.name} was {one.declared or '?'}, is {other.declared or '?'}")
    return None


def _retyped(before: Iterable[Use], after: Iterable[Use]) -> Judgement | None:
    """Tell of a column whose new type does not just hold all values of the old one."""
    known = {(use.start, use.end, use.table): use for use in before}
    for use in after:
        old = known.get((use.start, use.end, use.table))
        if old is None or old.declared == use.declared or not (old.declared or old.kind):
            continue
        alike = old.kind and category(old.kind) == category(use.kind) and widens(old.kind, use.kind)
        if alike and not _narrower(old, use):
            continue
        told = f"{old.column} was {old.declared or old.kind}, is {use.declared or use.kind or 'of unknown type'}"
        return Judgement(Verdict.CHANGES, reason_of("type_used_changes", told), use.start, use.end)
    return None


def _narrower(old: Use, new: Use) -> bool:
    before, after = _length(old.declared), _length(new.declared)
    return after is not None and (before is None or after < before)


def _length(declared: str) -> int | None:
    inner = declared.partition("(")[2].partition(")")[0].partition(",")[0].strip()
    return int(inner) if inner.isdigit() else None
