"""Brings the store's tables to the form that this version needs (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.store.database import Store, open_store

_SCRIPTS = Path(__file__).parent / "migrations"


async def migrate(url: str, revision: str = "head") -> None:
    """Apply every migration that the store lacks, up to a revision; does nothing on a store that is up to date.

    Raises UnavailableError if the store fails, ConfigurationError if a later version of LineageNexus made it.
    """
    store = open_store(url)
    try:
        await _upgrade(store, revision)
    except CommandError as error:
        raise ConfigurationError(
            "The store was made by a later version of LineageNexus", "Install that version, or restore a backup"
        ) from error
    except SQLAlchemyError as error:
        raise UnavailableError("The store", str(getattr(error, "orig", error))) from error
    finally:
        await store.dispose()


def alembic_config(connection: Connection) -> Config:
    """Give Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def _upgrade(store: Store, revision: str) -> None:
    async with store.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), revision))
