"""Where the ledger of a further projection lies: a SQLite file beside the main one, or a schema of the PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url


def ledger_url(main_url: str, ledger: str) -> str:
    """Give the URL of a projection's ledger by its name; "" is the main store itself."""
    url = make_url(main_url)
    if not ledger:
        return main_url
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "nexus.db").with_name(f"{ledger}.db")
        return url.set(database=str(file)).render_as_string(hide_password=False)
    options = f"-csearch_path={ledger},public"
    return url.update_query_dict({"options": options}).render_as_string(hide_password=False)
