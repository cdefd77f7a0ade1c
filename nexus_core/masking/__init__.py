"""What a source's people see of it, put into the source: masks as SQL, profiles, their schemas (docs/proxy.md)."""
