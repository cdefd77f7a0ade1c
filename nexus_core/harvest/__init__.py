"""A harvest: what a connector reads becomes OpenLineage events."""
