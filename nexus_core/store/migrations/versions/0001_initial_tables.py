"""Initial tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_accounts_issuer_subject")),
    )
    op.create_table(
        "content",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_content")),
    )
    op.create_table(
        "dataset",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timelines", sa.LargeBinary(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("dataset_key", name=op.f("pk_dataset")),
    )
    with op.batch_alter_table("dataset", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dataset_pending",
            ["dataset_key"],
            unique=False,
            sqlite_where=sa.text("pending"),
            postgresql_where=sa.text("pending"),
        )

    op.create_table(
        "dataset_spelling",
        sa.Column("spelling_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("spelling_key", name=op.f("pk_dataset_spelling")),
    )
    with op.batch_alter_table("dataset_spelling", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dataset_spelling_dataset_key"), ["dataset_key"], unique=False)

    op.create_table(
        "derivation",
        sa.Column("derivation_key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("derivation_key", name=op.f("pk_derivation")),
    )
    op.create_table(
        "event_index",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("principal_class", sa.String(), nullable=False),
        sa.Column("job_key", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("parent_run_id", sa.String(), nullable=True),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("streaming", sa.Boolean(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_index")),
    )
    with op.batch_alter_table("event_index", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_index_run_key"), ["run_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_index_unit_key"), ["unit_key"], unique=False)

    op.create_table(
        "events",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_events_dead",
            ["position"],
            unique=False,
            sqlite_where=sa.text("status = 'dead'"),
            postgresql_where=sa.text("status = 'dead'"),
        )
        batch_op.create_index(
            "ix_events_pending",
            ["position"],
            unique=False,
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.create_index(
            "ix_events_quarantined",
            ["position"],
            unique=False,
            sqlite_where=sa.text("status = 'quarantined'"),
            postgresql_where=sa.text("status = 'quarantined'"),
        )

    op.create_table(
        "evidence",
        sa.Column("evidence_key", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("principal_class", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("job_namespace", sa.String(), nullable=True),
        sa.Column("job_name", sa.String(), nullable=True),
        sa.Column("output_namespace", sa.String(), nullable=True),
        sa.Column("output_name", sa.String(), nullable=True),
        sa.Column("versions", sa.LargeBinary(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("evidence_key", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_evidence_pending",
            ["evidence_key"],
            unique=False,
            sqlite_where=sa.text("pending"),
            postgresql_where=sa.text("pending"),
        )
        batch_op.create_index(batch_op.f("ix_evidence_source_key"), ["source_key"], unique=False)

    op.create_table(
        "facet_observation",
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("principal_class", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "dataset_key", "facet", "principal_class", "valid_at", "fingerprint", name=op.f("pk_facet_observation")
        ),
    )
    op.create_table(
        "harvest_chunk",
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("objects", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_key", "chunk", name=op.f("pk_harvest_chunk")),
    )
    op.create_table(
        "harvest_run",
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=False),
        sa.Column("watermark", sa.String(), nullable=True),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_key", name=op.f("pk_harvest_run")),
    )
    with op.batch_alter_table("harvest_run", schema=None) as batch_op:
        batch_op.create_index("ix_harvest_run_source", ["source", "scope", "completed_at"], unique=False)

    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "job",
        sa.Column("job_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job_key", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_pending",
            ["job_key"],
            unique=False,
            sqlite_where=sa.text("pending"),
            postgresql_where=sa.text("pending"),
        )

    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "lookup",
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("dataset_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("unit_key", "dataset_key", name=op.f("pk_lookup")),
    )
    with op.batch_alter_table("lookup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lookup_dataset_key"), ["dataset_key"], unique=False)

    op.create_table(
        "observation",
        sa.Column("evidence_key", sa.String(), nullable=False),
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("content_fingerprint", sa.String(), nullable=False),
        sa.Column("source_fingerprint", sa.String(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("evidence_key", "unit_key", name=op.f("pk_observation")),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_observation_unit_key"), ["unit_key"], unique=False)
        batch_op.create_index("ix_observation_valid", ["evidence_key", "valid_at"], unique=False)

    op.create_table(
        "seal_probe",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("probe", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_probe")),
    )
    op.create_table(
        "source_timeline",
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("eras", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_key", name=op.f("pk_source_timeline")),
    )
    op.create_table(
        "unit",
        sa.Column("unit_key", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("valid_at", sa.BigInteger(), nullable=False),
        sa.Column("source_fingerprint", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("unit_key", name=op.f("pk_unit")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index("ix_unit_source", ["source_key", "valid_at"], unique=False)

    op.create_table(
        "used_assertions",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name=op.f("pk_used_assertions")),
    )
    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_assertions_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_tokens_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
    )
    op.create_table(
        "login_links",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_login_links_token_id_tokens")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_login_links")),
    )
    op.create_table(
        "sessions",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id_accounts")),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_sessions_token_id_tokens")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_sessions")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("sessions")
    op.drop_table("login_links")
    op.drop_table("tokens")
    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_assertions_expires_at"))

    op.drop_table("used_assertions")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_source")

    op.drop_table("unit")
    op.drop_table("source_timeline")
    op.drop_table("seal_probe")
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.drop_index("ix_observation_valid")
        batch_op.drop_index(batch_op.f("ix_observation_unit_key"))

    op.drop_table("observation")
    with op.batch_alter_table("lookup", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lookup_dataset_key"))

    op.drop_table("lookup")
    op.drop_table("lease")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_pending", sqlite_where=sa.text("pending"), postgresql_where=sa.text("pending"))

    op.drop_table("job")
    op.drop_table("heartbeat")
    with op.batch_alter_table("harvest_run", schema=None) as batch_op:
        batch_op.drop_index("ix_harvest_run_source")

    op.drop_table("harvest_run")
    op.drop_table("harvest_chunk")
    op.drop_table("facet_observation")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_source_key"))
        batch_op.drop_index("ix_evidence_pending", sqlite_where=sa.text("pending"), postgresql_where=sa.text("pending"))

    op.drop_table("evidence")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_events_quarantined",
            sqlite_where=sa.text("status = 'quarantined'"),
            postgresql_where=sa.text("status = 'quarantined'"),
        )
        batch_op.drop_index(
            "ix_events_pending",
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        )
        batch_op.drop_index(
            "ix_events_dead", sqlite_where=sa.text("status = 'dead'"), postgresql_where=sa.text("status = 'dead'")
        )

    op.drop_table("events")
    with op.batch_alter_table("event_index", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_index_unit_key"))
        batch_op.drop_index(batch_op.f("ix_event_index_run_key"))

    op.drop_table("event_index")
    op.drop_table("derivation")
    with op.batch_alter_table("dataset_spelling", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dataset_spelling_dataset_key"))

    op.drop_table("dataset_spelling")
    with op.batch_alter_table("dataset", schema=None) as batch_op:
        batch_op.drop_index("ix_dataset_pending", sqlite_where=sa.text("pending"), postgresql_where=sa.text("pending"))

    op.drop_table("dataset")
    op.drop_table("content")
    op.drop_table("accounts")
