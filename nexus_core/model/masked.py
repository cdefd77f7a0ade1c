"""What a person sees of a PostgreSQL source through the masking proxy, as values (docs/proxy.md).

A profile is what equal sets of (column → mask, row filter) share: one login role in the source, which may read nothing
but the relations named here. Names are as the catalogue of PostgreSQL has them: unquoted, in their own case.
"""

from __future__ import annotations

from dataclasses import dataclass

from nexus_core.model.policy import CLEAR, Mask

LOGIN_PREFIX = "ln_p_"
"""How the names begin of the roles that the masking proxy signs in to a source as."""


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column that a profile may read, by its mask; columns that it may not read are not there at all.

    `type` is what PostgreSQL's `format_type` gives, the same before and after masking.
    """

    name: str
    type: str
    mask: Mask = CLEAR
    refuses_inference: bool = False


@dataclass(frozen=True, slots=True)
class SeenRelation:
    """A table or view of the source, and the relation that stands for it in the profile.

    `shadow_schema` equals `schema` where nothing is masked and the profile reads the table itself by grants on its
    columns. A relation with `row_filtered` shows a part of the rows.
    """

    schema: str
    name: str
    shadow_schema: str
    columns: tuple[SeenColumn, ...]
    row_filtered: bool = False

    @property
    def is_base(self) -> bool:
        """Whether the profile reads the source's own relation."""
        return self.schema == self.shadow_schema


@dataclass(frozen=True, slots=True)
class Profile:
    """What the holders of equal rights see of one source, at one generation.

    `search_path` are the schemas that unqualified names are looked up in, the first first. Relations have distinct
    (schema, name).
    """

    id: str
    source: str
    generation: int
    login_role: str
    search_path: tuple[str, ...]
    relations: tuple[SeenRelation, ...]
