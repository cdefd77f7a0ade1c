"""What one worker does for stewards beside the merging: incidents of failing checks."""

from __future__ import annotations

from nexus_core.governance.audit import Audit
from nexus_core.quality.incidents import Incidents, follow_checks
from nexus_core.store.database import Store


class Steward:
    """Follows the checks of a projection; incidents lie in the main store."""

    def __init__(self, main: Store, store: Store) -> None:
        self._store = store
        self._incidents = Incidents(main, Audit(main, "worker"))

    async def step(self) -> bool:
        """Do what is due; False when nothing was."""
        return bool(await follow_checks(self._store, self._incidents))
