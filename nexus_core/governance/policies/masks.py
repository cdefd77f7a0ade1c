"""Masks as a policy document writes them; each kind has parameters of its own."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, model_validator

from nexus_core.model.policy import Mask, MaskKind
from nexus_core.references import SCHEMES

_REFERENCE = rf"^({'|'.join(SCHEMES)}).+"


class Shape(StrEnum):
    """What a value looks like, so that its mask looks like it."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"


class Unit(StrEnum):
    """What a date or time is cut to."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def mask(self) -> Mask:
        """Give the value of the model."""
        given = self.model_dump(mode="json", exclude_none=True)
        kind = MaskKind(given.pop("kind"))
        return Mask(kind, tuple(sorted((name, _text(value)) for name, value in given.items())))


class Refuse(_Written):
    """A statement that reads the column is refused."""

    kind: Literal["refuse"]


class Null(_Written):
    """NULL stands for every value."""

    kind: Literal["null"]


class Constant(_Written):
    """One value stands for every value: `value`, or one that looks like the `shape`."""

    kind: Literal["constant"]
    value: str | int | FiniteFloat | bool | None = None
    shape: Shape | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) == (self.shape is None):
            raise ValueError("a constant has either a value or a shape")
        return self


class Token(_Written):
    """Equal values have equal tokens, made with the secret that `key` refers to; of columns that cannot be guessed."""

    kind: Literal["token"]
    key: Annotated[str, Field(pattern=_REFERENCE, description="A reference such as `env:TOKEN_KEY`, never the key.")]


class Partial(_Written):
    """A part of the text stays; the shape text keeps the first and last characters that are asked for."""

    kind: Literal["partial"]
    shape: Shape = Shape.TEXT
    keep_first: Annotated[int, Field(ge=0, le=16)] = 0
    keep_last: Annotated[int, Field(ge=0, le=16)] = 0

    @model_validator(mode="after")
    def _only_of_text(self) -> Self:
        if self.shape is not Shape.TEXT and (self.keep_first or self.keep_last):
            raise ValueError("keep_first and keep_last belong to the shape text")
        return self


class Round(_Written):
    """Numbers are rounded to `digits` after the point; negative: before it, so -3 rounds to thousands."""

    kind: Literal["round"]
    digits: Annotated[int, Field(ge=-18, le=18)]


class Bucket(_Written):
    """Numbers become the lower end of a range of `size`."""

    kind: Literal["bucket"]
    size: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Truncate(_Written):
    """Dates and times are cut to the beginning of a unit."""

    kind: Literal["truncate"]
    to: Unit


class Clear(_Written):
    """The value itself; only tests of a document may expect it."""

    kind: Literal["clear"]


def _bare_null(written: Any) -> Any:
    """Take YAML's bare `kind: null` for the mask of that name."""
    if isinstance(written, Mapping) and "kind" in written and written["kind"] is None:
        return {**written, "kind": "null"}
    return written


WrittenMask = Annotated[
    Refuse | Null | Constant | Token | Partial | Round | Bucket | Truncate,
    Field(discriminator="kind"),
    BeforeValidator(_bare_null),
]
"""A mask that a policy may have."""

ExpectedMask = Annotated[
    Refuse | Null | Constant | Token | Partial | Round | Bucket | Truncate | Clear,
    Field(discriminator="kind"),
    BeforeValidator(_bare_null),
]
"""What a test may expect."""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
