"""Values that every layer shares: names, SQL lineage, envelopes, access. Frozen, without I/O."""
