"""What a steward decides becomes an event, and a record of the audit log before it."""

from __future__ import annotations

from datetime import datetime

from nexus_core.api.services import Services
from nexus_core.errors import NexusError
from nexus_core.events.decision import decision_event
from nexus_core.governance.identity import Identity
from nexus_core.governance.intake import Sender
from nexus_core.model.audit import Act, Action
from nexus_core.model.decision import Decision


async def decide(services: Services, identity: Identity, decision: Decision, at: datetime) -> str:
    """Send a decision as its event; gives the event's id. Raises what makes the event unacceptable."""
    sender = Sender(identity.caller.account_id, identity.authority)
    async with services.audit.acting(identity.caller, _act(decision)):
        (outcome,) = await services.intake.accept(sender, [decision_event(decision, at)])
        if isinstance(outcome, NexusError):
            raise outcome
        return outcome.id


def _act(decision: Decision) -> Act:
    """Name the source, so that who may not see it does not see the record; the objects are told beside."""
    namespace = decision.subject or next((each.namespace for each in decision.objects), "")
    target = {"kind": decision.kind, "decision": decision.action, "namespace": namespace}
    objects = [{"namespace": each.namespace, "name": each.name} for each in decision.objects]
    return Act(Action.DECISION, target, {"objects": objects} if objects else {})
