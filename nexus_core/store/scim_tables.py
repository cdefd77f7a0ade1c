"""Tables of the people and groups that identity providers manage by SCIM, beside their accounts."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from nexus_core.store.metadata import UtcDateTime, metadata

scim_users = Table(
    "scim_users",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("user_name_key", Text),  # null once removed, so that another may take the name
    Column("external_id", Text),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("deactivated_at", UtcDateTime),
    Column("removed_at", UtcDateTime),
    UniqueConstraint("issuer", "user_name_key"),
)
"""People; `body` is what the provider tells beside, as JSON.

`deactivated_at` is when the provider ended the account: only what it ended itself it may open again. The account is the
one of (issuer, external_id); without an external_id nobody can sign in to it.
"""

scim_groups = Table(
    "scim_groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("external_id", Text),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # without case
    Column("granted", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("issuer", "name_key"),
)
"""Groups; `granted` is what roles are bound to: the name behind the provider's prefix."""

scim_members = Table(
    "scim_members",
    metadata,
    Column("group_id", ForeignKey("scim_groups.id"), primary_key=True),
    Column("account_id", ForeignKey("scim_users.account_id"), primary_key=True, index=True),
)
"""Who is in which group; `account_groups` follows in the same transaction."""
