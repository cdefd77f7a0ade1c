"""A small PostgreSQL source with personal data for tests of masking: whatever starts with CANARY must never be seen.

Each call of `sample` makes a database of its own in the session's cluster. Everybody but `postgres` has to log in to it
by SCRAM, so that the passwords of profiles count.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tests.services import PostgreSQL

PERSONAL = {
    "public.customers": ("name", "email", "phone", "card", "ssn", "birthday", "balance", "notes", "tags", "profile"),
    "public.customer_totals": ("email",),
    "public.payments": ("iban", "amount"),
    "hr.employees": ("name", "salary", "hired"),
}
"""Columns with canaries, by relation; partitions of payments have them too."""

CANARIES = (
    "CANARY-",
    "48271.93",  # customers.balance
    "1971-03-17",  # customers.birthday
    "+49 151 2771828",  # customers.phone
    "4929 1234 5678 9012",  # customers.card
    "078-05-1120",  # customers.ssn
    "DE89370400440532013000",  # payments.iban
    "86753.09",  # payments.amount
    "773311",  # employees.salary
    "2011-11-29",  # employees.hired
)
"""Texts that no answer to a masked profile may hold."""

_numbers = itertools.count()

_SCHEMA = """
CREATE TYPE public.order_status AS ENUM ('new', 'paid', 'sent');
CREATE DOMAIN public.short_text AS varchar(200) CHECK (length(VALUE) > 0);
CREATE TABLE public.countries (code char(2) PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.customers (
    id serial PRIMARY KEY,
    name text NOT NULL,
    email text UNIQUE CHECK (email LIKE '%@%'),
    phone text,
    card text,
    ssn char(11),
    birthday date,
    balance numeric(12,2) DEFAULT 0 CHECK (balance > -100000),
    notes public.short_text,
    tags text[],
    profile jsonb,
    country char(2) REFERENCES public.countries,
    created_at timestamptz NOT NULL DEFAULT '2026-01-01 00:00:00+00'
);
CREATE TABLE public.orders (
    id serial PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES public.customers,
    placed_at timestamptz NOT NULL,
    total numeric(10,2) NOT NULL CHECK (total >= 0),
    status public.order_status NOT NULL DEFAULT 'new'
);
CREATE INDEX orders_by_customer ON public.orders (customer_id);
CREATE TABLE public.payments (
    id bigint NOT NULL,
    customer_id integer NOT NULL,
    iban text,
    amount numeric(12,2) NOT NULL,
    paid_on date NOT NULL,
    PRIMARY KEY (id, paid_on)
) PARTITION BY RANGE (paid_on);
CREATE TABLE public.payments_2025 PARTITION OF public.payments FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE public.payments_2026 PARTITION OF public.payments FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE SCHEMA hr;
CREATE TABLE hr.employees (
    id integer PRIMARY KEY,
    name varchar(60) NOT NULL,
    department text NOT NULL,
    salary integer,
    hired date,
    manager_id integer REFERENCES hr.employees
);
CREATE TABLE hr."Odd ""Name" ("Wert %" text, "select" integer);
CREATE VIEW public.customer_totals AS
    SELECT c.id, c.email, c.country, count(o.id) AS orders, sum(o.total) AS total
    FROM public.customers c LEFT JOIN public.orders o ON o.customer_id = c.id GROUP BY c.id;
CREATE VIEW public.open_orders AS SELECT id, customer_id, total FROM public.orders WHERE status <> 'sent';
CREATE MATERIALIZED VIEW public.best_customers AS
    SELECT email, balance FROM public.customers ORDER BY balance DESC LIMIT 10;
CREATE FUNCTION public.order_count(customer integer) RETURNS bigint LANGUAGE sql STABLE
    AS 'SELECT count(*) FROM public.orders WHERE customer_id = customer';
COMMENT ON COLUMN public.customers.ssn IS 'like CANARY-comment';
"""

_DATA = """
INSERT INTO public.countries VALUES ('DE', 'Germany'), ('FR', 'France'), ('US', 'United States');
INSERT INTO public.customers (name, email, phone, card, ssn, birthday, balance, notes, tags, profile, country) VALUES
    ('CANARY-Ada Lovelace', 'CANARY-ada@example.com', '+49 151 2771828', '4929 1234 5678 9012', '078-05-1120',
     '1971-03-17', 48271.93, 'CANARY-likes tea', ARRAY['CANARY-vip'], '{"secret": "CANARY-json"}', 'DE'),
    ('CANARY-Bob', 'CANARY-bob@example.org', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'FR');
INSERT INTO public.customers (name, email, phone, birthday, balance, country)
    SELECT 'CANARY-' || n, 'CANARY-' || n || '@example.net', '+1 202 555 ' || lpad(n::text, 4, '0'),
           date '1980-01-01' + n, n * 10.5, (ARRAY['DE', 'FR', 'US'])[n % 3 + 1]
    FROM generate_series(3, 40) n;
INSERT INTO public.orders (customer_id, placed_at, total, status)
    SELECT n % 40 + 1, timestamptz '2026-02-01 00:00+00' + n * interval '7 hours', n * 1.25,
           (ARRAY['new', 'paid', 'sent'])[n % 3 + 1]::public.order_status
    FROM generate_series(1, 120) n;
INSERT INTO public.payments VALUES
    (1, 1, 'DE89370400440532013000', 86753.09, '2025-05-05'), (2, 2, 'CANARY-iban', 12.50, '2026-06-06'),
    (3, 1, NULL, 7.00, '2026-07-07');
INSERT INTO hr.employees VALUES
    (1, 'CANARY-Grace', 'engineering', 773311, '2011-11-29', NULL), (2, 'CANARY-Linus', 'engineering', 64000, NULL, 1),
    (3, 'CANARY-Edith', 'sales', 52000, '2019-04-01', 1);
INSERT INTO hr."Odd ""Name" VALUES ('plain', 1);
REFRESH MATERIALIZED VIEW public.best_customers;
ANALYZE;
"""

DEFINER_FUNCTION = """
CREATE FUNCTION public.email_of(customer integer) RETURNS text LANGUAGE sql SECURITY DEFINER STABLE
    SET search_path = pg_catalog AS 'SELECT email FROM public.customers WHERE id = customer';
"""
"""What makes a source unsafe: whoever may log in can call it, and it reads with its owner's rights."""


@dataclass(frozen=True)
class Sample:
    """The database, which `postgres` may log in to without a password and everybody else by SCRAM."""

    server: PostgreSQL
    database: str

    @property
    def admin_url(self) -> str:
        return self.server.url(self.database)

    def url(self, user: str, password: str) -> str:
        return f"postgresql://{user}:{password}@{self.server.host}:{self.server.port}/{self.database}"

    def run(self, statements: str) -> None:
        """Run statements as the superuser, each committed by itself as a client's would be."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statements)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.admin_url) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def sample(server: PostgreSQL) -> Iterator[Sample]:
    """Make a sample database and drop it in the end, with what was not there before: roles are the caller's to drop."""
    database = f"masked_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    made = Sample(server, database)
    _require_passwords(server, database)
    made.run(_SCHEMA)
    made.run(_DATA)
    try:
        yield made
    finally:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


def leaks(answer: str) -> set[str]:
    """Give the canaries that a text holds, in any case; names of objects may be canaries, too."""
    folded = answer.casefold()
    return {canary for canary in (*CANARIES, "canary_") if canary.casefold() in folded}


def _require_passwords(server: PostgreSQL, database: str) -> None:
    rules = server.data / "pg_hba.conf"
    own = f"host {database} postgres 127.0.0.1/32 trust\nhost {database} all 127.0.0.1/32 scram-sha-256\n"
    rules.write_text(own + rules.read_text())
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
