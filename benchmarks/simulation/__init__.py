"""A queueing model of a deployment larger than the machine at hand: how late lineage shows, and what is busy."""
