"""The figures that are kept over time."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    """A figure of one namespace; docs/trends.md says what each counts. All but HARVEST_AGE add up over namespaces."""

    ASSETS = "assets"
    FIELDS = "fields"
    ASSETS_DESCRIBED = "assets_described"
    ASSETS_OWNED = "assets_owned"
    ASSETS_CLASSIFIED = "assets_classified"
    ASSETS_USED = "assets_used"
    ASSETS_WITH_LINEAGE = "assets_with_lineage"
    FIELDS_WITH_LINEAGE = "fields_with_lineage"
    FIELDS_SENSITIVE = "fields_sensitive"
    FIELDS_PROTECTED = "fields_protected"
    CHECKS = "checks"
    CHECKS_FAILING = "checks_failing"
    INCIDENTS = "incidents"
    HARVEST_AGE = "harvest_age_seconds"
    HARVESTS_PARTIAL = "harvests_partial"

    @property
    def greatest(self) -> bool:
        """Whether several namespaces are told by the greatest value, not by the sum."""
        return self is Metric.HARVEST_AGE
