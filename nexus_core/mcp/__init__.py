"""The catalogue for programs that speak the Model Context Protocol, read-only (docs/mcp.md)."""
