"""Opens the identity providers that the settings name; a protocol's libraries are imported if it has any."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from nexus_core.errors import ConfigurationError
from nexus_core.governance.sessions import Sessions, site
from nexus_core.governance.sso import Provider, SingleSignOn
from nexus_core.settings import Settings
from nexus_core.store.accounts import Accounts
from nexus_core.store.database import Store

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}\Z")


def open_sso(settings: Settings, store: Store, sessions: Sessions) -> SingleSignOn:
    """Give the providers of the settings, of which none is asked yet. Raises ConfigurationError."""
    _check_names([*settings.sso.oidc, *settings.sso.saml])
    accounts = Accounts(store)
    providers = [*_oidc(settings, accounts), *_saml(settings, accounts)]
    limits = timedelta(minutes=settings.sso.session_minutes), timedelta(minutes=settings.sso.step_up_minutes)
    return SingleSignOn(providers, store, sessions, limits)


def stronger_sign_ins(settings: Settings) -> dict[str, str]:
    """Give the addresses of sign-ins that are strong enough to govern, by issuer, where a provider tells that."""
    return {
        f"oidc:{each.issuer}": f"/login/oidc/{name}?step_up=true"
        for name, each in settings.sso.oidc.items()
        if each.step_up_acr
    }


def _oidc(settings: Settings, accounts: Accounts) -> list[Provider]:
    if not settings.sso.oidc:
        return []
    from nexus_core.governance.oidc import OidcProvider
    from nexus_core.governance.oidc_web import OidcWeb

    ours, allow = site(settings.api), settings.egress.allow_hosts
    return [OidcProvider(name, each, ours, OidcWeb(each, allow), accounts) for name, each in settings.sso.oidc.items()]


def _saml(settings: Settings, accounts: Accounts) -> list[Provider]:
    if not settings.sso.saml:
        return []
    try:
        from nexus_core.governance.saml import SamlProvider
        from nexus_core.governance.saml_metadata import SamlMetadata
    except ImportError as error:
        advice = "Run `pip install 'lineage-nexus[saml]'`"
        raise ConfigurationError(f"The package {error.name} is missing, which SAML needs", advice) from error

    ours, allow = site(settings.api), settings.egress.allow_hosts
    return [
        SamlProvider(name, each, ours, SamlMetadata(each.metadata, allow), accounts)
        for name, each in settings.sso.saml.items()
    ]


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not _NAME.match(name):
            raise ConfigurationError(f"`{name}` is no name of an identity provider", "Use a-z, 0-9, _ and -")
