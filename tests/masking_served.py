"""The masking sample behind the proxy, which a reconciler keeps, with people who know their passwords."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.users import open_users
from nexus_core.masking.reconciler import run_reconciler
from nexus_core.proxy.serving import run_proxy
from tests.masking_governed import NULLED, SHOP, Governed
from tests.services import free_port

Keeping = Callable[[Governed], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Served:
    """The sample behind a proxy, with the analyst `carl` and the steward `stella`."""

    governance: Governed
    port: int
    passwords: dict[str, str]

    def url(self, user: str, scheme: str = "postgresql") -> str:
        return f"{scheme}://{user}:{self.passwords[user]}@127.0.0.1:{self.port}/{SHOP}?sslmode=require"

    async def connect(self, user: str) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self.url(user), autocommit=True)

    async def let_in(self) -> psycopg.AsyncConnection:
        """Connect as the analyst once what the analyst may see is in the source, and known."""
        async with asyncio.timeout(180):
            while True:
                try:
                    return await self.connect("carl")
                except psycopg.OperationalError:
                    await asyncio.sleep(0.2)


@asynccontextmanager
async def served(governance: Governed, keeping: Keeping | None = None) -> AsyncIterator[Served]:
    """Serve what is PII as NULL to analysts and clear to stewards; `keeping` reconciles, if given."""
    await governance.policies(NULLED)
    passwords = {}
    for name, role in (("carl", "analyst"), ("stella", "steward")):
        await governance.person(name, role)
        user = await open_users(governance.main).one(name)
        passwords[name] = (await ProxyPasswords(governance.main).make(user, timedelta(hours=1))).password
    await governance.settle()
    port = free_port()
    proxy = governance.settings.proxy.model_copy(update={"port": port})
    settings = governance.settings.model_copy(update={"proxy": proxy})
    stop = asyncio.Event()
    async with (keeping or _rounds)(governance):
        running = asyncio.create_task(run_proxy(settings, stop))
        try:
            await _listening(port)
            made = Served(governance, port, passwords)
            await (await made.let_in()).close()
            yield made
        finally:
            stop.set()
            await running


@asynccontextmanager
async def _rounds(governance: Governed) -> AsyncIterator[None]:
    async def rounds() -> None:
        while True:
            await governance.reconciler.round()
            await asyncio.sleep(0.5)

    task = asyncio.create_task(rounds())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def reconciled(governance: Governed) -> AsyncIterator[None]:
    """Reconcile as the process does, which tries again what the source's own changes let fail."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_reconciler(governance.settings, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def _listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
