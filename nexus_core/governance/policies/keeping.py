"""Proposing policies, and deciding upon them: who wrote a document does not approve it (governance.md §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from nexus_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from nexus_core.governance.policies.document import PolicyDocument, policy_set, read_document
from nexus_core.governance.policies.testing import failures
from nexus_core.model.access import Caller
from nexus_core.model.audit import Act, Action
from nexus_core.model.canonical_json import canonical
from nexus_core.model.policy import PolicySet
from nexus_core.store import policies as rows
from nexus_core.store.database import Store
from nexus_core.store.policies import PolicyState, PolicyVersion


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it is kept, with its state."""

    version: PolicyVersion
    document: PolicyDocument


async def active(store: Store) -> Kept | None:
    """Give the document in force; None before the first, when every column that is not Public is refused."""
    found = await rows.active_policies(store)
    return _kept(found) if found else None


async def active_set(store: Store) -> PolicySet:
    """Give the policies in force."""
    found = await active(store)
    return policy_set(found.document) if found else PolicySet()


async def history(store: Store, limit: int, before: int | None) -> Sequence[Kept]:
    """Give documents that were proposed, the newest first."""
    return [_kept(each) for each in await rows.policy_versions(store, limit, before)]


async def propose(store: Store, document: PolicyDocument, comment: str, caller: Caller) -> Kept:
    """Keep a document for someone else's approval; raises InvalidInputError if a test of its own fails."""
    check_tests(document)
    author = (caller.account_id, caller.name)
    text = _canonical(document).decode()
    made = await rows.propose_policies(store, text, digest_of(document), comment, author, datetime.now(UTC))
    return _kept(made)


async def decide(store: Store, version: int, state: PolicyState, caller: Caller) -> Kept:
    """Approve (ACTIVE), reject or withdraw a proposed document.

    Raises NotFoundError, ForbiddenError where the author approves or rejects, or another withdraws, and ConflictError
    if it is decided, or if another document came into force since it was proposed.
    """
    found = await rows.policy_version_of(store, version)
    if found is None:
        raise NotFoundError(f"The policy version {version}")
    own = found.author_id == caller.account_id
    if own and state is not PolicyState.WITHDRAWN:
        raise ForbiddenError("deciding upon policies of one's own", "another account with the permission govern")
    if not own and state is PolicyState.WITHDRAWN:
        raise ForbiddenError("withdrawing another's policies", "their author; reject them instead")
    return _kept(await rows.decide_policies(store, version, state, (caller.account_id, caller.name), datetime.now(UTC)))


def check_tests(document: PolicyDocument) -> None:
    """Raise InvalidInputError with the first test of a document that fails."""
    failed = list(failures(policy_set(document)))
    if failed:
        more = f", and {len(failed) - 1} more fail" if len(failed) > 1 else ""
        raise InvalidInputError(f"{failed[0]}{more}", f"$.tests[{failed[0].index}]")


def digest_of(document: PolicyDocument) -> str:
    """Give the SHA-256 of a document's meaning: equal for documents that differ in order of keys and layout only."""
    return sha256(_canonical(document)).hexdigest()


def proposing(document: PolicyDocument) -> Act:
    """Give what the audit log says of a proposal."""
    return Act(Action.POLICIES_PROPOSED, {"digest": digest_of(document)})


def deciding(version: int, state: PolicyState) -> Act:
    """Give what the audit log says of a decision."""
    return Act(Action.POLICIES_DECIDED, {"version": str(version), "decision": str(state)})


def _canonical(document: PolicyDocument) -> bytes:
    return canonical(document.model_dump(mode="json", exclude_defaults=True))


def _kept(found: PolicyVersion) -> Kept:
    return Kept(found, read_document(found.document))
