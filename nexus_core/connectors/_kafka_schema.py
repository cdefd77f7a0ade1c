"""What the three languages of a schema registry have in common: a type with fields, grown within limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from nexus_core.connectors.objects import SourceField, Tag

FIELDS_MAX = 10_000
DEPTH_MAX = 24


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema says of a value: the name of its type, and what it consists of."""

    type: str
    fields: tuple[SourceField, ...] = ()
    nullable: bool | None = None
    description: str | None = None
    tags: tuple[Tag, ...] = ()


@dataclass(slots=True)
class Growth:
    """Keeps types that hold themselves, or each other many times over, from growing without end."""

    within: list[str] = field(default_factory=list)
    field_count: int = 0

    def may_open(self, name: str) -> bool:
        """Whether the fields of a named type are to be given here."""
        return name not in self.within and len(self.within) < DEPTH_MAX and self.field_count < FIELDS_MAX


class SchemaError(ValueError):
    """A schema that cannot be read; the message holds none of its text but names."""
