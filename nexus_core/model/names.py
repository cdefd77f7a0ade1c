"""Names of datasets, fields and jobs, as OpenLineage has them: a namespace and a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class DatasetName:
    """A dataset: `postgres://host:5432` and `shop.public.orders`."""

    namespace: str
    name: str

    @property
    def id(self) -> str:
        """Its id in answers of the API."""
        return f"dataset:{self.namespace}:{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class FieldName:
    """A field (column) of a dataset; nested fields are joined by dots."""

    dataset: DatasetName
    field: str

    @property
    def id(self) -> str:
        """Its id in answers of the API."""
        return f"datasetField:{self.dataset.namespace}:{self.dataset.name}:{self.field}"


@dataclass(frozen=True, slots=True, order=True)
class JobName:
    """A job: `airflow-prod` and `daily_load.totals`."""

    namespace: str
    name: str

    @property
    def id(self) -> str:
        """Its id in answers of the API."""
        return f"job:{self.namespace}:{self.name}"
