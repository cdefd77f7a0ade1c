"""The views for MySQL, applied to a real MySQL and a real MariaDB and read by accounts that hold one role each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pymysql
import pytest

from nexus_core.masking.native.emitting import script
from nexus_core.masking.native.engines import Engine
from tests import mysql_server, services
from tests.mysql_server import MySQL
from tests.native_policies import POLICIES, told

pytestmark = pytest.mark.service

_TABLE = """
CREATE DATABASE shop;
CREATE TABLE shop.orders (id int, email varchar(80), pay decimal(12,2), age tinyint(3) unsigned, born date,
    phone varchar(40), region varchar(20), secret text);
INSERT INTO shop.orders VALUES
    (1, 'anna@example.com', 51234.56, 47, '1979-05-06', '+49 170 1234567', 'EU', 's1'),
    (2, 'b@x.org', 9999999999.99, 255, NULL, 'none', 'UK', 's2'),
    (3, 'no address', 5, 0, '1000-01-01', NULL, 'EU', 's3'),
    (4, NULL, 77000, 30, '2001-12-31', '12', 'US', 's4');
CREATE USER reader@localhost; CREATE USER personnel@localhost; CREATE USER warden@localhost;
"""
_MEMBERS = {"reader": "nexus", "personnel": "nexus_hr", "warden": "nexus_steward"}


@pytest.fixture(scope="module")
def own_mysql() -> Iterator[MySQL]:
    """A MySQL of this module: that of the session holds another `shop`."""
    with mysql_server.mysql(services.free_port()) as running:
        yield running


@pytest.fixture(params=["mariadb", "own_mysql"])
def shop(request: pytest.FixtureRequest) -> Iterator[MySQL]:
    server: MySQL = request.getfixturevalue(request.param)
    server.run(_TABLE, script(Engine.MYSQL, POLICIES, [told(Engine.MYSQL)]))
    to = "FOR" if request.param == "mariadb" else "TO"
    for account, role in _MEMBERS.items():
        server.run(f"GRANT {role} TO {account}@localhost; SET DEFAULT ROLE {role} {to} {account}@localhost;")
    yield server
    views = "".join(f"DROP DATABASE `shop@{role}`; DROP ROLE {role};" for role in _MEMBERS.values())
    server.run("DROP DATABASE shop; DROP USER reader@localhost, personnel@localhost, warden@localhost;", views)


def _rows(server: MySQL, account: str) -> list[tuple[Any, ...]]:
    with server.connected(account) as cursor:
        cursor.execute(f"SELECT * FROM `shop@{_MEMBERS[account]}`.orders ORDER BY id")
        return list(cursor.fetchall())


def test_accounts_see_what_their_role_sees_and_nothing_else(shop: MySQL) -> None:
    assert _rows(shop, "reader") == [
        (1, "a***@example.com", Decimal("51000.00"), 40, date(1979, 1, 1), None, "EU"),
        (2, "***@x.org", Decimal("9999999999.99"), 250, None, None, "UK"),
    ]
    assert [(row[2], row[5]) for row in _rows(shop, "personnel")] == [
        (Decimal("51234.56"), "***567"),
        (Decimal("9999999999.99"), "***"),
    ]
    steward = _rows(shop, "warden")
    assert [row[1] for row in steward] == ["anna@example.com", "b@x.org", "no address", None]
    assert [row[2] for row in steward] == [Decimal(each) for each in ("51000.00", "9999999999.99", "0.00", "77000.00")]
    assert {len(row) for row in steward} == {7}  # nobody classified `secret`
    for account in _MEMBERS:
        for hidden in (
            "shop.orders",
            *(f"`shop@{role}`.orders" for role in _MEMBERS.values() if role != _MEMBERS[account]),
        ):
            with shop.connected(account) as cursor, pytest.raises(pymysql.err.OperationalError) as refused:
                cursor.execute(f"SELECT * FROM {hidden}")
            assert refused.value.args[0] in (1044, 1142)
    with shop.connected("reader") as cursor:
        cursor.execute("SELECT count(*) FROM `shop@nexus`.orders WHERE email = 'anna@example.com' OR pay = 51234.56")
        assert cursor.fetchall() == ((0,),)


def test_a_second_script_takes_away_what_is_not_shown_any_more(shop: MySQL) -> None:
    shop.run(script(Engine.MYSQL, POLICIES, [told(Engine.MYSQL, fields={"email": None})]))
    with shop.connected("reader") as cursor, pytest.raises(pymysql.err.MySQLError):
        cursor.execute("SELECT * FROM `shop@nexus`.orders")
