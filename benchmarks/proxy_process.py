"""The process that `benchmarks.proxy` measures: the proxy before one role that reads pgbench's tables, or bare bytes.

`python -m benchmarks.proxy_process (relay|proxy) PORT SOURCE_PORT FOLDER`; a proxy prints its user and password.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from nexus_core.governance.audit import Audit
from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.users import NewUser, open_users
from nexus_core.model.masked import Profile, SeenColumn, SeenRelation
from nexus_core.proxy.certificate import ensure_files, open_tls
from nexus_core.proxy.clock import Times
from nexus_core.proxy.door import Door
from nexus_core.proxy.relay import Limits
from nexus_core.proxy.server import Proxy, Rules
from nexus_core.proxy.sessions import Sessions
from nexus_core.proxy.upstream import Address
from nexus_core.proxy.wall import judge, startup_options
from nexus_core.proxy.watch import Watch
from nexus_core.proxy.wire import Sink, Wire
from nexus_core.settings import Settings
from nexus_core.store.account_users import Profile as Person
from nexus_core.store.database import Store, open_store
from nexus_core.store.migration import migrate
from nexus_core.store.proxy_logins import ProxyLogins

ROLE, ROLE_PASSWORD, SOURCE = "ln_p_bench", "bench", "bench"
_TABLES = {
    "pgbench_accounts": {"aid": "integer", "bid": "integer", "abalance": "integer", "filler": "character(84)"},
    "pgbench_branches": {"bid": "integer", "bbalance": "integer", "filler": "character(88)"},
}
PROFILE = Profile(
    "bench",
    SOURCE,
    1,
    ROLE,
    ("public",),
    tuple(
        SeenRelation("public", table, "public", tuple(SeenColumn(name, kind) for name, kind in columns.items()))
        for table, columns in _TABLES.items()
    ),
)


@dataclass(frozen=True)
class Answered:
    profile: Profile | None = PROFILE
    why: str = ""


class Fixed:
    """Profiles that never change, known at every moment, whoever asks."""

    async def answer(self, account_id: str, source: str) -> Answered:  # noqa: ARG002
        return Answered()

    async def profile_ids(self, account_ids: Collection[str], source: str) -> Mapping[str, str | None]:  # noqa: ARG002
        return dict.fromkeys(account_ids, PROFILE.id)

    async def generation(self, source: str) -> int:  # noqa: ARG002
        return 1

    async def lease(self, source: str) -> datetime:  # noqa: ARG002
        return datetime.now(UTC)

    async def password(self, profile: Profile) -> str:  # noqa: ARG002
        return ROLE_PASSWORD


async def relay(port: int, source_port: int) -> None:
    """Pass bytes on and nothing else."""
    loop, pairs = asyncio.get_running_loop(), set()

    def connected(client: Wire) -> None:
        pairs.add(loop.create_task(_pair(client, source_port)))

    await loop.create_server(lambda: Wire(connected), "127.0.0.1", port)
    await asyncio.Event().wait()


async def _pair(client: Wire, source_port: int) -> None:
    _, source = await asyncio.get_running_loop().create_connection(Wire, "127.0.0.1", source_port)
    client.flow(Sink(source.write, source.close, lambda: None, lambda: None))
    source.flow(Sink(client.write, client.close, lambda: None, lambda: None))


async def proxy(port: int, source_port: int, folder: Path) -> None:
    """Serve as `nexus proxy serve` does, the audit log in SQLite."""
    settings = Settings.load(data_dir=folder)
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    made = _proxy(store, source_port, folder)
    await asyncio.get_running_loop().create_server(made.wire, "127.0.0.1", port, backlog=512)
    user = await open_users(store).create(NewUser("bench", Person()), "a-long-password-of-bench")
    login = await made.passwords.make(user, timedelta(hours=1))
    print(login.login, login.password, flush=True)
    await made.run(asyncio.Event())


def _proxy(store: Store, source_port: int, folder: Path) -> Proxy:
    address = Address("127.0.0.1", source_port, "postgres")
    rules = Rules(judge, startup_options, {SOURCE: address}, Times(9e9, 9e9, 9e9, 9e9), Limits(2**20), 60, 1)
    sessions, profiles = Sessions(0, 1000, 1000), Fixed()
    return Proxy(
        Door(open_tls(ensure_files(None, folder)), tls_required=False),
        rules,
        profiles,
        ProxyPasswords(store),
        Audit(store, "proxy"),
        sessions,
        Watch(profiles, ProxyLogins(store), sessions),
    )


if __name__ == "__main__":
    what, port, source_port, folder = sys.argv[1:]
    work = relay(int(port), int(source_port)) if what == "relay" else proxy(int(port), int(source_port), Path(folder))
    uvloop.run(work)
