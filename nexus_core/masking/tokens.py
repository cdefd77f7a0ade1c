"""Functions that make keyed tokens: each reads its key with its owner's rights, and never shows it.

A token holds one wall only: whoever sees it may call its function, if the statement wall is not there. It is
SHA-256 over a key and SHA-256 over the key and the value, cut to 128 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from nexus_core.masking.expressions import TOKEN_LENGTH
from nexus_core.masking.naming import FUNCTIONS, token_function
from nexus_core.masking.quoting import name, qualified, text

KEYS = qualified(FUNCTIONS, "token_key")


def preparing() -> Iterator[str]:
    """Give the statements that make the schema of keys, which only its owner reads."""
    yield f"CREATE SCHEMA IF NOT EXISTS {name(FUNCTIONS)}"
    yield f"CREATE TABLE IF NOT EXISTS {KEYS} (name text PRIMARY KEY, key bytea NOT NULL)"


def key_statement(reference: str, secret: str) -> tuple[str, tuple[str, bytes]]:
    """Give the statement that keeps a key, and its parameters; the key is what follows from the secret."""
    statement = f"INSERT INTO {KEYS} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET key = excluded.key"
    return statement, (token_function(reference), sha256(b"lineage-nexus token " + secret.encode()).digest())


def token_statements(reference: str, login: str) -> Iterator[str]:
    """Give the statements that make the function of a key, if it is not there, and let a role call it."""
    function = qualified(FUNCTIONS, token_function(reference))
    yield (
        f"CREATE OR REPLACE FUNCTION {function}(value text) RETURNS text LANGUAGE sql STABLE STRICT SECURITY DEFINER "
        f"SET search_path = pg_catalog, pg_temp AS {text(_body(reference))}"
    )
    yield f"REVOKE ALL ON FUNCTION {function}(text) FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA {name(FUNCTIONS)} TO {name(login)}"
    yield f"GRANT EXECUTE ON FUNCTION {function}(text) TO {name(login)}"


def _body(reference: str) -> str:
    inner = "sha256(k.key || convert_to(value, 'UTF8'))"
    return (
        f"SELECT left(encode(sha256(k.key || {inner}), 'hex'), {TOKEN_LENGTH}) "
        f"FROM {KEYS} k WHERE k.name = {text(token_function(reference))}"
    )
