"""Runs one process of the proxy by its settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

from nexus_core.errors import ConfigurationError
from nexus_core.governance.audit import Audit
from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.masking.profiles import ProfileSource
from nexus_core.masking.sources import Source, sources_of
from nexus_core.proxy.certificate import certificate_files, open_tls
from nexus_core.proxy.clock import Times
from nexus_core.proxy.door import Door
from nexus_core.proxy.neighbours import listening_for_cancels, pass_cancel
from nexus_core.proxy.relay import Limits
from nexus_core.proxy.server import Proxy, Rules
from nexus_core.proxy.sessions import Sessions
from nexus_core.proxy.upstream import Address
from nexus_core.proxy.wall import judge, startup_options
from nexus_core.proxy.watch import Watch
from nexus_core.settings import ProxySettings, Settings
from nexus_core.store.database import Store, open_store
from nexus_core.store.proxy_logins import ProxyLogins

_TLS_MODES = {"disable": "disable", "require": "require", "verify-ca": "verify-full", "verify-full": "verify-full"}
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})

log = structlog.get_logger()


async def run_proxy(settings: Settings, stop: asyncio.Event, worker: int = 0) -> None:
    """Serve until `stop` is set; `worker` counts the processes that share the port.

    Raises ConfigurationError where no source is set, or a certificate cannot be used.
    """
    if not settings.proxy.sources:
        raise ConfigurationError("No source is set that the proxy serves", "Set NEXUS_PROXY__SOURCES__NAME__URL")
    store = open_store(settings.store_url)
    try:
        async with _opened(settings, store, worker) as proxy:
            await proxy.run(stop)
    finally:
        await store.dispose()


@asynccontextmanager
async def _opened(settings: Settings, store: Store, worker: int) -> AsyncIterator[Proxy]:
    given, folder = settings.proxy, settings.data_dir.expanduser() / "run"
    proxy = _proxy(settings, store, worker)
    loop = asyncio.get_running_loop()
    async with listening_for_cancels(folder, worker, proxy.cancel_own):
        server = await loop.create_server(
            proxy.wire, given.host, given.port, reuse_port=given.processes > 1, backlog=512
        )
        log.info("proxy_listening", host=given.host, port=given.port, worker=worker)
        try:
            yield proxy
        finally:
            server.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(server.wait_closed(), 1)


def _proxy(settings: Settings, store: Store, worker: int) -> Proxy:
    given = settings.proxy
    profiles, sessions = ProfileSource(store, settings), Sessions(worker, given.sessions_max, given.sessions_per_user)
    folder = settings.data_dir.expanduser() / "run"
    return Proxy(
        Door(open_tls(certificate_files(settings)), given.tls_required),
        _rules(given, sources_of(settings)),
        profiles,
        ProxyPasswords(store),
        Audit(store, "proxy"),
        sessions,
        Watch(profiles, ProxyLogins(store), sessions),
        neighbours=lambda other, wanted: pass_cancel(folder, other, wanted),
    )


def _rules(given: ProxySettings, sources: Mapping[str, Source]) -> Rules:
    return Rules(
        judge=judge,
        startup_options=startup_options,
        addresses={name: _address(source) for name, source in sources.items()},
        times=Times(
            given.idle_seconds, given.idle_transaction_seconds, given.statement_seconds, given.session_hours * 3600
        ),
        limits=Limits(given.statement_bytes),
        login_seconds=given.login_seconds,
        drain_seconds=given.drain_seconds,
    )


def _address(source: Source) -> Address:
    mode = source.options.get("sslmode", "disable" if source.host in _THIS_MACHINE else "require")
    if mode not in _TLS_MODES:
        advice = f"Use one of {', '.join(_TLS_MODES)} in its URL"
        raise ConfigurationError(f"The source {source.name} has sslmode={mode}, which may end without TLS", advice)
    root = source.options.get("sslrootcert")
    return Address(source.host, source.port, source.database, _TLS_MODES[mode], Path(root) if root else None)
