"""The job of which a decision says that it no longer writes a dataset."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply."""
    op.add_column("lifecycle_statement", sa.Column("job_namespace", sa.String(), nullable=True))
    op.add_column("lifecycle_statement", sa.Column("job_name", sa.String(), nullable=True))
