"""The address and token by which commands speak to the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import SecretStr

LOCAL_API = "http://127.0.0.1:8000"
"""Where `nexus up` listens unless told otherwise."""

Api = Annotated[str, typer.Option(help="URL of the LineageNexus API.")]
TokenFile = Annotated[Path | None, typer.Option(help="File of the API token; default: DATA/admin-token.")]
"""Options of every command that asks the API."""


def api_token(given: Path | None) -> SecretStr:
    """Read the token in a file, by default the admin's of the data folder; raises ConfigurationError without one."""
    from pydantic import SecretStr

    from nexus_core.settings import Settings

    path = given or Settings.load().data_dir.expanduser() / "admin-token"
    try:
        return SecretStr(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        advice = "Start `nexus up` in this folder, or give --token-file"
        raise ConfigurationError(f"No API token: {path}: {error.strerror}", advice) from error
