"""What administrators see of the installation: version, health of its parts, and how people sign in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import orjson
from fastapi import APIRouter

from nexus_core.api.access import Admin
from nexus_core.api.services import Services, UsesServices
from nexus_core.api.system_schemas import ProviderState, ScimState, SignInState, SystemPart, SystemState
from nexus_core.errors import NexusError
from nexus_core.governance.secrets import new_secret
from nexus_core.governance.sso import Provider
from nexus_core.model.audit import Action, Outcome, read_record
from nexus_core.store import audit as audit_rows
from nexus_core.store import audit_tree
from nexus_core.store.masking import SourceRow, source_rows

router = APIRouter(prefix="/api/v1/system", tags=["operation"])

_ADVICE = {
    "store": "Look at the database, then run `nexus doctor`.",
    "graph": "Look whether Neo4j runs, then run `nexus doctor`.",
    "worker": "Start `nexus worker`; its log tells why it ended.",
}
_SIGNER_TURNS, _RECONCILER_SILENCE = 5, timedelta(seconds=60)
_LOOKED_SIGN_INS = 50
_PROVIDER_SECONDS = 5.0


@router.get("", operation_id="getSystem")
async def get_system(services: UsesServices, _caller: Admin) -> SystemState:
    """Tell the version, which parts work, and what waits."""
    checks, backlog = await services.readiness.problems(), await services.log.backlog()
    needed = [_part(name, problem, _ADVICE.get(name, "")) for name, problem in checks.items()]
    masked = [_source_part(row) for row in await source_rows(services.main)]
    return SystemState(
        version=version("lineage-nexus"),
        embedded=services.settings.store.url is None,
        parts=[*needed, await _signer(services), *masked],
        lag_events=sum(backlog.pending.values()),
        oldest_pending_at=backlog.oldest_at,
        dead_count=backlog.dead_count,
        quarantined_count=backlog.quarantined_count,
    )


@router.get("/sign-in", operation_id="getSignInState")
async def get_sign_in(services: UsesServices, _caller: Admin) -> SignInState:
    """Tell which identity providers and SCIM tokens there are, whether a sign-in can begin, and when the last was."""
    providers = services.sso.providers.values()
    return SignInState(
        password=await services.users.any(),
        providers=list(await asyncio.gather(*(_provider(services, each) for each in providers))),
        scim=await _scim(services),
    )


async def _signer(services: Services) -> SystemPart:
    """Tell whether the newest audit record is signed, or was written a moment ago only."""
    signed = await audit_tree.newest_checkpoint(services.main)
    [*newest] = await audit_rows.page(services.main, audit_rows.Wanted(), 1)
    advice = "Start `nexus signer`; its log tells why it signs nothing."
    if signed is None:
        return SystemPart(name="signer", ok=not newest, seen="nothing of the audit log is signed yet", advice=advice)
    behind = newest[0].at - signed.at if newest else timedelta()
    ok = behind <= timedelta(seconds=_SIGNER_TURNS * services.settings.audit.checkpoint_seconds)
    seen = f"{signed.size:,} records signed at {signed.at:%Y-%m-%d %H:%M:%S} UTC"
    return SystemPart(name="signer", ok=ok, seen=seen, advice="" if ok else advice)


def _part(name: str, problem: str | None, advice: str) -> SystemPart:
    return SystemPart(name=name, ok=problem is None, seen=problem or "answers", advice=advice if problem else "")


def _source_part(row: SourceRow) -> SystemPart:
    """Tell of a source of the masking proxy: what its reconciler last found, and whether it still looks."""
    problems, name = orjson.loads(row.problems), f"proxy: {row.source}"
    advice = "Run `nexus proxy status`, and see docs/masking-sources.md."
    if row.checked_at is None or datetime.now(UTC) - row.checked_at > _RECONCILER_SILENCE:
        since = f"{row.checked_at:%Y-%m-%d %H:%M:%S} UTC" if row.checked_at else "never"
        return SystemPart(name=name, ok=False, seen=f"last looked at: {since}", advice="Start `nexus reconciler`.")
    seen = f"{len(problems)} problems" if problems else "as the policies say"
    return SystemPart(name=name, ok=not problems, seen=seen, advice=advice if problems else "")


async def _provider(services: Services, provider: Provider) -> ProviderState:
    issuer, problem = await _tried(provider)
    last = await _last_sign_ins(services, provider.key)
    return ProviderState(
        key=provider.key,
        title=provider.title,
        issuer=issuer,
        asks_step_up=_asks_step_up(services, provider.key),
        problem=problem,
        last_done_at=last.get(Outcome.DONE),
        last_refused_at=last.get(Outcome.REFUSED),
    )


async def _tried(provider: Provider) -> tuple[str | None, str | None]:
    """Give the issuer, and why no sign-in can begin; what the provider is asked leads to none."""
    try:
        async with asyncio.timeout(_PROVIDER_SECONDS):
            issuer = await provider.issuer()
            await provider.begin(new_secret("nxa"), step_up=False)
    except NexusError as error:
        return None, str(error)
    except TimeoutError:
        return None, f"no answer within {_PROVIDER_SECONDS:g} s"
    return issuer, None


def _asks_step_up(services: Services, key: str) -> bool:
    kind, _, name = key.partition(":")
    return kind == "oidc" and services.settings.sso.oidc[name].step_up_acr is not None


async def _last_sign_ins(services: Services, key: str) -> dict[Outcome, datetime]:
    """Give when the last sign-in of each outcome was, as far as the newest ones tell."""
    wanted = audit_rows.Wanted(actions=(Action.SIGN_IN,), target=("by", key))
    records = [read_record(each.body) for each in await audit_rows.page(services.main, wanted, _LOOKED_SIGN_INS)]
    return {Outcome(record.outcome): record.at for record in reversed(records)}


async def _scim(services: Services) -> list[ScimState]:
    tokens = await services.tokens.all()
    return [
        ScimState(
            issuer=grant.partition(":")[2],
            token=token.account.name,
            last_used_at=token.last_used_at,
            expires_at=token.expires_at,
        )
        for token in tokens
        for grant in token.grants
        if grant.startswith("scim:")
    ]
