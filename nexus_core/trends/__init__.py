"""Figures of the catalogue over time (docs/trends.md)."""
