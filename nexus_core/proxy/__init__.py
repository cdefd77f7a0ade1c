"""The masking proxy: PostgreSQL's protocol in front of a source, with values masked at read (docs/proxy.md)."""
