"""Masking policies as code: the document, what a change would do, and why somebody sees what (docs/policies.md)."""
