"""What the routes of policies take and give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nexus_core.errors import InvalidInputError
from nexus_core.governance.policies.document import MAX_CHARACTERS, PolicyDocument, policy_set, read_document, yaml_line
from nexus_core.governance.policies.keeping import Kept
from nexus_core.governance.policies.plan import Change, Direction, Plan, RowChange
from nexus_core.governance.policies.testing import failures
from nexus_core.masking.native.engines import Engine
from nexus_core.model.policy import CLEAR, Column, Expectation, Mask, Resolution, RowFilter
from nexus_core.store.policies import PolicyState


class PolicyProposal(BaseModel):
    """A document that someone else is to approve."""

    model_config = ConfigDict(extra="forbid")

    document: PolicyDocument
    comment: Annotated[str, Field(max_length=2000)] = ""


class ColumnAnswer(BaseModel):
    """A column with its effective class, null while nobody knows it."""

    namespace: str
    dataset: str
    field: str
    classification: str | None


class PolicyText(BaseModel):
    """A document as its author writes it, YAML or JSON."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=MAX_CHARACTERS)]


class PolicyTestResult(BaseModel):
    """A test of a document: what its roles are expected to see of a column, and what they would see."""

    roles: list[str]
    column: ColumnAnswer
    expected: str
    seen: str
    passed: bool


class PolicyReading(BaseModel):
    """A document that was read, with its tests run; without one, `problem` tells why, and `path` or `line` where."""

    document: PolicyDocument | None = None
    tests: list[PolicyTestResult] = []
    problem: str | None = None
    path: str | None = None
    line: Annotated[int | None, Field(description="Counted from 1.")] = None


class PolicyDecision(BaseModel):
    """What is decided of a proposed document; its author can only withdraw it."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["approve", "reject", "withdraw"]


class PolicyVersionAnswer(BaseModel):
    """A document with who proposed and who decided it."""

    version: int
    based_on: Annotated[int, Field(description="The version in force when it was proposed, 0 for none.")]
    state: PolicyState
    digest: str
    comment: str
    author: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    document: PolicyDocument


class MaskAnswer(BaseModel):
    """A kind of mask with its parameters as text."""

    kind: str
    parameters: dict[str, str]


class ColumnsChange(BaseModel):
    """Columns that people with the same roles would see by another mask."""

    audience: str
    people_count: int
    before: MaskAnswer
    after: MaskAnswer
    direction: Direction
    column_count: int
    samples: list[ColumnAnswer]


class RowsChange(BaseModel):
    """Datasets of which people with the same roles would see other rows."""

    audience: str
    dataset_count: int
    before: list[str]
    after: list[str]


class PolicyPlan(BaseModel):
    """What would change if a document came into force; `problems` stand against it."""

    column_count: int
    changes: list[ColumnsChange]
    row_changes: list[RowsChange]
    unprotected: Annotated[list[ColumnAnswer], Field(description="Columns that no policy would match any more.")]
    profiles: Annotated[dict[str, int], Field(description="Sets of masks that each source would need.")]
    unknown_roles: list[str]
    problems: list[str]


class NativePolicies(BaseModel):
    """The policies in force as SQL for another engine; nothing of it was run."""

    kind: Engine
    namespace: str
    dataset_count: int
    sql: str


class PolicyVerdict(BaseModel):
    """What one policy says."""

    policy: str
    mask: MaskAnswer


class PolicyExplanation(BaseModel):
    """What someone sees of a column, and why."""

    column: ColumnAnswer
    roles: list[str]
    mask: MaskAnswer
    reason: str
    sentence: Annotated[
        str, Field(description="All in one line: what is shown, where its class comes from, which policies say so.")
    ]
    verdicts: list[PolicyVerdict]
    row_filters: list[str]
    refuses_inference: bool


def version_answer(kept: Kept) -> PolicyVersionAnswer:
    """Show a kept document."""
    row = kept.version
    return PolicyVersionAnswer(
        version=row.version,
        based_on=row.based_on,
        state=row.state,
        digest=row.digest,
        comment=row.comment,
        author=row.author,
        proposed_at=row.proposed_at,
        decider=row.decider,
        decided_at=row.decided_at,
        document=kept.document,
    )


def reading(text: str) -> PolicyReading:
    """Read a document and run its tests."""
    try:
        document = read_document(text)
        policies = policy_set(document)
    except InvalidInputError as error:
        return PolicyReading(problem=error.reason, path=error.path, line=yaml_line(error))
    seen = {each.index: each.seen for each in failures(policies)}
    tests = [_tested(test, seen.get(index)) for index, test in enumerate(policies.tests)]
    return PolicyReading(document=document, tests=tests)


def _tested(test: Expectation, seen: Mask | None) -> PolicyTestResult:
    """Show a test; `seen` is there where it is not what the test expects."""
    return PolicyTestResult(
        roles=sorted(test.roles),
        column=_column(test.column),
        expected=str(test.expect),
        seen=str(test.expect if seen is None else seen),
        passed=seen is None,
    )


def plan_answer(plan: Plan, unknown_roles: list[str]) -> PolicyPlan:
    """Show a plan."""
    return PolicyPlan(
        column_count=plan.column_count,
        changes=[_change(each) for each in plan.changes],
        row_changes=[_rows(each) for each in plan.row_changes],
        unprotected=[_column(each) for each in plan.unprotected],
        profiles=dict(plan.profile_counts),
        unknown_roles=unknown_roles,
        problems=plan.problems,
    )


def explanation(
    column: Column, roles: Iterable[str], found: Resolution, rows: Iterable[RowFilter], because: str
) -> PolicyExplanation:
    """Show why somebody sees a column as they do."""
    return PolicyExplanation(
        column=_column(column),
        roles=sorted(roles),
        mask=_mask(found.mask),
        reason=found.reason,
        sentence=_sentence(found, because),
        verdicts=[PolicyVerdict(policy=policy.name, mask=_mask(mask)) for policy, mask in found.said],
        row_filters=[each.where for each in rows],
        refuses_inference=found.refuses_inference,
    )


def _sentence(found: Resolution, because: str) -> str:
    """Say in one line what is shown, what the class follows from, and which policies say so."""
    shown = "shown in clear" if found.mask == CLEAR else f"masked by {found.mask}"
    parts = [each for each in (because, *(f"policy {policy.name}" for policy, _ in found.said)) if each]
    return f"{shown} because {', '.join(parts)}" if parts else f"{shown}: {found.reason}"


def _change(change: Change) -> ColumnsChange:
    return ColumnsChange(
        audience=change.audience,
        people_count=change.people_count,
        before=_mask(change.before),
        after=_mask(change.after),
        direction=change.direction,
        column_count=change.column_count,
        samples=[_column(each) for each in change.samples],
    )


def _rows(change: RowChange) -> RowsChange:
    return RowsChange(
        audience=change.audience,
        dataset_count=change.dataset_count,
        before=list(change.before),
        after=list(change.after),
    )


def _column(column: Column) -> ColumnAnswer:
    name = column.dataset
    return ColumnAnswer(
        namespace=name.namespace, dataset=name.name, field=column.field, classification=column.class_name
    )


def _mask(mask: Mask) -> MaskAnswer:
    return MaskAnswer(kind=mask.kind, parameters=dict(mask.parameters))
