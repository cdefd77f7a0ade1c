"""Merges accepted events: ledger, intervals, graph."""
