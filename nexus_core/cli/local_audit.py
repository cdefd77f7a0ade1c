"""The audit log for commands that change the store of this machine without the API."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from nexus_core.governance.audit import Audit
    from nexus_core.governance.audit_sealing import Sealing
    from nexus_core.model.audit import Act
    from nexus_core.settings import Settings


@asynccontextmanager
async def local_audit(settings: Settings) -> AsyncIterator[Audit]:
    """Open the log of a store."""
    from nexus_core.governance.audit import Audit
    from nexus_core.store.database import open_store

    store = open_store(settings.store_url)
    try:
        yield Audit(store, "cli")
    finally:
        await store.dispose()


@asynccontextmanager
async def sealing(settings: Settings, folder: Path) -> AsyncIterator[Sealing]:
    """Open the log of a store for sealing, with the role that may delete."""
    from nexus_core.governance.audit_sealing import Sealing
    from nexus_core.store.database import open_store

    retention = open_store(settings.audit.retention_url or settings.store_url)
    try:
        async with local_audit(settings) as log:
            yield Sealing(log.store, retention, log, folder, getpass.getuser())
    finally:
        await retention.dispose()


def here(act: Act) -> Act:
    """Give an act with the user of this machine who does it: there is no account to name."""
    from nexus_core.model.audit import Act

    return Act(act.action, act.target, {**act.personal, "user": getpass.getuser()})
