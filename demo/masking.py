"""The masking proxy before the warehouse, and two people who see the same tables otherwise."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from demo.postgres import DATABASE, Warehouse, warehouse_port
from demo.processes import DemoError, Processes, remembered_port

POLICIES = Path(__file__).parent / "policies.yaml"
PEOPLE = {"ana": "analyst", "stella": "steward"}
PERSONAL = {
    "raw.customers": ["email", "full_name", "phone", "birth_date"],
    "raw.addresses": ["street", "postal_code"],
    "raw.payments": ["iban"],
    "raw.newsletter_signups": ["email"],
}
"""What the steward says; what is made of it follows by lineage."""

NOT_PERSONAL = {
    "core.dim_customer": ["customer_id", "country"],
    "marts.customer_lifetime_value": ["customer_id", "country"],
}
"""Suspicions that the steward rejects: a procedure reads personal data, and not of each column is known from what."""

QUESTION = """SELECT customer_id, email, country, orders, lifetime_eur
FROM marts.customer_lifetime_value ORDER BY lifetime_eur DESC, customer_id LIMIT 3"""
"""Nobody tagged a column of this table."""

RECONCILER = "ln_reconciler"
PASSWORD_MINUTES = 1440
SERVED_SECONDS = 120
SUSPECTED_SECONDS = 30
_WIDTHS = (7, 36, 2, 3, 10)


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is, and the files that it needs; `data` is LineageNexus's own folder."""

    processes: Processes
    data: Path

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return remembered_port(self.processes.folder, "proxy", 6432)

    @property
    def service_file(self) -> Path:
        """A file for PGSERVICEFILE, with the services `analyst` and `steward` and their passwords."""
        return self.processes.folder / "pg_service.conf"

    def settings(self) -> dict[str, str]:
        """Give what `nexus up` and its commands have to know of the source."""
        source = f"NEXUS_PROXY__SOURCES__{DATABASE.upper()}"
        port = warehouse_port(self.processes)
        return {
            "NEXUS_PROXY__PORT": str(self.port),
            f"{source}__URL": f"postgresql://{RECONCILER}@127.0.0.1:{port}/{DATABASE}",
            f"{source}__PASSWORD": f"file:{_secret(self.processes.folder / 'reconciler-password')}",
        }

    def connection(self, person: str, password: str) -> dict[str, str]:
        """Give what a client of libpq connects by."""
        where = {"host": "localhost", "port": str(self.port), "dbname": DATABASE, "user": person, "password": password}
        return {**where, "sslmode": "verify-full", "sslrootcert": str(self.data / "proxy-certificate.pem")}


def onboard(proxy: Proxy, warehouse: Warehouse, run: Callable[..., str]) -> None:
    """Let the warehouse be served, once."""
    done = proxy.processes.folder / "onboarded"
    if not done.exists():
        run("proxy", "onboard", DATABASE, "--apply", "--admin-url", warehouse.url)
        done.touch()


def classify(proxy: Proxy, url: str, namespace: str) -> None:
    """Make both people, and let the steward say what is personal data."""
    passwords = _people(proxy, url)
    with _signed_in(url, "stella", passwords["stella"]) as steward:
        for table, fields in PERSONAL.items():
            at = {"namespace": namespace, "name": f"{DATABASE}.{table}", "fields": fields}
            _sent(steward, "classifications/decisions", {"action": "set", "class": "PII", **at})


def serve(proxy: Proxy, url: str, namespace: str) -> dict[str, list[Any]]:
    """Put the policies into force, and give what each person reads once the proxy serves them."""
    passwords = _people(proxy, url)
    with _signed_in(url, "stella", passwords["stella"]) as steward:
        if steward.get("policies").raise_for_status().json() is None:
            _put_into_force(url, _admin_token(proxy), steward)
            for table, fields in NOT_PERSONAL.items():
                _reject(steward, {"namespace": namespace, "name": f"{DATABASE}.{table}"}, fields)
    logins = {name: _proxy_password(url, name, password) for name, password in passwords.items()}
    people = {name: proxy.connection(name, login) for name, login in logins.items()}
    _write_services(proxy, people)
    return {name: _answer(proxy, people[name], name == "ana") for name in people}


def shown(proxy: Proxy, seen: Mapping[str, list[Any]]) -> str:
    """Write what both read, and how to ask more."""
    lines = ["The same query through the masking proxy:"]
    for name, rows in seen.items():
        lines.append(f"  {name}, {PEOPLE[name]}")
        lines += [
            "    " + "  ".join(f"{value!s:<{width}}" for value, width in zip(row, _WIDTHS, strict=True)) for row in rows
        ]
    ask = f"  PGSERVICEFILE={proxy.service_file} psql service=analyst   (or service=steward)"
    return "\n".join([*lines, "Ask more with any of PostgreSQL's clients:", ask])


def _padded(value: object, width: int) -> str:
    return str(value).ljust(width)


def _people(proxy: Proxy, url: str) -> dict[str, str]:
    """Make both at the first call, with their roles; gives the passwords by which they sign in."""
    file = proxy.processes.folder / "people.json"
    if not file.exists():
        passwords = {name: secrets.token_urlsafe(12) for name in PEOPLE}
        with _client(url, {"Authorization": f"Bearer {_admin_token(proxy)}"}) as admin:
            for name, role in PEOPLE.items():
                made = _sent(admin, "users", {"name": name, "password": passwords[name]})
                _sent(admin, "roles/bindings", {"role": role, "subject_kind": "account", "subject": made["id"]})
        _write(file, json.dumps(passwords))
    known: dict[str, str] = json.loads(file.read_text())
    return known


def _reject(steward: httpx.Client, dataset: Mapping[str, str], fields: list[str]) -> None:
    """Reject what is suspected of fields, if it is, once the class of the table's addresses is known."""
    for _ in range(SUSPECTED_SECONDS):
        email, asked = (_class(steward, dataset, field) for field in ("email", fields[0]))
        if asked["suspected"]:
            _sent(steward, "classifications/decisions", {"action": "reject", **dataset, "fields": fields})
            return
        if email["classification"] == "PII" and not email["suspected"]:
            return
        time.sleep(1)


def _class(steward: httpx.Client, dataset: Mapping[str, str], field: str) -> dict[str, Any]:
    found: dict[str, Any] = (
        steward.get("classifications/field", params={**dataset, "field": field}).raise_for_status().json()
    )
    return found


def _put_into_force(url: str, token: str, steward: httpx.Client) -> None:
    """The admin proposes, the steward approves: never the same account."""
    asked = {"document": yaml.safe_load(POLICIES.read_text()), "comment": "The demo's policies"}
    with _client(url, {"Authorization": f"Bearer {token}"}) as admin:
        version = _sent(admin, "policies", asked)["version"]
    _sent(steward, f"policies/versions/{version}/decision", {"action": "approve"})


def _proxy_password(url: str, name: str, password: str) -> str:
    with _signed_in(url, name, password) as person:
        return str(_sent(person, "proxy/passwords", {"minutes": PASSWORD_MINUTES})["password"])


def _answer(proxy: Proxy, connection: Mapping[str, str], is_masked: bool) -> list[Any]:
    """Give what somebody reads; of the analyst, once personal data is masked."""
    why = ""
    for _ in range(SERVED_SECONDS * 2):
        try:
            with psycopg.connect(**connection, connect_timeout=5) as session:  # type: ignore[arg-type]
                rows = session.execute(QUESTION).fetchall()
            if rows and ("***" in rows[0][1]) == is_masked and rows[0][0]:
                return rows
        except psycopg.Error as error:
            why = str(error).splitlines()[0]
        time.sleep(0.5)
    raise DemoError(f"The masking proxy does not serve {connection['user']} ({why}). See {proxy.data / 'logs'}.")


def _write_services(proxy: Proxy, people: Mapping[str, Mapping[str, str]]) -> None:
    parts = [
        f"[{PEOPLE[name]}]\n" + "".join(f"{key}={value}\n" for key, value in connection.items())
        for name, connection in people.items()
    ]
    _write(proxy.service_file, "\n".join(parts))


@contextmanager
def _signed_in(url: str, name: str, password: str) -> Iterator[httpx.Client]:
    with _client(url, {}) as client:
        session = _sent(client, "session", {"name": name, "password": password})
        client.headers["X-CSRF-Token"] = session["csrf"]
        yield client


def _client(url: str, headers: Mapping[str, str]) -> httpx.Client:
    return httpx.Client(base_url=f"{url}/api/v1/", headers=headers, timeout=30)


def _sent(client: httpx.Client, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    if answer.is_error:
        raise DemoError(f"LineageNexus refused {path}: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found


def _admin_token(proxy: Proxy) -> str:
    return (proxy.data / "admin-token").read_text().strip()


def _secret(file: Path) -> Path:
    if not file.exists():
        _write(file, secrets.token_urlsafe(18))
    return file


def _write(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content)
