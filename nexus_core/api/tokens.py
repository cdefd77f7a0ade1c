"""Tokens: list, make, revoke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from nexus_core.api.access import Admin, Identified, check_step_up
from nexus_core.api.identity_schemas import OwnTokenRequest
from nexus_core.api.schemas import TokenCreated, TokenRequest, TokenSummary
from nexus_core.api.services import UsesServices
from nexus_core.errors import ForbiddenError, NotFoundError
from nexus_core.governance.tokens import creating, dormant
from nexus_core.model.audit import Act, Action
from nexus_core.store.account_users import PERSON
from nexus_core.store.accounts import Account, Token

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


@router.get("", operation_id="listTokens")
async def list_tokens(
    services: UsesServices, _caller: Admin, dormant_days: Annotated[int | None, Query(ge=1, le=3650)] = None
) -> list[TokenSummary]:
    """List the tokens that are not revoked, oldest first; only those that nobody used for some days, if given."""
    found = await services.tokens.all()
    if dormant_days is not None:
        found = dormant(found, dormant_days, datetime.now(UTC))
    return [TokenSummary(**_shown(token)) for token in found]


@router.get("/own", operation_id="listOwnTokens")
async def list_own_tokens(services: UsesServices, identity: Identified) -> list[TokenSummary]:
    """List one's own tokens that are not revoked, oldest first."""
    return [TokenSummary(**_shown(token)) for token in await services.tokens.all(identity.caller.account_id)]


@router.post("/own", operation_id="createOwnToken", status_code=201)
async def create_own_token(services: UsesServices, identity: Identified, asked: OwnTokenRequest) -> TokenCreated:
    """Make a token of one's own, by session; it never allows more than one may oneself when it is used."""
    check_step_up(identity)  # a token goes by no sign-in later
    caller = identity.caller
    user = await services.users.one(caller.account_id) if identity.csrf else None
    if user is None:
        raise ForbiddenError("making a token with a token", "a person's session")
    account = Account(user.id, user.name, PERSON)
    async with services.audit.acting(caller, creating(user.name, asked.authority)):
        made = await services.tokens.create_for(account, asked.authority, timedelta(days=asked.expires_days))
    return TokenCreated(**_shown(made.token), token=made.secret)


@router.delete("/own/{token_id}", operation_id="revokeOwnToken", status_code=204)
async def revoke_own_token(services: UsesServices, identity: Identified, token_id: str) -> None:
    """End a token of one's own."""
    if token_id not in {token.id for token in await services.tokens.all(identity.caller.account_id)}:
        raise NotFoundError(f"The token {token_id}")
    async with services.audit.acting(identity.caller, Act(Action.TOKEN_REVOKED, {"token": token_id})):
        await services.tokens.revoke(token_id)


@router.post("", operation_id="createToken", status_code=201)
async def create_token(services: UsesServices, caller: Admin, asked: TokenRequest) -> TokenCreated:
    """Make a token; its secret is in this answer and nowhere else."""
    life = timedelta(days=asked.expires_days) if asked.expires_days else None
    async with services.audit.acting(caller, creating(asked.name, asked.authority)):
        made = await services.tokens.create(asked.name, asked.authority, life)
    return TokenCreated(**_shown(made.token), token=made.secret)


@router.delete("/{token_id}", operation_id="revokeToken", status_code=204)
async def revoke_token(services: UsesServices, caller: Admin, token_id: str) -> None:
    """End a token, with its sessions, for good."""
    async with services.audit.acting(caller, Act(Action.TOKEN_REVOKED, {"token": token_id})):
        await services.tokens.revoke(token_id)


def _shown(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.account.name,
        "authority": list(token.grants),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }
