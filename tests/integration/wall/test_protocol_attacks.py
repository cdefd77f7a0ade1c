"""Tricks of the protocol, of startup options and of a role's settings: each tells of a value without the proxy."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from nexus_core.proxy.protocol.frames import frame
from nexus_core.proxy.server import Rules
from nexus_core.proxy.upstream import Address
from nexus_core.proxy.wall import Permitted, judge, startup_options
from tests.masking import leaks
from tests.proxying import Given, Running, proxy
from tests.walls import PASSWORD, Walls
from tests.wire_client import SYNC, WireClient, bind, connected, execute, parse

pytestmark = pytest.mark.service
TELLS = "SELECT public.email_of(1)"
MASKED = "SELECT email FROM customers WHERE id = 1"
Trick = Callable[[WireClient, Walls], Awaitable[bytes]]


@asynccontextmanager
async def proxied(walled: Walls, folder: Path) -> AsyncIterator[Running]:
    """A proxy whose one person has the profile of the walls."""
    server = walled.sample.server
    address = Address("127.0.0.1", server.port, walled.sample.database)

    def adapt(rules: Rules) -> Rules:
        return replace(rules, judge=judge, startup_options=startup_options, addresses={"shop": address})

    async with proxy(server, folder, adapt, Given(walled.profile, secrets=(PASSWORD,))) as running:
        yield running


@asynccontextmanager
async def through(running: Running, **parameters: str) -> AsyncIterator[tuple[WireClient, bytes]]:
    async with connected(running.port, tls=True) as client:
        yield client, await client.log_in(running.login, running.password, "shop", **parameters)


@asynccontextmanager
async def around(walled: Walls, role: str = "", **parameters: str) -> AsyncIterator[tuple[WireClient, bytes]]:
    """Log in to the source itself, as who may read the tables where no other role is named."""
    async with connected(walled.sample.server.port) as client:
        role = role or f"{walled.profile.login_role}_reader"
        yield client, await client.log_in(role, PASSWORD, walled.sample.database, **parameters)


# --- messages


async def call(client: WireClient, walled: Walls) -> bytes:
    """Call a function by the fast path, which has no text."""
    (row,) = walled.sample.rows("SELECT 'public.email_of(integer)'::regprocedure::oid::int")
    client.send(frame(b"F", struct.pack("!ihhhi", row[0], 1, 0, 1, 1) + b"1" + struct.pack("!h", 0)))
    return await client.said()


async def pipelined(client: WireClient, walled: Walls) -> bytes:
    """Send what is refused and what would run it before the refusal is known."""
    client.send(parse(TELLS), bind(), execute(), SYNC, bind(), execute(), SYNC, parse(MASKED), bind(), execute(), SYNC)
    return await client.said(3)


async def later(client: WireClient, walled: Walls) -> bytes:
    """Bind a refused statement after the Sync that its refusal is over with."""
    client.send(parse(TELLS, b"s"), SYNC, bind(b"s"), execute(), SYNC)
    return await client.said(2)


async def named_by_sql(client: WireClient, walled: Walls) -> bytes:
    """Run by the protocol what SQL prepared."""
    found = await client.ask(f"PREPARE s AS {TELLS}")
    client.send(bind(b"s"), execute(), SYNC)
    return found + await client.said()


async def cursor_of_sql(client: WireClient, walled: Walls) -> bytes:
    """Run by the protocol the portal of a cursor that SQL declared."""
    found = await client.ask("BEGIN") + await client.ask(f"DECLARE c CURSOR FOR {TELLS}")
    client.send(execute(b"c"), SYNC)
    return found + await client.said()


async def unsynced(client: WireClient, walled: Walls) -> bytes:
    """Send a Query into a pipeline, where it is skipped or runs by what happens to fail before."""
    client.send(parse("SELECT 1"), bind(), execute(), frame(b"Q", TELLS.encode() + b"\0"))
    return await client.said()


async def several(client: WireClient, walled: Walls) -> bytes:
    """Hide it behind a statement that is let through."""
    return await client.ask(f"SELECT 1; {TELLS}")


async def described(client: WireClient, walled: Walls) -> bytes:
    """Ask by a parameter's type for the names of what is there."""
    client.send(parse("SELECT $1", b"", 24), bind(b"", b"", b"public.canary_function"), execute(), SYNC)
    return (await client.said()).replace(b"canary_function", b"CANARY-")


async def within_copy(client: WireClient, walled: Walls) -> bytes:
    """Talk into a COPY that streams."""
    client.send(frame(b"Q", b"COPY customers (email) TO STDOUT\0"), frame(b"d", b"x\n"), frame(b"c"))
    return await client.said() + await client.ask("COPY customers TO STDOUT")


async def again(client: WireClient, walled: Walls) -> bytes:
    """Send a text in two Parse messages of one name, of which only the first is let through."""
    client.send(parse("SELECT 1", b""), parse(TELLS, b""), bind(), execute(), SYNC)
    return await client.said()


TRICKS: tuple[Trick, ...] = (
    call, pipelined, later, named_by_sql, cursor_of_sql, unsynced, several, described, within_copy, again,
)  # fmt: skip


async def test_no_trick_of_the_protocol_tells_of_a_value(walled: Walls, tmp_path: Path) -> None:
    async with proxied(walled, tmp_path) as running:
        for trick in TRICKS:
            async with around(walled) as (client, _):
                assert leaks((await trick(client, walled)).decode("latin-1")), f"{trick.__name__} tells of nothing"
            async with through(running) as (client, greeting):
                assert greeting.endswith(b"ZI")
                said = await trick(client, walled)
                assert not leaks(said.decode("latin-1")), trick.__name__
                assert b"42501" in said or b"08P01" in said or trick is within_copy, trick.__name__


# --- startup options

OPTIONS: tuple[tuple[Mapping[str, str], str], ...] = (
    ({"standard_conforming_strings": "off"}, "SHOW standard_conforming_strings"),
    ({"options": "-c standard_conforming_strings=off"}, "SHOW standard_conforming_strings"),
    ({"options": "-cstandard-conforming-strings=off"}, "SHOW standard_conforming_strings"),
    ({"options": "--standard_conforming_strings=off"}, "SHOW standard_conforming_strings"),
    ({"options": "-c client_min_messages=log -c standard_conforming_strings=off"}, "SHOW standard_conforming_strings"),
    ({"client_encoding": "SJIS"}, "SHOW client_encoding"),
    ({"client_encoding": "GBK"}, "SHOW client_encoding"),
    ({"options": "-c client_encoding=BIG5"}, "SHOW client_encoding"),
    ({"options": "-c search_path=public"}, "SHOW search_path"),
    ({"options": "-c session_replication_role=origin -c app.person=me"}, "SHOW app.person"),
    ({"options": "-c app.person=me"}, "SHOW app.person"),
    ({"app.person": "me"}, "SHOW app.person"),
    ({"options": "-c row_security=off"}, "SHOW row_security"),
    ({"row_security": "off"}, "SHOW row_security"),
    ({"options": "-c backslash_quote=on"}, "SHOW backslash_quote"),
    ({"options": "-c debug_print_plan=on"}, "SHOW debug_print_plan"),
)


async def test_startup_options_do_not_change_how_a_text_is_read(walled: Walls, tmp_path: Path) -> None:
    async with proxied(walled, tmp_path) as running:
        async with through(running) as (client, _):
            usual = {show: await client.ask(show) for _, show in OPTIONS}
        for parameters, show in OPTIONS:
            async with around(walled) as (client, _), around(walled, **parameters) as (changed, greeting):
                if b"session_replication_role" not in greeting:  # superusers only
                    assert await changed.ask(show) != await client.ask(show), parameters
            async with through(running, **parameters) as (client, greeting):
                assert not greeting.endswith(b"ZI") or await client.ask(show) == usual[show], parameters


async def test_a_path_given_at_the_start_names_what_stands_for_the_schemas(walled: Walls, tmp_path: Path) -> None:
    async with around(walled, search_path="public") as (client, _):
        assert leaks((await client.ask(MASKED)).decode("latin-1"))
    async with proxied(walled, tmp_path) as running, through(running, search_path="hr, public") as (client, _):
        said = await client.ask(MASKED)
        assert b"***@example.com" in said
        assert not leaks(said.decode("latin-1"))


async def test_nobody_replicates_through_the_proxy(walled: Walls, tmp_path: Path) -> None:
    role = f"{walled.profile.login_role}_reader"
    walled.sample.run(f"ALTER ROLE {role} REPLICATION")
    try:
        async with around(walled, replication="database") as (client, _):
            assert b"systemid" in await client.ask("IDENTIFY_SYSTEM")
    finally:
        walled.sample.run(f"ALTER ROLE {role} NOREPLICATION")
    async with proxied(walled, tmp_path) as running:
        for value in ("database", "true", "1"):
            async with through(running, replication=value) as (_, greeting):
                assert b"Replication is not served" in greeting
        async with through(running) as (client, _):
            assert b"systemid" not in await client.ask("IDENTIFY_SYSTEM")


# --- what the source says of the role

HIJACK = """
CREATE FUNCTION public.told(integer, integer) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER STABLE AS
    'BEGIN RAISE NOTICE ''%'', public.email_of(1); RETURN true; END';
CREATE OPERATOR public.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.told);
"""
POISON: tuple[tuple[str, str], ...] = (
    ("standard_conforming_strings = off", "SELECT 'x\\'' , public.email_of(1) --'"),
    ("search_path = public, pg_catalog", "SELECT 1 WHERE 1 = 2"),
    ("client_encoding = SJIS", "SHOW client_encoding"),
)


async def test_settings_that_somebody_gave_the_role_are_not_those_of_its_sessions(
    walled: Walls, tmp_path: Path
) -> None:
    """They are found by the reconciler, too; here nobody looks."""
    login, shop = walled.profile.login_role, walled.sample
    path = ", ".join(walled.profile.search_path)
    shop.run(HIJACK)
    try:
        async with proxied(walled, tmp_path) as running:
            for setting, text in POISON:
                shop.run(f"ALTER ROLE {login} SET {setting}")
                async with around(walled, login) as (client, _):
                    said = await client.ask(text)
                    assert leaks(said.decode("latin-1")) or b"SJIS" in said, setting
                async with through(running) as (client, greeting):
                    assert greeting.endswith(b"ZI")
                    said = await client.ask(text)
                    assert not leaks(said.decode("latin-1")), setting
                    assert b"SJIS" not in said
                    again = await client.ask("DISCARD ALL") + await client.ask(text)
                    assert not leaks(again.decode("latin-1")), setting
                shop.run(f"ALTER ROLE {login} RESET ALL; ALTER ROLE {login} SET search_path = {path}")
    finally:
        shop.run("DROP OPERATOR public.= (integer, integer); DROP FUNCTION public.told")


# --- bytes that are no text


HIDDEN_QUOTE = b"SELECT E'\x95\x5c', public.email_of(1) --'"
"""In Shift JIS the first two bytes of the literal are one letter; who does not know that sees an escaped quote."""


async def test_a_literal_that_the_server_reads_otherwise_would_pass(walled: Walls) -> None:
    """The harm of bytes that are no UTF-8: a lenient wall sees one literal in them, the source a call."""
    assert isinstance(judge(HIDDEN_QUOTE.decode(errors="replace"), walled.profile), Permitted)
    async with around(walled, client_encoding="SJIS") as (client, _):
        client.send(frame(b"Q", HIDDEN_QUOTE + b"\0"))
        assert leaks((await client.said()).decode("latin-1"))


async def test_what_is_no_utf8_is_refused_and_the_session_goes_on(walled: Walls, tmp_path: Path) -> None:
    async with proxied(walled, tmp_path) as running, through(running) as (client, _):
        for text in (b"SELECT '\xff'", b"SELECT '\xc0\xa7'", b"SELECT '\xed\xa0\x80'", HIDDEN_QUOTE):
            client.send(frame(b"Q", text + b"\0"), frame(b"P", b"\0" + text + b"\0\0\0"), SYNC)
            assert (await client.said(2)).count(b"the text is not UTF-8") == 2
        assert b"***@example.com" in await client.ask(MASKED)


async def test_a_text_behind_a_zero_ends_the_session(walled: Walls, tmp_path: Path) -> None:
    """The source refuses it as well; the proxy is not to rest on that."""
    async with proxied(walled, tmp_path) as running:
        for hidden in (
            frame(b"Q", f"SELECT 1\0; {TELLS}\0".encode()),
            frame(b"P", f"\0SELECT 1\0{TELLS}\0\0\0".encode()) + bind() + execute() + SYNC,
        ):
            async with through(running) as (client, _):
                client.send(hidden)
                said = await client.said()
                assert b"08P01" in said
                assert not leaks(said.decode("latin-1"))
