"""Signing in to Airflow by the identity provider that LineageNexus knows, for Airflow's FAB auth manager (docs/sso.md).

`webserver_config.py` of Airflow imports this; nothing else of the plug-in does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride

AUTH_OAUTH = 4
"""Flask-AppBuilder's number of OAuth."""

_NAME_MAX = 256


class NexusSecurityManager(FabAirflowSecurityManagerOverride):  # type: ignore[misc,unused-ignore] # FAB has no types
    """Takes people and their groups from an ID token, as LineageNexus does."""

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """Give what FAB asks of a user; Authlib has proven the ID token. Raises ValueError without one.

        FAB finds users by name alone. A subject is part of the name, so that nobody becomes another user by taking
        its name at the provider.
        """
        claims = resp.get("userinfo")
        if not isinstance(claims, Mapping) or not claims.get("sub"):
            raise ValueError(f"{provider} sent no ID token: its scopes must hold `openid`")
        groups = claims.get("groups")
        return {
            "username": _name(claims),
            "email": str(claims.get("email") or ""),
            "first_name": str(claims.get("given_name") or ""),
            "last_name": str(claims.get("family_name") or ""),
            "role_keys": [each for each in groups if isinstance(each, str)] if isinstance(groups, list) else [],
        }


def sign_in_settings(
    issuer: str, client_id: str, client_secret: str, roles: Mapping[str, list[str]], name: str = "keycloak"
) -> dict[str, Any]:
    """Give the settings of `webserver_config.py`; `roles` are Airflow's by group, without which nothing is seen."""
    client = {
        "client_id": client_id,
        "client_secret": client_secret,
        "server_metadata_url": f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        "client_kwargs": {"scope": "openid email profile", "code_challenge_method": "S256"},
    }
    return {
        "AUTH_TYPE": AUTH_OAUTH,
        "AUTH_USER_REGISTRATION": True,
        "AUTH_USER_REGISTRATION_ROLE": "Public",
        "AUTH_ROLES_SYNC_AT_LOGIN": True,
        "AUTH_ROLES_MAPPING": dict(roles),
        "OAUTH_PROVIDERS": [{"name": name, "icon": "fa-key", "token_key": "access_token", "remote_app": client}],
        "SECURITY_MANAGER_CLASS": NexusSecurityManager,
    }


def _name(claims: Mapping[str, Any]) -> str:
    shown = str(claims.get("preferred_username") or claims.get("email") or "user")
    subject = f"#{claims['sub']}"
    return shown[: _NAME_MAX - len(subject)] + subject
