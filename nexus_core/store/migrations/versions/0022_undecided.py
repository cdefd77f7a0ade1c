"""What nobody classified has no class: it was stored as Public, which is only what a steward said.

Search reads classes where scopes do, so that they are no labels any more. Datasets that a decision calls Public are
computed anew by the worker, and have no class until then.
"""

from alembic import op

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_dataset_access_class_name"), "dataset_access", ["class_name"])
    op.execute("DELETE FROM catalogue_label WHERE kind = 'classification'")
    op.execute("UPDATE class_dataset SET class_name = 'unknown' WHERE class_name = 'Public'")
    op.execute("UPDATE dataset_access SET class_name = NULL WHERE class_name = 'Public'")
    op.execute(
        "INSERT INTO class_dirty (namespace, name, readers) SELECT DISTINCT namespace, name, false "
        "FROM class_statement WHERE class_name = 'Public' AND dataset_key <> ''"
    )
