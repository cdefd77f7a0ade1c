"""What the audit log says of acts on sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from nexus_core.model.audit import Act, Action


def onboarded(source: str) -> Act:
    """Of running the statements that let a source be served."""
    return Act(Action.SOURCE_ONBOARDED, {"source": source})


def offboarded(source: str) -> Act:
    """Of removing all of ours from a source."""
    return Act(Action.SOURCE_OFFBOARDED, {"source": source})


def released(source: str, relations: Iterable[str], until: datetime) -> Act:
    """Of letting go of relations for a while."""
    names = ", ".join(relations) or "all"
    return Act(Action.SOURCE_RELEASED, {"source": source, "relations": names, "until": until.isoformat()})


def reconciled(source: str) -> Act:
    """Of ending that."""
    return Act(Action.SOURCE_RECONCILED, {"source": source})
