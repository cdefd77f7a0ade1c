"""SQL text to lineage."""
