"""What a person or a policy decided about datasets and jobs: a value that one event of the log carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from nexus_core.model.names import DatasetName, JobName


class ObjectKind(StrEnum):
    """What an object of a decision is."""

    DATASET = "dataset"
    JOB = "job"


class DecidedObject(NamedTuple):
    """A dataset or job that a decision names, as written."""

    namespace: str
    name: str
    kind: ObjectKind = ObjectKind.DATASET

    @property
    def named(self) -> DatasetName | JobName:
        """Its name."""
        if self.kind is ObjectKind.JOB:
            return JobName(self.namespace, self.name)
        return DatasetName(self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: `kind` is its subject matter such as `retirement` or `alias`, `action` what was decided.

    `subject` tells apart what decisions of one kind are about, such as a source or a hold; decisions of one kind and
    subject are merged in turn. `details` holds what else the kind needs, as JSON; the kind's own code checks it.
    """

    kind: str
    action: str
    objects: tuple[DecidedObject, ...] = ()
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
