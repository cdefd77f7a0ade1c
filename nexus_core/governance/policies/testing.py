"""Runs the tests that a policy document carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nexus_core.model.policy import Expectation, Mask, PolicySet, resolve


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that fails: its place in the document, and what its roles see instead of what it expects."""

    index: int
    test: Expectation
    seen: Mask

    def __str__(self) -> str:
        roles = ", ".join(sorted(self.test.roles)) or "no role"
        column = self.test.column
        class_name = column.class_name or "not classified"
        return (
            f"tests[{self.index}]: {roles} on {column.dataset.name}.{column.field} ({class_name}): "
            f"expected {self.test.expect}, is {self.seen}"
        )


def failures(policies: PolicySet) -> Iterator[Failure]:
    """Give the tests that fail, in order."""
    for index, test in enumerate(policies.tests):
        seen = resolve(policies.policies, test.column, test.roles).mask
        if seen != test.expect:
            yield Failure(index, test, seen)
