"""Tokens: list, make, revoke."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from nexus_core.api.access import Admin
from nexus_core.api.schemas import TokenCreated, TokenRequest, TokenSummary
from nexus_core.api.services import UsesServices
from nexus_core.governance.tokens import creating
from nexus_core.model.audit import Act, Action
from nexus_core.store.accounts import Token

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


@router.get("", operation_id="listTokens")
async def list_tokens(services: UsesServices, _caller: Admin) -> list[TokenSummary]:
    """List the tokens that are not revoked, oldest first."""
    return [TokenSummary(**_shown(token)) for token in await services.tokens.all()]


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
