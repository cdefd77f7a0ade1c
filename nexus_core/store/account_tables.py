"""Tables of accounts and of what proves that a request comes from one."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from nexus_core.store.metadata import UtcDateTime, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("kind", Text, nullable=False, server_default="service"),
    Column("email", Text),
    Column("display_name", Text),
    Column("disabled_at", UtcDateTime),
    UniqueConstraint("issuer", "subject"),
)
"""Who acts: linked by (issuer, subject), never by name; `id` is opaque and the principal of the account's events.

`kind` is `service`, whose tokens have rights of their own, or `person`, who has those of role bindings.
"""

account_groups = Table(
    "account_groups",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("group_name", Text, primary_key=True, index=True),
    Column("source", Text, primary_key=True),
)
"""Groups that people belong to; `source` is who said so: `local`, `sso` or `scim`."""

disabled_groups = Table(
    "disabled_groups",
    metadata,
    Column("group_name", Text, primary_key=True),
    Column("disabled_at", UtcDateTime, nullable=False),
)
"""Groups that give no rights for now, whoever belongs to them."""

account_passwords = Table(
    "account_passwords",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""Passwords as argon2id hashes in their own text form, which names the parameters."""

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("name_hash", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("blocked_until", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Failed sign-ins in a row by name, whether an account has the name or not, and until when the next must wait."""

pending_sign_ins = Table(
    "pending_sign_ins",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("browser_hash", Text, nullable=False),
    Column("kept", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Sign-ins that wait for an identity provider's answer; `kept` is what the answer is checked against, as JSON."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("grants", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)
"""API tokens; `grants` is a JSON list as `nexus token create --authority` takes it."""

sessions = Table(
    "sessions",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("token_id", ForeignKey("tokens.id")),
    Column("csrf", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("provider", Text),
    Column("provider_session", Text, index=True),
    Column("sealed", LargeBinary),
    Column("stepped_up_until", UtcDateTime),
)
"""Browser sessions; each has the rights of its token, and ends with it, or without one those of its account.

`provider` is the identity provider by which it was started, `provider_session` what that calls it; `sealed` is what
signing out there takes, under a key that the session's secret gives; `stepped_up_until` is until when the sign-in was
strong and new enough to govern.
"""

login_links = Table(
    "login_links",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("token_id", ForeignKey("tokens.id"), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Links that start a session once; used ones are deleted."""

used_assertions = Table(
    "used_assertions",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("jti", Text, primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Assertions of Airflow's plugin that were used and have not expired yet."""
