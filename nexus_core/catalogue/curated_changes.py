"""What a row of CSV changes in what is shown of a dataset, field or job, as edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nexus_core.catalogue.curated_rows import CuratedRow
from nexus_core.errors import InvalidInputError
from nexus_core.governance.curation import Edit, tag_of
from nexus_core.governance.curation_csv import LIST_COLUMNS, VALUE_COLUMNS, CsvRow
from nexus_core.model.curation import Facet, SubjectKind, checked

_FACETS = {column: Facet(column) for column in ("description", "owners", "tags", "certification", "domain", "terms")}


def edits_of_row(row: CsvRow, present: CuratedRow) -> Iterator[Edit]:
    """Give the edits that make shown what a row says; columns that it has not, or that say the same, change nothing.

    Raises InvalidInputError for a row that cannot be, or that rests on values which are no more.
    """
    told = row.cells.get("etag")
    if told and told != present.tag:
        raise InvalidInputError("changed since the export: export it again", _path(row, "etag"))
    for column in VALUE_COLUMNS:
        if column in row.cells and column != "certification_note":
            yield from _edits(row, column, present)


def cells_of(present: CuratedRow) -> dict[str, Any]:
    """Give what is shown by column."""
    return {column: getattr(present.shown, column) for column in VALUE_COLUMNS}


def _edits(row: CsvRow, column: str, present: CuratedRow) -> Iterator[Edit]:
    facet, shown = _FACETS[column], cells_of(present)
    if facet not in present.subject.facets:
        if row.cells[column]:
            what = "job" if present.subject.kind is SubjectKind.JOB else "field"
            raise InvalidInputError(f"a {what} has no {column}", _path(row, column))
        return
    if column in LIST_COLUMNS:
        edit = _list_edit(row, column, present, shown[column])
    else:
        edit = _text_edit(row, column, present, shown)
    if edit is not None:
        yield edit


def _list_edit(row: CsvRow, column: str, present: CuratedRow, shown: tuple[str, ...]) -> Edit | None:
    wanted, path = row.list(column), _path(row, column)
    add = tuple(each for each in wanted if each not in shown)
    remove = tuple(each for each in shown if each not in wanted)
    if not add and not remove:
        return None
    checked(present.subject, _FACETS[column], {"add": list(add), "remove": list(remove)}, path)
    return Edit(present.subject, _FACETS[column], None, add, remove, _tag(present, column), present.keys, path)


def _text_edit(row: CsvRow, column: str, present: CuratedRow, shown: Mapping[str, Any]) -> Edit | None:
    wanted, path = _wanted(row, column, shown), _path(row, column)
    if wanted == _texts(column, shown):
        return None
    version = present.versions.get(_FACETS[column])
    if not wanted[0] and (version is None or version.body is None):
        raise InvalidInputError("is said by a source: write another text, it cannot be emptied", path)
    value = checked(present.subject, _FACETS[column], _value(column, wanted), path) if wanted[0] else None
    return Edit(present.subject, _FACETS[column], value, expected=_tag(present, column), keys=present.keys, path=path)


def _wanted(row: CsvRow, column: str, shown: Mapping[str, Any]) -> tuple[str, str]:
    text = row.cells[column]
    if column != "certification":
        return text, ""
    return text, row.cells.get("certification_note", shown["certification_note"] if text else "")


def _texts(column: str, shown: Mapping[str, Any]) -> tuple[str, str]:
    return shown[column], shown["certification_note"] if column == "certification" else ""


def _value(column: str, wanted: tuple[str, str]) -> dict[str, str]:
    if column == "certification":
        return {"state": wanted[0], "note": wanted[1]}
    return {"text": wanted[0]} if column == "description" else {"name": wanted[0]}


def _tag(present: CuratedRow, column: str) -> str:
    return tag_of(present.versions.get(_FACETS[column]))


def _path(row: CsvRow, column: str) -> str:
    return f"$.row[{row.number}].{column}"
