"""Takes merged events into the catalogue, in any order with one result.

Of all that a source class says in one slot the latest holds (valid time, then event id), which is a maximum: order and
repetition of events do not matter. What does not change costs one comparison of fingerprints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import orjson

from nexus_core.catalogue.curated import curated_names, slot_of
from nexus_core.catalogue.hints import hint_rows
from nexus_core.catalogue.identity import Known, load_known
from nexus_core.catalogue.merged import (
    Facets,
    certification_of,
    description_of,
    domain_of,
    fields_of,
    kind_of,
    merge,
    owners_of,
    tags_of,
    terms_of,
)
from nexus_core.catalogue.said import Fact, facts_of
from nexus_core.catalogue.tagged import tagged_rows
from nexus_core.catalogue.words import index_text
from nexus_core.events.redaction import redact
from nexus_core.model.aliases import Aliases
from nexus_core.model.curation import Facet
from nexus_core.model.edge import digest, node_key
from nexus_core.model.envelope import Envelope
from nexus_core.model.facets import TERMS
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import platform
from nexus_core.store.catalogue import (
    Connection,
    Owner,
    save_facets,
    save_owners,
    take_owners,
)
from nexus_core.store.catalogue_index import SearchRow, drop_search_rows, save_search_rows
from nexus_core.store.class_proposals import TaggedRow, save_tagged
from nexus_core.store.dataset_access import DOMAIN, AccessRow, put_access
from nexus_core.store.hints import save_hints
from nexus_core.store.ledger import Record

_DOMAIN_SLOT = slot_of(Facet.DOMAIN, "")
_NO_SLOT = ""  # a fact that only says that its owner exists


def record_of(envelopes: Sequence[Envelope], aliases: Aliases) -> Record:
    """Read what events say of datasets and jobs, and give what merges it as part of a transaction.

    Facts stay with the name that the event gives; search finds the dataset under the name that stands for it.
    SQL literals and other private texts are hidden in what is stored, as in every event that users read.
    """
    said = [(fact, envelope) for envelope in envelopes for fact in facts_of(envelope)]
    return partial(_record, tagged=tagged_rows(envelopes), said=said, aliases=aliases)


async def _record(
    connection: Connection, tagged: Sequence[TaggedRow], said: Sequence[tuple[Fact, Envelope]], aliases: Aliases
) -> None:
    await save_tagged(connection, tagged)
    for is_job in (False, True):
        owners, changed = await _merge(connection, [one for one in said if one[0].is_job is is_job], is_job=is_job)
        await save_facets(connection, _bodies(changed))
        if not is_job:
            await save_hints(connection, hint_rows(fact for fact, _ in changed))
            touched = {fact.key for fact, _ in changed} | {key for key, owner in owners.items() if owner.is_new}
            named = {DatasetName(owners[key].namespace, owners[key].name) for key in touched}
            await _refresh_search(connection, await load_known(connection, named, aliases))


async def refresh_search(connection: Connection, names: Sequence[DatasetName], aliases: Aliases) -> None:
    """Let search find datasets whose name changed; part of the transaction that the connection is in."""
    known = await load_known(connection, names, aliases)
    gone = {node_key(name.id) for name in names} - {one.owner.key for one in known}
    await drop_search_rows(connection, sorted(gone))
    await _refresh_search(connection, known)


async def _merge(
    connection: Connection, said: Sequence[tuple[Fact, Envelope]], *, is_job: bool
) -> tuple[dict[str, Owner], list[tuple[Fact, Envelope]]]:
    """Give the owners as they are now and the facts whose content is new."""
    named: dict[str, Owner] = {}
    for fact, _ in said:
        named.setdefault(fact.key, Owner(fact.key, fact.namespace, fact.name, fact.seen_at, fact.seen_at, is_new=True))
    owners = await take_owners(connection, is_job, named)
    for fact, _ in said:
        owner = owners[fact.key]
        owner.first_seen_at = min(owner.first_seen_at, fact.seen_at)
        owner.last_seen_at = max(owner.last_seen_at, fact.seen_at)
    changed = [one for one in _latest(said) if _stamped(owners[one[0].key], one[0])]
    await save_owners(connection, is_job, list(owners.values()))
    return owners, changed


def _latest(said: Iterable[tuple[Fact, Envelope]]) -> Iterable[tuple[Fact, Envelope]]:
    """Give the last fact of each slot."""
    found: dict[tuple[str, str], tuple[Fact, Envelope]] = {}
    for one in said:
        fact = one[0]
        if fact.slot != _NO_SLOT:
            known = found.get(slot := (fact.key, fact.slot))
            if known is None or known[0].order <= fact.order:
                found[slot] = one
    return found.values()


def _stamped(owner: Owner, fact: Fact) -> bool:
    """Note a fact that is later than what is known; whether its content differs."""
    known = owner.stamps.get(fact.slot)
    if known is not None and fact.order < (known[0], known[1]):
        return False
    fingerprint = digest(orjson.dumps(fact.facet, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
    owner.stamps[fact.slot] = (fact.valid_at, fact.event_id, fingerprint)
    return known is None or known[2] != fingerprint


def _bodies(changed: Iterable[tuple[Fact, Envelope]]) -> list[tuple[str, str, bytes]]:
    """Give the facets to store, read again from the redacted event, but for runs, of which we tell ourselves."""
    shown: dict[str, dict[tuple[str, str], Fact] | None] = {}
    bodies = []
    for fact, envelope in changed:
        if not fact.is_run and envelope.id not in shown:
            shown[envelope.id] = _redacted_facts(envelope)
        redacted = None if fact.is_run else shown[envelope.id]
        facet = redacted[fact.key, fact.slot].facet if redacted else fact.facet
        bodies.append((fact.key, fact.slot, orjson.dumps(facet)))
    return bodies


def _redacted_facts(envelope: Envelope) -> dict[tuple[str, str], Fact] | None:
    """Give what an event says once private texts are hidden; None where it has none."""
    event = redact(envelope.event).event
    if event is envelope.event:
        return None
    return {(one.key, one.slot): one for one in facts_of(replace(envelope, event=event))}


async def _refresh_search(connection: Connection, known: Sequence[Known]) -> None:
    await save_search_rows(connection, [_search_row(one) for one in known])
    await put_access(connection, [_access_row(one) for one in known if _DOMAIN_SLOT in one.slots], DOMAIN)


def _access_row(known: Known) -> AccessRow:
    """Give the domain, by which scopes may decide who sees a dataset."""
    owner = known.owner
    return AccessRow(owner.key, owner.namespace, owner.name, domain_of(merge(known.slots)), None, 0)


def _curated_labels(facets: Facets, fields: Sequence[str]) -> list[tuple[str, str]]:
    """Give what only people say: domain, certification, and terms of the dataset and of its fields."""
    domain, (certification, _) = domain_of(facets), certification_of(facets)
    labels = [("domain", domain)] if domain else []
    labels += [("certification", certification)] if certification else []
    terms = [term for field in (None, *fields) for term in terms_of(facets, field)] if TERMS in facets else []
    return labels + [("term", term) for term in dict.fromkeys(terms)]


def _search_row(known: Known) -> SearchRow:
    owner, facets = known.owner, merge(known.slots)
    fields = [field.name for field in fields_of(facets)]
    tags, owned_by = tags_of(facets), owners_of(facets)
    field_tags = {tag for field in fields for tag in tags_of(facets, field)} if "tags" in facets else set()
    labels = [("tag", tag) for tag in dict.fromkeys([*tags, *sorted(field_tags)])]
    labels += [("owner", name) for name in owned_by]
    labels += _curated_labels(facets, fields)
    words = " ".join(value for _, value in labels)
    labels += [("curated", name) for name in curated_names(known.slots)]
    return SearchRow(
        dataset_key=owner.key,
        namespace=owner.namespace,
        name=owner.name,
        platform=platform(owner.namespace),
        kind=kind_of(facets),
        description=description_of(facets),
        fields=fields,
        labels=labels,
        names_text=index_text([owner.name]),
        fields_text=index_text(fields),
        labels_text=words,
    )
