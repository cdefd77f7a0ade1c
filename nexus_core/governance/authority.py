"""Whether an event stays within what its sender may say (lineage.md §1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from nexus_core.errors import ForbiddenError
from nexus_core.events.decision import decided_objects, is_decision, may_decide
from nexus_core.model import facets
from nexus_core.model.curation import CURATION
from nexus_core.model.envelope import Authority, Event, EventKind
from nexus_core.model.names import DatasetName

_HARVEST_FACETS = (facets.HARVEST, facets.MANIFEST)


def check_authority(authority: Authority, kind: EventKind, event: Event) -> None:
    """Raise ForbiddenError for a job, or a dataset written, outside the patterns of a token."""
    if is_decision(kind, event):
        _check_edit(authority, event["job"])
    if authority.admin:
        return
    if kind is EventKind.DATASET:
        _check_dataset(authority, event["dataset"])
        return
    job = event["job"]
    if is_decision(kind, event):
        _check_decision(authority, job)
        return
    if not _any(authority.jobs, job["namespace"]) and not _any(authority.harvest, job["namespace"]):
        raise ForbiddenError(
            f"events of the job namespace {job['namespace']!r}", f"the authority producer:{job['namespace']}"
        )
    for output in event.get("outputs", ()):
        _check_output(authority, output)


def may_backdate(authority: Authority, kind: EventKind, event: Event) -> bool:
    """Whether a sender may date an event further back than others: a harvest dates what a query log tells."""
    if authority.admin or authority.backfill:
        return True
    namespace = event["dataset" if kind is EventKind.DATASET else "job"]["namespace"]
    return _any(authority.harvest, namespace)


def without_effect(authority: Authority, event: Event) -> Iterator[str]:
    """Say which facets have no effect, since they need another authority; the event is kept as it is."""
    run_facets = event.get("run", {}).get("facets", {})
    for key in _HARVEST_FACETS:
        if key in run_facets and not authority.harvest:
            yield f"$.run.facets.{key}: has no effect without a harvest authority"
    for place, dataset in _datasets(event):
        held = dataset.get("facets", {})
        namespace = dataset["namespace"]
        if "lifecycleStateChange" in held and not _any(authority.harvest, namespace):
            place_ = f"{place}.facets.lifecycleStateChange"
            yield f"{place_}: ends nothing that a harvest lists, without a harvest authority for {namespace!r}"
        if "symlinks" in held and not _joins(authority, dataset):
            yield f"{place}.facets.symlinks: becomes a proposal without the alias authority"


def _check_dataset(authority: Authority, dataset: Event) -> None:
    if not authority.may_curate(DatasetName(dataset["namespace"], dataset["name"])):
        _check_output(authority, dataset)


def _check_edit(authority: Authority, job: Event) -> None:
    """Refuse edits of curated metadata sent as events, the admin's too: nobody checked what they rest on."""
    kind = job.get("facets", {}).get(facets.DECISION, {}).get("kind")
    if kind == CURATION and not authority.edits:
        raise ForbiddenError("an edit of curated metadata sent as an event", "the routes /api/v1/curated")


def _check_decision(authority: Authority, job: Event) -> None:
    facet = job.get("facets", {}).get(facets.DECISION, {})
    kind = str(facet.get("kind", ""))
    if not may_decide(authority, kind, decided_objects({"job": job})):
        raise ForbiddenError(f"a decision of the kind {kind!r}", "the authority curator")


def _check_output(authority: Authority, dataset: Event) -> None:
    whole = f"{dataset['namespace']}/{dataset['name']}"
    if not _any(authority.outputs, whole) and not _any(authority.harvest, dataset["namespace"]):
        raise ForbiddenError(f"writing {whole!r}", "an authority producer:JOBS:OUTPUTS whose OUTPUTS match it")


def _joins(authority: Authority, dataset: Event) -> bool:
    """Whether all that a facet calls the same dataset may be joined with it."""
    said = dataset["facets"]["symlinks"]
    others = said.get("identifiers") if isinstance(said, dict) else None
    named = [each for each in others if isinstance(each, dict)] if isinstance(others, list) else []
    names = [DatasetName(str(each.get("namespace")), str(each.get("name"))) for each in named]
    return authority.may_join(DatasetName(dataset["namespace"], dataset["name"]), *names)


def _datasets(event: Event) -> Iterator[tuple[str, Event]]:
    if "dataset" in event:
        yield "$.dataset", event["dataset"]
    for side in ("inputs", "outputs"):
        for index, dataset in enumerate(event.get(side, ())):
            yield f"$.{side}[{index}]", dataset


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(pattern == "*" or fnmatchcase(text, pattern) for pattern in patterns)
