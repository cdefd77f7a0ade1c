"""What checks of data found, and figures of datasets that jobs measured: values read out of events."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How bad a failure is, as its tool says; only an error opens an incident."""

    ERROR = "error"
    WARN = "warn"


class Finding(NamedTuple):
    """What one run of a check found of a dataset or field ("" is the dataset); in order the columns of `quality_check`.

    `check_key` names the check: the same dataset, job, assertion, field and title. `run_key` names the run, so that a
    repeated event is no second result. `measured` is what was counted (rows, seconds), None where the tool tells none.
    `at` is in microseconds since 1970; of one run the latest (at, event id) holds.
    """

    check_key: str
    dataset_key: str
    namespace: str
    name: str
    field: str
    assertion: str
    title: str
    severity: str
    tool: str
    job_namespace: str
    job_name: str
    run_key: str
    passed: bool
    measured: float | None
    at: int
    event_id: str


class Figure(NamedTuple):
    """One measured figure of a dataset or field ("" is the dataset), such as `row_count`, never a value of a row."""

    dataset_key: str
    field: str
    metric: str
    run_key: str
    value: float
    at: int
    event_id: str
