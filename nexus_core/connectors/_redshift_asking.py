"""Queries of checks in read-only transactions of Redshift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nexus_core.connectors._redshift_session import TIMED_OUT, Session, sentence, state
from nexus_core.connectors.asking import Ask, Rows, Words, unanswered

WORDS = Words(
    quote='"',
    age="EXTRACT(EPOCH FROM GETDATE()) - EXTRACT(EPOCH FROM {})",
    text="CAST({} AS varchar)",
    columns=(
        "SELECT column_name, data_type FROM pg_catalog.svv_redshift_columns WHERE schema_name = %s AND table_name = %s"
    ),
)


def asker(session: Session, error_type: type[Exception], source: str) -> Ask:
    """Give what runs statements, one at a time as the driver's protocol has it."""

    def ask(sql: str, values: Sequence[Any] = ()) -> Rows:
        try:
            return session.answer(sql, tuple(values))[1]
        except error_type as error:
            if state(error) == TIMED_OUT:
                raise
            raise unanswered(source, sentence(error)) from error

    return ask
