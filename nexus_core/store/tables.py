"""Every table of the store, so that the metadata is whole for migrations."""

from nexus_core.store import (
    access_tables,
    account_tables,
    audit_tables,
    catalogue_tables,
    class_tables,
    event_tables,
    heartbeat,
    hint_tables,
    ledger_tables,
    lifecycle_tables,
    names_tables,
    policy_tables,
    processing_tables,
    projection_tables,
    retention_tables,
    role_tables,
    usage_tables,
)
from nexus_core.store.metadata import metadata

__all__ = [
    "access_tables",
    "account_tables",
    "audit_tables",
    "catalogue_tables",
    "class_tables",
    "event_tables",
    "heartbeat",
    "hint_tables",
    "ledger_tables",
    "lifecycle_tables",
    "metadata",
    "names_tables",
    "policy_tables",
    "processing_tables",
    "projection_tables",
    "retention_tables",
    "role_tables",
    "usage_tables",
]
