"""What checks of data find: results, incidents, and what a failure reaches (docs/quality.md)."""
