"""What a steward decides becomes an event, and a record of the audit log before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nexus_core.api.services import Services
from nexus_core.errors import NexusError
from nexus_core.events.decision import decision_event
from nexus_core.governance.identity import Identity
from nexus_core.governance.intake import Sender
from nexus_core.model.access import Permission
from nexus_core.model.audit import Act, Action
from nexus_core.model.decision import Decision, ObjectKind


async def decide(services: Services, identity: Identity, decision: Decision, at: datetime) -> str:
    """Send a decision as its event; gives the event's id. Raises what makes the event unacceptable.

    The route has checked that its objects are where the caller may decide: a steward of a part has no authority to send
    such events otherwise.
    """
    curator = identity.authority.curator or identity.caller.may(Permission.CURATE)
    sender = Sender(identity.caller.account_id, replace(identity.authority, curator=curator))
    async with services.audit.acting(identity.caller, _act(decision)):
        (outcome,) = await services.intake.accept(sender, [decision_event(decision, at)])
        if isinstance(outcome, NexusError):
            raise outcome
        return outcome.id


def _act(decision: Decision) -> Act:
    """Name the one source that it is about, if so, for auditors of that source; the objects are told beside."""
    spaces = {each.namespace for each in decision.objects if each.kind is ObjectKind.DATASET} or {decision.subject}
    about = {"namespace": next(iter(spaces))} if len(spaces) == 1 else {}
    target = {"kind": decision.kind, "decision": decision.action, **about}
    objects = [{"namespace": each.namespace, "name": each.name} for each in decision.objects]
    return Act(Action.DECISION, target, {"objects": objects} if objects else {})
