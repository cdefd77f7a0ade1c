"""Seals what redaction hides under a key per event, which can be destroyed (lineage.md §1).

An event's key follows from the key of its month and principal (model.puncture), which lies in the key store, itself
under the key of the deployment. Neither the log nor its backups hold a key, so that a destroyed one takes the
originals with it wherever copies of the log lie.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from hashlib import sha256

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nexus_core.errors import BrokenKeyError, ConfigurationError
from nexus_core.eventlog.seal import Seal
from nexus_core.model.puncture import KEY_BYTES, Nodes, leaf_key, punctured
from nexus_core.settings import Settings
from nexus_core.store import event_keys as rows
from nexus_core.store.database import Store
from nexus_core.store.event_keys import KeyName

_MONTH_BYTES = 7
_NONCE_BYTES = 12
_MONTH = re.compile(rb"[0-9]{4}-[0-9]{2}")
_REMEMBERED_SECONDS = 2.0
"""A key that another process destroyed opens nothing here after this time."""


class EventKeys:
    """Seals and opens originals; `ready` fetches the keys that are needed first."""

    def __init__(self, store: Store, seal: Seal) -> None:
        self._store, self._seal = store, seal
        self._known: dict[KeyName, tuple[float, Nodes]] = {}

    async def ready(self, names: Iterable[KeyName], *, make: bool = False) -> None:
        """Fetch keys, and with `make` those that are not there yet; raises UnavailableError if the store fails."""
        now = time.monotonic()
        absent = {name for name in names if self._known.get(name, (0.0, {}))[0] < now}
        if not absent:
            return
        stored = await rows.read_keys(self._store, absent)
        if make and (new := absent - stored.keys()):
            await rows.add_keys(self._store, {name: self._closed(name, {"": os.urandom(KEY_BYTES)}) for name in new})
            stored = await rows.read_keys(self._store, absent)
        for name in absent:
            nodes = self._opened(name, stored[name]) if name in stored else {}
            self._known[name] = (now + _REMEMBERED_SECONDS, nodes)

    def close(self, clear: bytes, event_id: str, name: KeyName) -> bytes | None:
        """Seal originals; None if the event's key was destroyed, so that they cannot be kept."""
        key = leaf_key(self._known[name][1], _digits(event_id))
        if key is None:
            return None
        nonce = os.urandom(_NONCE_BYTES)
        return name[0].encode() + nonce + AESGCM(key).encrypt(nonce, clear, event_id.encode())

    def open(self, sealed: bytes, event_id: str, principal: str) -> bytes | None:
        """Give originals; None if their key was destroyed, or if they were altered."""
        month = sealed_month(sealed)
        if month is None:
            return self._seal.open(sealed, event_id)
        _, nodes = self._known.get((month, principal), (0.0, {}))
        key = leaf_key(nodes, _digits(event_id))
        nonce, text = sealed[_MONTH_BYTES:][:_NONCE_BYTES], sealed[_MONTH_BYTES + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, text, event_id.encode()) if key else None
        except InvalidTag:
            return None

    async def destroy(self, name: KeyName, event_ids: Collection[str]) -> None:
        """Destroy the keys of events of one month and principal; on return no copy of them is in the key store."""

        def left(stored: bytes) -> Nodes:
            nodes = self._opened(name, stored)
            for event_id in event_ids:
                nodes = punctured(nodes, _digits(event_id))
            return nodes

        await self._replace(name, left)

    async def destroy_month(self, name: KeyName) -> None:
        """Destroy the keys of all events of a past month and principal."""
        await self._replace(name, lambda _stored: {})

    async def _replace(self, name: KeyName, left: Callable[[bytes], Nodes]) -> None:
        """Keep of a key what is left, however often another process changes it meanwhile."""
        while (stored := (await rows.read_keys(self._store, [name])).get(name)) is not None:
            if await rows.replace_key(self._store, name, stored, self._closed(name, left(stored))):
                break
        self._known.pop(name, None)
        await rows.forget_deleted(self._store)

    async def aclose(self) -> None:
        """Close the key store."""
        await self._store.dispose()

    def _closed(self, name: KeyName, nodes: Nodes) -> bytes:
        clear = orjson.dumps({way: key.hex() for way, key in nodes.items()}, option=orjson.OPT_SORT_KEYS)
        return self._seal.close(clear, _context(name))

    def _opened(self, name: KeyName, sealed: bytes) -> Nodes:
        clear = self._seal.open(sealed, _context(name))
        if clear is None:
            raise BrokenKeyError(*name)
        return {way: bytes.fromhex(key) for way, key in orjson.loads(clear).items()}


async def open_event_keys(settings: Settings, seal: Seal) -> EventKeys:
    """Open the key store of the settings; raises ConfigurationError and UnavailableError."""
    return EventKeys(await rows.open_key_store(keys_url(settings)), seal)


def keys_url(settings: Settings) -> str:
    """Give where the keys of events lie: a file beside an embedded store, else what the settings must say."""
    if settings.secrets.keys_url is not None:
        return settings.secrets.keys_url
    if settings.store.url is None:
        return f"sqlite+aiosqlite:///{settings.data_dir.expanduser().absolute() / 'event-keys.db'}"
    raise ConfigurationError(
        "No place is set for the keys of events, which must lie apart from the log and its backups",
        "Set NEXUS_SECRETS__KEYS_URL to a database of its own: postgresql://USER:PASSWORD@HOST/DATABASE",
    )


def key_name(accepted_at: datetime, principal: str) -> KeyName:
    """Give which key an event is sealed under when it is accepted (aware UTC)."""
    return f"{accepted_at:%Y-%m}", principal


def sealed_month(sealed: bytes) -> str | None:
    """Give the month whose key something was sealed under; None: under the key of the deployment itself."""
    month = sealed[:_MONTH_BYTES]
    return month.decode() if _MONTH.fullmatch(month) else None


def _context(name: KeyName) -> str:
    return f"event-key {name[0]} {name[1]}"


def _digits(event_id: str) -> str:
    return sha256(event_id.encode()).hexdigest()
