"""The document of policies: YAML or JSON with a published schema (`nexus policy schema`)."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)

from nexus_core.errors import InvalidInputError, json_path
from nexus_core.governance.policies.masks import ExpectedMask, WrittenMask
from nexus_core.model.access import ADMIN_ROLE, Attributes
from nexus_core.model.names import DatasetName
from nexus_core.model.policy import Column, Expectation, Match, Policy, PolicySet, RowFilter
from nexus_core.sql.condition import condition_of

MAX_CHARACTERS = 2**20


def _not_admin(roles: frozenset[str]) -> frozenset[str]:
    if ADMIN_ROLE in roles:
        raise ValueError("who runs the platform sees nothing in clear by that; name another role")
    return roles


_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
_Text = Annotated[str, Field(min_length=1, max_length=2048)]
_Pattern = Annotated[str, Field(min_length=1, max_length=2048, description="`*`, `?` and `[…]` as in a shell.")]
_Set = Annotated[frozenset[_Text], Field(max_length=100), PlainSerializer(sorted)]
_ClearRoles = Annotated[_Set, AfterValidator(_not_admin)]
_Patterns = Annotated[tuple[_Pattern, ...], Field(max_length=1000)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenMatch(_Written):
    """Which columns are meant: every part that is given has to hold, by one of its values. None given: all columns."""

    classes: Annotated[tuple[_Text, ...], Field(description="Effective classifications, such as PII.")] = ()
    datasets: Annotated[_Patterns, Field(description="Patterns of `NAMESPACE/NAME`.")] = ()
    fields: Annotated[_Patterns, Field(description="Patterns of the column's name, in any case.")] = ()
    domains: tuple[_Text, ...] = ()
    tags: tuple[_Text, ...] = ()


class WrittenPolicy(_Written):
    """Matching columns are masked, but for who holds a role of `clear_for`."""

    name: _Name
    description: Annotated[str, Field(max_length=2000)] = ""
    match: WrittenMatch
    mask: WrittenMask
    clear_for: _ClearRoles = frozenset()
    refuse_inference: Annotated[
        bool, Field(description="Refuse statements that filter, join or group on a column that is masked so.")
    ] = False


class WrittenFilter(_Written):
    """Rows of matching datasets are shown where a condition holds, but to who holds a role of `exempt`."""

    name: _Name
    description: Annotated[str, Field(max_length=2000)] = ""
    datasets: Annotated[_Patterns, Field(min_length=1, description="Patterns of `NAMESPACE/NAME`.")]
    where: Annotated[_Text, Field(description="A PostgreSQL condition; `:name` is an attribute of who asks.")]
    exempt: _ClearRoles = frozenset()

    @field_validator("where")
    @classmethod
    def _is_condition(cls, where: str) -> str:
        try:
            condition_of(where)
        except InvalidInputError as error:
            raise ValueError(error.reason) from error
        return where


class WrittenColumn(_Written):
    """A column of a test, with what the catalogue would know of it."""

    namespace: _Text = "test"
    dataset: _Text = "test"
    field: _Text
    classification: Annotated[_Text | None, Field(description="Absent: not classified.")] = None
    domain: _Text | None = None
    tags: _Set = frozenset()


class WrittenTest(_Written):
    """What holders of some roles see of a column."""

    roles: _Set
    column: WrittenColumn
    expect: ExpectedMask


class PolicyDocument(_Written):
    """All policies and row filters of an installation, and tests that they have to pass."""

    version: Literal[1]
    policies: Annotated[tuple[WrittenPolicy, ...], Field(max_length=1000)] = ()
    row_filters: Annotated[tuple[WrittenFilter, ...], Field(max_length=1000)] = ()
    tests: Annotated[tuple[WrittenTest, ...], Field(max_length=10_000)] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        for names in ([each.name for each in self.policies], [each.name for each in self.row_filters]):
            if twice := next((name for name, count in Counter(names).items() if count > 1), None):
                raise ValueError(f"the name {twice} is there twice")
        return self


def read_document(text: str) -> PolicyDocument:
    """Read a document as YAML, of which JSON is a part; raises InvalidInputError with the place of what is wrong."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInputError(f"a document has at most {MAX_CHARACTERS:,} characters")
    try:
        return check_document(yaml.load(text, Loader=_Loader))  # noqa: S506 a safe loader
    except yaml.YAMLError as error:
        raise InvalidInputError(f"it is no YAML: {error}") from error
    except RecursionError as error:
        raise InvalidInputError("it is nested too deeply") from error


def write_document(document: PolicyDocument) -> str:
    """Give a document as YAML, which `read_document` reads to the same; what is left at its default is not written."""
    body = {"version": document.version, **document.model_dump(mode="json", exclude_defaults=True)}
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=100)


def yaml_line(error: InvalidInputError) -> int | None:
    """Give the line, counted from 1, where text is no YAML; None for an error of another kind."""
    mark = getattr(error.__cause__, "problem_mark", None)
    return None if mark is None else mark.line + 1


def check_document(found: object) -> PolicyDocument:
    """Check a document that is parsed already; raises InvalidInputError as `read_document` does."""
    try:
        return PolicyDocument.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(first["msg"], json_path(first["loc"])) from error


def policy_set(document: PolicyDocument) -> PolicySet:
    """Give the values that a document writes down."""
    return PolicySet(
        tuple(_policy(each) for each in document.policies),
        tuple(
            RowFilter(each.name, each.datasets, each.where, each.exempt, each.description)
            for each in document.row_filters
        ),
        tuple(Expectation(each.roles, _column(each.column), each.expect.mask()) for each in document.tests),
    )


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a document, which editors check it by."""
    schema = PolicyDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "LineageNexus policies"}


class _Loader(yaml.SafeLoader):
    """A safe loader that takes neither a key twice nor an alias, which could make much of little."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (`*name`) is not taken; write it out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := next((key for key, count in Counter(map(str, keys)).items() if count > 1), None):
            raise yaml.YAMLError(f"`{twice}` is there twice{node.start_mark}")
        return super().construct_mapping(node, deep)


def _policy(written: WrittenPolicy) -> Policy:
    match = written.match
    return Policy(
        written.name,
        Match(match.classes, match.datasets, match.fields, match.domains, match.tags),
        written.mask.mask(),
        written.clear_for,
        written.description,
        written.refuse_inference,
    )


def _column(written: WrittenColumn) -> Column:
    dataset = DatasetName(written.namespace, written.dataset)
    attributes = Attributes(written.domain, written.classification)
    return Column(dataset, written.field, written.classification, attributes, written.tags)
