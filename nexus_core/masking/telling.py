"""The state of a source, as commands and the API tell it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from nexus_core.masking.profiles import LEASE_SECONDS
from nexus_core.store import masking as rows
from nexus_core.store.database import Store


async def status_of(store: Store, source: str) -> dict[str, Any]:
    """Give whether a source is served, by which profiles, and what is left out; raises UnavailableError."""
    state = await rows.source_row(store, source)
    people = Counter(row.profile_id for row in (await rows.audiences(store, source)).values())
    made = await rows.profiles(store, source)
    now = datetime.now(UTC)
    checked = state.checked_at if state else None
    return {
        "source": source,
        "generation": state.generation if state else 0,
        "checked_at": checked,
        "is_live": checked is not None and now - checked < timedelta(seconds=LEASE_SECONDS),
        "problems": orjson.loads(state.problems) if state else [],
        "profiles": [
            (each.id, people[each.id], len(orjson.loads(each.body)["relations"]))
            for each in made.values()
            if each.retired_at is None
        ],
        "released": [
            (f"{each.schema}.{each.relation}" if each.relation else "everything", each.until)
            for each in await rows.releases(store, source)
            if each.until > now
        ],
        "absent": orjson.loads(state.absent) if state else {},
    }
