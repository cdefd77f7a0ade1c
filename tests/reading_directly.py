"""SQL read in the test's own process: the same functions that the child processes call."""

from __future__ import annotations

from nexus_core.model.statement import SqlLineage, SqlRequest
from nexus_core.model.trial import Trial, TrialRequest
from nexus_core.sql import derive
from nexus_core.sql.binding.binder import tried


class Direct:
    """Reads what tests themselves have written, which needs no bounds."""

    async def tried(self, request: TrialRequest) -> tuple[Trial, ...]:
        return tried(request)

    async def derive(self, request: SqlRequest) -> SqlLineage:
        return derive(request)
