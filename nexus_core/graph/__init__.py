"""Neo4j: the projection of the log, its writes, reads and hash."""
