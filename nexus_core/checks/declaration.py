"""The YAML in which checks are declared (docs/quality.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from nexus_core.errors import ConfigurationError

_DURATION = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>[smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]


class _Check(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field("", max_length=300)
    severity: Literal["error", "warn"] = "error"
    where: str | None = Field(None, min_length=1, max_length=10_000)


class Freshness(_Check):
    """The newest value of a time field is at most `within` old, such as `90m`, `24h` or `7d`."""

    check: Literal["freshness"]
    field: _Text
    within: str

    @field_validator("within")
    @classmethod
    def _is_duration(cls, within: str) -> str:
        if not _DURATION.fullmatch(within.strip()):
            raise ValueError("a duration is a number with s, m, h, d or w, such as 24h")
        return within

    @property
    def seconds(self) -> float:
        """The greatest age."""
        found = _DURATION.fullmatch(self.within.strip())
        assert found is not None  # noqa: S101 - validated
        return float(found["count"]) * _SECONDS[found["unit"]]


class Volume(_Check):
    """The number of rows lies between two limits, one of which may be left out."""

    check: Literal["volume"]
    least: _Count | None = None
    most: _Count | None = None

    @model_validator(mode="after")
    def _limited(self) -> Volume:
        if self.least is None and self.most is None:
            raise ValueError("give least, most or both")
        return self


class SchemaChange(_Check):
    """The fields are there, with these types if they are given (as the database names them); `others` may be more."""

    check: Literal["schema_change"]
    fields: dict[_Text, str | None] = Field(min_length=1)
    others: bool = False
    where: None = None


class Nulls(_Check):
    """At most a share of a field's values is null."""

    check: Literal["nulls"]
    field: _Text
    share: _Share = 0.0


class Uniqueness(_Check):
    """No two rows have the same values in some fields; rows with a null among them do not count."""

    check: Literal["uniqueness"]
    fields: tuple[_Text, ...] = Field(min_length=1, max_length=50)


class AcceptedValues(_Check):
    """Every value of a field that is not null is one of these."""

    check: Literal["accepted_values"]
    field: _Text
    values: tuple[str | int | float | bool, ...] = Field(min_length=1, max_length=1000)


class CustomSql(_Check):
    """A query finds at most `most` rows; it gives the rows that are wrong."""

    check: Literal["custom_sql"]
    name: str = Field(min_length=1, max_length=300)
    sql: str = Field(min_length=1, max_length=100_000)
    most: _Count = 0
    where: None = None


Check = Annotated[
    Freshness | Volume | SchemaChange | Nulls | Uniqueness | AcceptedValues | CustomSql, Field(discriminator="check")
]


class Checks(BaseModel):
    """Checks by the name of their dataset, `DATABASE.SCHEMA.TABLE` or as the source's namespace has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    datasets: dict[_Text, tuple[Check, ...]] = Field(min_length=1)


def read_checks(given: Path | str | dict[str, Any]) -> Checks:
    """Read a YAML file, or what stands in one; raises ConfigurationError naming the key that is wrong."""
    named = str(given) if isinstance(given, (Path, str)) else "the checks"
    try:
        return Checks.model_validate(given if isinstance(given, dict) else yaml.safe_load(Path(given).read_text()))
    except OSError as error:
        raise ConfigurationError(f"{named} cannot be read: {error.strerror}", "Give the path of a YAML file") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{named} is no YAML: {error}", "Mind the indentation") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigurationError(f"{named}: {key}: {first['msg']}", "docs/quality.md shows every check") from error
