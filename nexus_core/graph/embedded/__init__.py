"""The Neo4j that `nexus up` runs: fetched once, started as a child process on loopback."""
