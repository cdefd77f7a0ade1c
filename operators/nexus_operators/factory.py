"""Harvest DAGs from a YAML file: one for each source, nothing asked of the source or of Airflow while parsing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from airflow.sdk import DAG
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from nexus_core.errors import ConfigurationError
from nexus_operators.connections import SETTINGS
from nexus_operators.harvest import HarvestOperator

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]


class Source(BaseModel):
    """One source of the YAML; `schedule` is Airflow's (cron, `@daily`), absent: started by hand only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    connection: str
    schemas: tuple[str, ...] = ()
    options: dict[str, str | int | float | bool] = {}
    schedule: str | None = None
    pool: str = "default_pool"
    retries: int = Field(2, ge=0)
    retry_delay_minutes: float = Field(5, gt=0)
    timeout_minutes: float = Field(120, gt=0)
    tags: tuple[str, ...] = ()

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in SETTINGS:
            raise ValueError(f"allowed are {', '.join(SETTINGS)}")
        return kind


class Harvests(BaseModel):
    """The YAML file: sources by name; `defaults` hold for each source that does not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    defaults: dict[str, Any] = {}
    sources: dict[_Name, Source] = Field(min_length=1)


def harvest_dags(dag_file: str) -> dict[str, DAG]:
    """Make the DAGs `nexus_harvest_SOURCE` of the YAML file beside a DAG file, which is given as `__file__`.

    Raises ConfigurationError naming the file, the key and what is allowed there.
    """
    file = Path(dag_file).with_suffix(".yaml")
    harvests = _read(file)
    return {f"nexus_harvest_{name}": _dag(name, source) for name, source in harvests.sources.items()}


def _dag(name: str, source: Source) -> DAG:
    dag = DAG(
        f"nexus_harvest_{name}",
        description=f"Harvests the catalogue and the query log of {name}",
        schedule=source.schedule,
        start_date=_SINCE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=source.timeout_minutes * (source.retries + 1)),
        tags=["lineage-nexus", *source.tags],
    )
    HarvestOperator(
        task_id="harvest",
        dag=dag,
        kind=source.kind,
        conn_id=source.connection,
        schemas=list(source.schemas),
        options=source.options,
        pool=source.pool,
        retries=source.retries,
        retry_delay=timedelta(minutes=source.retry_delay_minutes),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(minutes=source.timeout_minutes),
    )
    return dag


def _read(file: Path) -> Harvests:
    try:
        given = yaml.safe_load(file.read_text())
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be read: {error.strerror}", "It belongs beside the DAG file"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file} is no YAML: {error}", "Mind the indentation") from error
    try:
        return Harvests.model_validate(_with_defaults(given))
    except ValidationError as error:
        raise _explained(file, error) from error


def _with_defaults(given: Any) -> Any:
    """Give each source the defaults; what has another shape is left for the validation to name."""
    if not isinstance(given, dict):
        return given
    defaults, sources = given.get("defaults"), given.get("sources")
    if not isinstance(defaults, dict) or not isinstance(sources, dict):
        return given
    merged = {name: {**defaults, **source} if isinstance(source, dict) else source for name, source in sources.items()}
    return {**given, "sources": merged}


def _explained(file: Path, error: ValidationError) -> ConfigurationError:
    first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    allowed = Source.model_fields if key.startswith("sources.") else ("defaults", "sources")
    return ConfigurationError(f"{file}: {key}: {first['msg']}", f"Known keys are {', '.join(allowed)}")
