"""What people curate: texts, owners, tags, certification, domain and terms of datasets, fields and jobs, and the
glossary, domains and data products themselves (docs/curation.md).

A value is JSON of one shape for each facet; `checked` gives the form that is stored, in which equal values are equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nexus_core.errors import InvalidInputError
from nexus_core.model.edge import digest_of, node_key
from nexus_core.model.names import DatasetName, JobName
from nexus_core.model.naming import canonical

CURATION = "curation"
"""The kind of the decisions that edits are sent as."""

ABSENT = "none"
"""The version tag of what was never curated."""

TEXT_MAX, LABEL_MAX, LABELS_MAX, DATASETS_MAX = 50_000, 300, 200, 5_000
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE = re.compile(r"[\x00-\x1f\x7f]")
_CLASSIFYING = "classification"


class SubjectKind(StrEnum):
    """What can be curated."""

    DATASET = "dataset"
    JOB = "job"
    TERM = "term"
    DOMAIN = "domain"
    PRODUCT = "product"


class Facet(StrEnum):
    """What can be said of it; `content` is all that a term, domain or product has."""

    DESCRIPTION = "description"
    OWNERS = "owners"
    TAGS = "tags"
    CERTIFICATION = "certification"
    DOMAIN = "domain"
    TERMS = "terms"
    CONTENT = "content"


OBJECTS = frozenset({SubjectKind.TERM, SubjectKind.DOMAIN, SubjectKind.PRODUCT})
"""Kinds that exist by being curated."""

LISTS = frozenset({Facet.OWNERS, Facet.TAGS, Facet.TERMS})
"""Facets that are `{"add": [text], "remove": [text]}`: texts beside what others say, and those of theirs to hide."""

_OF_DATASET = frozenset(Facet) - {Facet.CONTENT}
_OF_FIELD = frozenset({Facet.DESCRIPTION, Facet.TAGS, Facet.TERMS})
_OF_JOB = _OF_DATASET - {Facet.TERMS, Facet.DOMAIN}
CERTIFICATIONS = ("certified", "warning", "deprecated")
RELATIONS = ("broader", "related", "synonym")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What is curated; `namespace` is empty but for datasets and jobs, `field` but for a field of a dataset."""

    kind: SubjectKind
    name: str
    namespace: str = ""
    field: str = ""

    @property
    def key(self) -> str:
        """The key of the dataset, job or object, the same for each of its fields."""
        if self.kind is SubjectKind.DATASET:
            return node_key(DatasetName(self.namespace, self.name).id)
        if self.kind is SubjectKind.JOB:
            return node_key(JobName(self.namespace, self.name).id)
        return digest_of([self.kind, self.name])

    @property
    def facets(self) -> frozenset[Facet]:
        """What can be said of it."""
        if self.kind in OBJECTS:
            return frozenset({Facet.CONTENT})
        if self.kind is SubjectKind.JOB:
            return _OF_JOB
        return _OF_FIELD if self.field else _OF_DATASET

    def __str__(self) -> str:
        place = f"{self.namespace} " if self.namespace else ""
        return f"{self.kind} {place}{self.name}" + (f", field {self.field}" if self.field else "")


def subject(kind: SubjectKind, namespace: str, name: str, field: str = "") -> Subject:
    """Give a subject under its canonical name; raises InvalidInputError for one that cannot be."""
    if kind in OBJECTS:
        if namespace or field or not _SLUG.match(name):
            raise InvalidInputError(f"a {kind} has a name of a-z, 0-9, `.`, `_` and `-` alone, up to 100", "$.name")
        return Subject(kind, name)
    if not namespace or not name or len(field) > LABELS_MAX * 5 or (field and kind is SubjectKind.JOB):
        raise InvalidInputError("names no dataset, job or field of a dataset", "$.name")
    if kind is SubjectKind.JOB:
        return Subject(kind, name, namespace)
    known = canonical(DatasetName(namespace, name))
    return Subject(kind, known.name, known.namespace, field)


def checked(of: Subject, facet: Facet, value: Any, path: str = "$.value") -> Mapping[str, Any]:
    """Give a value in its stored form. Raises InvalidInputError for a wrong one, or a facet that the subject lacks."""
    if facet not in of.facets:
        raise InvalidInputError(f"{of} has no {facet}", "$.facet")
    if not isinstance(value, dict):
        raise InvalidInputError("is no JSON object", path)
    made = _OBJECT_SHAPES[of.kind](value, path) if facet is Facet.CONTENT else _SHAPES[facet](value, path)
    if unknown := sorted(value.keys() - made.keys()):
        raise InvalidInputError(f"has no {unknown[0][:100]!r}; it may have {', '.join(sorted(made))}", path)
    return made


def patched(present: Mapping[str, Any] | None, add: Iterable[str], remove: Iterable[str]) -> dict[str, list[str]]:
    """Give a list after texts were added and removed: what is added is removed no more, and the other way round."""
    known = present or {"add": [], "remove": []}
    more, less = set(add), set(remove)
    return {
        "add": sorted((set(known["add"]) - less) | more),
        "remove": sorted((set(known["remove"]) - more) | (less - more)),
    }


def text_of(value: Any, path: str, *, most: int = TEXT_MAX) -> str:
    """Check a text of several lines."""
    if not isinstance(value, str) or len(value) > most or _CONTROL.search(value):
        raise InvalidInputError(f"is no text of at most {most} characters without control characters", path)
    return value


def label_of(value: Any, path: str) -> str:
    """Check a text of one line that is not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= LABEL_MAX or _LINE.search(value) or value != value.strip():
        raise InvalidInputError(f"is no text of one line, 1 to {LABEL_MAX} characters, without outer spaces", path)
    return value


def _labels(value: Any, path: str) -> list[str]:
    if not isinstance(value, list) or len(value) > LABELS_MAX:
        raise InvalidInputError(f"is no list of at most {LABELS_MAX} texts", path)
    return sorted({label_of(each, f"{path}[{index}]") for index, each in enumerate(value)})


def _description(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {"text": text_of(value.get("text"), f"{path}.text")}


def _list(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    add = _labels(value.get("add", []), f"{path}.add")
    remove = _labels(value.get("remove", []), f"{path}.remove")
    if both := set(add) & set(remove):
        raise InvalidInputError(f"both adds and removes {min(both)!r}", path)
    return {"add": add, "remove": remove}


def _tags(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    made = _list(value, path)
    for tag in (*made["add"], *made["remove"]):
        if tag.partition(":")[0].strip().lower() == _CLASSIFYING:
            raise InvalidInputError("a classification is no tag: decide it through the classifications", path)
    return made


def _slugs(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    made = _list(value, path)
    for name in (*made["add"], *made["remove"]):
        _slug(name, path)
    return made


def _certification(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    if value.get("state") not in CERTIFICATIONS:
        raise InvalidInputError(f"is none of {', '.join(CERTIFICATIONS)}", f"{path}.state")
    return {"state": value["state"], "note": text_of(value.get("note", ""), f"{path}.note", most=2000)}


def _domain(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {"name": _slug(value.get("name"), f"{path}.name")}


def _slug(value: Any, path: str) -> str:
    if not isinstance(value, str) or not _SLUG.match(value):
        raise InvalidInputError("is no name of a-z, 0-9, `.`, `_` and `-`, up to 100", path)
    return value


def _titled(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    return {
        "title": label_of(value.get("title"), f"{path}.title"),
        "description": text_of(value.get("description", ""), f"{path}.description"),
        "owners": _labels(value.get("owners", []), f"{path}.owners"),
    }


def _term(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    relations = value.get("relations", [])
    if not isinstance(relations, list) or len(relations) > LABELS_MAX:
        raise InvalidInputError(f"is no list of at most {LABELS_MAX} relations", f"{path}.relations")
    made = {_relation(each, f"{path}.relations[{index}]") for index, each in enumerate(relations)}
    return {**_titled(value, path), "relations": [{"kind": kind, "term": term} for kind, term in sorted(made)]}


def _relation(value: Any, path: str) -> tuple[str, str]:
    if not isinstance(value, dict) or value.get("kind") not in RELATIONS or value.keys() != {"kind", "term"}:
        raise InvalidInputError(f"is no {{kind, term}} with a kind of {', '.join(RELATIONS)}", path)
    return value["kind"], _slug(value["term"], f"{path}.term")


def _product(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    datasets = value.get("datasets", [])
    if not isinstance(datasets, list) or len(datasets) > DATASETS_MAX:
        raise InvalidInputError(f"is no list of at most {DATASETS_MAX} datasets", f"{path}.datasets")
    made = {_dataset(each, f"{path}.datasets[{index}]") for index, each in enumerate(datasets)}
    return {
        **_titled(value, path),
        "datasets": [{"namespace": each.namespace, "name": each.name} for each in sorted(made)],
    }


def _dataset(value: Any, path: str) -> DatasetName:
    if not isinstance(value, dict) or value.keys() != {"namespace", "name"}:
        raise InvalidInputError("is no {namespace, name}", path)
    namespace, name = (value[part] for part in ("namespace", "name"))
    if not all(isinstance(each, str) and 0 < len(each) <= 2048 and "\x00" not in each for each in (namespace, name)):
        raise InvalidInputError("names no dataset", path)
    return canonical(DatasetName(namespace, name))


_Shape = Callable[[Mapping[str, Any], str], dict[str, Any]]
_SHAPES: Mapping[Facet, _Shape] = {
    Facet.DESCRIPTION: _description,
    Facet.OWNERS: _list,
    Facet.TAGS: _tags,
    Facet.CERTIFICATION: _certification,
    Facet.DOMAIN: _domain,
    Facet.TERMS: _slugs,
}
_OBJECT_SHAPES: Mapping[SubjectKind, _Shape] = {
    SubjectKind.TERM: _term,
    SubjectKind.DOMAIN: _titled,
    SubjectKind.PRODUCT: _product,
}
