"""Column lineage, catalogue and governance; the packages follow the way metadata moves (docs/architecture.md)."""
