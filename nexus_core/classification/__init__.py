"""Classes of fields that follow lineage: what propagates where, what may lower it, and what waits for a steward."""
