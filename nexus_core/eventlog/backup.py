"""Backup and restore of a deployment's store, and apart from it of its key store."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import orjson

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.opening import opens_probe, read_probe
from nexus_core.settings import Settings
from nexus_core.store.backup import read_backup, write_backup
from nexus_core.store.backup_file import Backup, verify_backup
from nexus_core.store.database import open_store
from nexus_core.store.event_keys import KeyName, add_keys, all_keys, open_key_store
from nexus_core.store.migration import migrate

_KEYS_FORMAT = 1


async def back_up(settings: Settings, path: Path) -> int:
    """Write the store into a file while it is in use, and give the number of rows."""
    store = open_store(settings.store_url)
    try:
        return await write_backup(store, path, await read_probe(store))
    finally:
        await store.dispose()


async def restore(settings: Settings, path: Path) -> Backup:
    """Put a backup into a new store, then bring that to the form that this version needs.

    Raises ConfigurationError for a damaged file, another key than the backup's, a store in use, or a backup of a later
    version.
    """
    backup = verify_backup(path)
    if backup.probe is not None and not opens_probe(settings, backup.probe):
        raise ConfigurationError(
            "The backup is sealed with another key than this store's",
            "Set NEXUS_SECRETS__KEY, or put `secrets-key` into the data folder, as it was when the backup was made",
        )
    await migrate(settings.store_url, backup.revision)
    store = open_store(settings.store_url)
    try:
        await read_backup(store, path, backup)
    finally:
        await store.dispose()
    await migrate(settings.store_url)
    return backup


async def back_up_keys(url: str, path: Path) -> int:
    """Write the key store into a file of its own, readable by its owner only, and give the number of keys."""
    store = await open_key_store(url)
    try:
        keys = await all_keys(store)
    finally:
        await store.dispose()
    rows = [[month, principal, base64.b64encode(nodes).decode()] for (month, principal), nodes in sorted(keys.items())]
    draft = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(orjson.dumps({"format": _KEYS_FORMAT, "keys": rows}))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    return len(rows)


async def restore_keys(url: str, path: Path) -> int:
    """Add the keys of a file to a key store; those that are there stay as they are, erasures included.

    Raises ConfigurationError for a file that is none.
    """
    keys = _read_keys(path)
    store = await open_key_store(url)
    try:
        if keys:
            await add_keys(store, keys)
    finally:
        await store.dispose()
    return len(keys)


def _read_keys(path: Path) -> dict[KeyName, bytes]:
    try:
        stored = orjson.loads(path.read_bytes())
        return {(month, principal): base64.b64decode(nodes) for month, principal, nodes in stored["keys"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is no backup of keys ({error})", "Give the file of `nexus backup`") from error
