"""Statements that change something: rows, tables, or what names mean; and the outcome in which effects are gathered."""
