"""What Prometheus is told of the audit log's signer."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

BROKEN = Gauge("nexus_audit_broken", "1 while the audit log is not what was signed; such a log is not signed.")
CHECKPOINT_AT = Gauge("nexus_audit_checkpoint_time_seconds", "When the newest checkpoint was signed, Unix time.")
SIGNED_RECORDS = Gauge("nexus_audit_signed_records", "Records that the newest checkpoint vouches for.")
UNWITNESSED = Gauge("nexus_audit_lagging_witnesses", "Witnesses that lack the newest checkpoint.")
WAITS = Counter("nexus_audit_signing_waits", "Turns that failed because the store was away.")
