"""Every import of Airflow that it does not promise to keep; tests/airflow/test_plugin.py notices when one moves."""

from __future__ import annotations

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import GetUserDep

__all__ = ["BaseUser", "GetUserDep"]
