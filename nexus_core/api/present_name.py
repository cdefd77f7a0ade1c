"""Questions by a name that has an alias: 308 to the name that stands for the dataset (lineage.md §2, Names)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from nexus_core.api.access import Reader
from nexus_core.api.services import UsesServices
from nexus_core.errors import NotFoundError
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.dataset_access import visible_names

MOVED: dict[int | str, dict[str, Any]] = {
    308: {"description": "The dataset has another name, which `Location` asks for."}
}


async def _present_name(request: Request, services: UsesServices, caller: Reader) -> None:
    """Send a question about a dataset on to its present name; raises NotFoundError where one of the two is hidden."""
    namespace, name = request.query_params.get("namespace"), request.query_params.get("name")
    if not namespace or not name or request.query_params.get("kind", "dataset") != "dataset":
        return
    asked = canonical(DatasetName(namespace, name))
    first = (await services.aliases.read(services.store)).of(asked)
    if first == asked:
        return
    if len(await visible_names(services.store, caller.scope, [first, asked])) < 2:
        raise NotFoundError(missing(name, namespace, request.query_params.get("field")))
    present = {"namespace": first.namespace, "name": first.name}
    query = [(key, present.get(key, value)) for key, value in request.query_params.multi_items()]
    # Without path, so that it holds behind a proxy that mounts us below a path of its own.
    raise HTTPException(308, "The dataset has another name.", {"Location": f"?{urlencode(query)}"})


def missing(name: str, namespace: str, field: str | None = None) -> str:
    """Name a dataset, or a field of one, that is not there."""
    return f"dataset {name} in {namespace}" if field is None else f"field {field} of dataset {name} in {namespace}"


PresentName = Depends(_present_name)
"""A route's dependency that lets only present names through."""
