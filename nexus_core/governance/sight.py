"""Why somebody sees a dataset, or does not: each grant to read, with what of it hides the dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nexus_core.model.access import Attributes, Grant, Permission, Reach
from nexus_core.model.names import DatasetName


@dataclass(frozen=True, slots=True)
class Reason:
    """One reach of a grant to read, and which of its limits hide the dataset; none: it shows it."""

    grant: Grant
    reach: Reach
    hidden_by: tuple[str, ...]


def reasons(grants: Iterable[Grant], name: DatasetName, attributes: Attributes) -> list[Reason]:
    """Give the reasons for a dataset by the name that stands for it, those that show it first."""
    reading = (grant for grant in grants if Permission.READ in grant.permissions)
    found = [
        Reason(grant, reach, _hidden_by(reach, name, attributes)) for grant in reading for reach in grant.scope.reaches
    ]
    return sorted(found, key=lambda reason: bool(reason.hidden_by))


def _hidden_by(reach: Reach, name: DatasetName, attributes: Attributes) -> tuple[str, ...]:
    limits = {
        "namespaces": Reach(namespaces=reach.namespaces),
        "datasets": Reach(datasets=reach.datasets),
        "domains": Reach(domains=reach.domains),
        "ceiling": Reach(ceiling=reach.ceiling, shown=reach.shown),
        "account": Reach(also=reach.also),
    }
    return tuple(limit for limit, alone in limits.items() if not alone.sees(name, attributes))
