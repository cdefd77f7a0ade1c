"""Reports for compliance, made of what the catalogue knows and shown as PDF, CSV or JSON (docs/reports.md)."""
