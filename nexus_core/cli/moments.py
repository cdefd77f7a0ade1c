"""Moments as people write them on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

MOMENT_HELP = "RFC 3339, or a date; UTC where it says no offset."


def moment(option: str, text: str) -> datetime:
    """Read a moment; raises typer.BadParameter naming the option."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time; write it as 2026-01-31T12:00:00Z", param_hint=option) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def optional_moment(option: str, parameter: str, text: str | None) -> dict[str, str]:
    """Give an option as a parameter of the API's query; nothing if it is not given."""
    return {} if text is None else {parameter: moment(option, text).isoformat()}
