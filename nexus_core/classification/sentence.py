"""Why a field has its class, in one line: `PII because ← crm.users.email via job X`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from nexus_core.classification.asking import FieldClass, Hop
from nexus_core.model.class_fields import REST


def sentence(found: FieldClass) -> str:
    """Give the line."""
    if found.is_public:
        return f"{found.class_name}: a steward said so, and nothing is known that classifies it"
    told = found.level.name if found.level.certain else f"suspected:{found.level.name}"
    if not found.path:
        return f"{told}: nobody decided, and nothing is known that classifies it"
    if found.pinned:
        return f"{told}, which nothing supports any more; it stays until a steward approves that it is lowered"
    return f"{told} because {' '.join(_parts(found.path))}"


def _parts(path: list[Hop]) -> Iterator[str]:
    for hop, source in pairwise(path):
        job = (hop.origin or {}).get("job")
        via = f" via job {job[1]}" if job and source.name is not None else ""
        yield f"← {_named(source)}{via}"
    last = path[-1]
    if last.name is not None:
        yield f"← decided of {_named(last)}" if len(path) == 1 else "(decided)"


def _named(hop: Hop) -> str:
    if hop.name is None:
        return "a dataset that you may not see"
    return f"{hop.name.name}.{hop.field}" if hop.field and not hop.field.startswith(REST) else hop.name.name
