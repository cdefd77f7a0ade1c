"""A proxy for tests, with a profile made by hand: what is tested is the protocol, not who may see what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from nexus_core.governance.audit import Audit
from nexus_core.governance.proxy_passwords import ProxyPasswords
from nexus_core.governance.users import NewUser, open_users
from nexus_core.model.masked import Profile
from nexus_core.proxy.certificate import CertificateFiles, ensure_files, open_tls
from nexus_core.proxy.clock import Times
from nexus_core.proxy.door import Door
from nexus_core.proxy.relay import Limits
from nexus_core.proxy.server import Proxy, Rules
from nexus_core.proxy.sessions import Sessions
from nexus_core.proxy.upstream import Address
from nexus_core.proxy.wall.verdict import Kind, Permitted, Refused
from nexus_core.proxy.watch import Watch
from nexus_core.settings import Settings
from nexus_core.store.account_users import Profile as Person
from nexus_core.store.account_users import User
from nexus_core.store.database import Store, open_store
from nexus_core.store.proxy_logins import ProxyLogins
from tests.services import PostgreSQL
from tests.stores import sqlite_settings

PROFILE = Profile("p1", "shop", 1, "ln_p_1", ("public",), ())
RULES = Rules(
    judge=lambda text, _profile: judge(text),
    startup_options=lambda given, _profile: {name: text for name, text in given.items() if name == "application_name"},
    addresses={},
    times=Times(idle=600, idle_in_transaction=600, statement=600, session=36000),
    limits=Limits(100_000),
    login_seconds=20,
    drain_seconds=10,
)


def judge(text: str) -> Permitted | Refused:
    """Permit all but what has FORBIDDEN in it, and tell of SQL's PREPARE."""
    if "FORBIDDEN" in text:
        return Refused("it is forbidden", "Leave it out.", normalised="F", fingerprint=f"{hash(text):x}")
    kinds = tuple(kind for kind in Kind if text.strip().casefold().startswith(kind))
    notices = ("it rests on masked values",) if "MASKED" in text else ()
    said = text.replace("SPLICE", "4 + ")
    return Permitted(said, kinds or (Kind.SELECT,), notices=notices, normalised=text, fingerprint=f"{hash(text):x}")


@dataclass(frozen=True)
class Answered:
    profile: Profile | None
    why: str = ""


@dataclass
class Given:
    """Profiles as a test gives them; `leased_at` stands still if it is set."""

    profile: Profile | None = PROFILE
    changes: int = 1
    leased_at: datetime | None = None
    secrets: Sequence[str] = ("secret",)
    """Passwords of the login role, one after another as they are asked for; the last one stays."""

    async def answer(self, account_id: str, source: str) -> Answered:
        return Answered(self.profile, "" if self.profile else "nobody is served")

    async def profile_ids(self, account_ids: Collection[str], source: str) -> Mapping[str, str | None]:
        return dict.fromkeys(account_ids, self.profile.id if self.profile else None)

    async def generation(self, source: str) -> int:
        return self.changes

    async def lease(self, source: str) -> datetime:
        return self.leased_at or datetime.now(UTC)

    async def password(self, profile: Profile) -> str:
        secret, *later = self.secrets
        self.secrets = later or [secret]
        return secret


@dataclass
class Running:
    """A proxy that listens, its one user, and the stores behind it."""

    proxy: Proxy
    port: int
    files: CertificateFiles
    store: Store
    user: User
    login: str
    password: str = field(repr=False)
    profiles: Given
    server: PostgreSQL
    stop: asyncio.Event
    run: asyncio.Task[None]

    def url(self, **more: str) -> str:
        """What libpq's clients connect to, with the certificate checked."""
        given = {"sslmode": "verify-full", "sslrootcert": str(self.files.certificate), **more}
        said = "&".join(f"{name}={value}" for name, value in given.items())
        return f"postgresql://{self.login}:{self.password}@localhost:{self.port}/shop?{said}"

    async def connect(self, **more: str) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self.url(**more), autocommit=True)


@asynccontextmanager
async def proxy(
    server: PostgreSQL,
    folder: Path,
    adapt: Callable[[Rules], Rules] = lambda rules: rules,
    given: Given | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[Running]:
    """Start a proxy before the cluster's database `postgres`, and drain it in the end."""
    settings = settings or await sqlite_settings(folder)
    store = open_store(settings.store_url)
    user = await open_users(store).create(NewUser("Ada", Person()), "a-long-password-of-ada")
    made = await ProxyPasswords(store).make(user, timedelta(hours=1))
    files = ensure_files(None, folder)
    rules = adapt(replace(RULES, addresses={"shop": Address("127.0.0.1", server.port, "postgres")}))
    given = given or Given()
    sessions = Sessions(0, 20, 10)
    running = Proxy(
        Door(open_tls(files), tls_required=True),
        rules,
        given,
        ProxyPasswords(store),
        Audit(store, "proxy"),
        sessions,
        Watch(given, ProxyLogins(store), sessions),
    )
    stop = asyncio.Event()
    listening = await asyncio.get_running_loop().create_server(running.wire, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    run = asyncio.create_task(running.run(stop))
    try:
        yield Running(running, port, files, store, user, made.login, made.password, given, server, stop, run)
    finally:
        listening.close()
        stop.set()
        await run
        await store.dispose()


def settings_of(running: Running) -> Settings:
    """The settings of its store."""
    return Settings.load(data_dir=running.files.certificate.parent)
