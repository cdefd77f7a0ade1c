"""PostgreSQL's wire protocol 3.0 as pure code: bytes in, messages out; sockets live elsewhere.

Names and layouts are those of "Frontend/Backend Protocol" in PostgreSQL's documentation.
"""
