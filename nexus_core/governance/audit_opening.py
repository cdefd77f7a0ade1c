"""Makes the signer of the settings, with its key and witnesses."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from nexus_core.errors import ConfigurationError
from nexus_core.governance.audit_notes import SigningKey, read_key
from nexus_core.governance.audit_signer import Signer
from nexus_core.governance.audit_stamps import TimeStamper, read_roots
from nexus_core.governance.audit_witness import open_witness
from nexus_core.settings import Settings
from nexus_core.store.database import Store, open_store


async def run_signer(settings: Settings, stop: asyncio.Event) -> None:
    """Sign until `stop` is set. Raises ConfigurationError for a missing or wrong key or witness."""
    key = signing_key(settings)
    witnesses = [open_witness(each, settings.egress.allow_hosts) for each in settings.audit.witnesses]
    store = open_store(settings.store_url)
    every = timedelta(seconds=settings.audit.checkpoint_seconds)
    signer = Signer(store, key, witnesses, every, _stamper(settings, store))
    try:
        if settings.audit.previous_key is not None:
            await signer.change_key(read_key(settings.audit.previous_key.expanduser(), settings.audit.name))
        await signer.run(stop)
    finally:
        await store.dispose()


def _stamper(settings: Settings, store: Store) -> TimeStamper | None:
    given = settings.audit
    if given.time_stamps is None:
        return None
    if given.time_stamp_roots is None:
        raise ConfigurationError("NEXUS_AUDIT__TIME_STAMP_ROOTS is missing", "Give the authority's certificates, PEM")
    roots, every = read_roots(given.time_stamp_roots.expanduser()), timedelta(seconds=given.time_stamp_seconds)
    return TimeStamper(store, given.time_stamps, roots, every, settings.egress.allow_hosts)


def signing_key(settings: Settings) -> SigningKey:
    """Read the key; an embedded installation makes one at its first start.

    Raises ConfigurationError, too, where a store has its own server and no key is given: it would be a key for nobody.
    """
    given = settings.audit.key
    if given is None and settings.store.url is not None:
        raise ConfigurationError("NEXUS_AUDIT__KEY is missing", "Make one with `openssl genpkey -algorithm ed25519`")
    path = (given or settings.data_dir / "audit-key").expanduser()
    if given is None and not path.exists():
        _make(path)
    return read_key(path, settings.audit.name)


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
