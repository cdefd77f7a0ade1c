"""Settings of a session that reads a PostgreSQL: it changes nothing, waits for nobody and finds no names by itself."""

from __future__ import annotations


def session_settings(statement_timeout_s: float, lock_timeout_s: float) -> dict[str, str]:
    """Give the settings by name."""
    return {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{statement_timeout_s}s",
        "lock_timeout": f"{lock_timeout_s}s",
        "search_path": "",
        "timezone": "UTC",
    }
