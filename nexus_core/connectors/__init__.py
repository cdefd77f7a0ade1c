"""Connectors: one file and one entry point each."""
