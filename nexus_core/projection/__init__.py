"""Projections of the event log: a Neo4j each with a ledger of its own, of which one at a time is read."""
