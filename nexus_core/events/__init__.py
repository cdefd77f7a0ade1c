"""OpenLineage events: checking, redaction, identity."""
