"""No two routes answer one method at one path: the first would hide the other."""

from __future__ import annotations

from collections import Counter

from fastapi.routing import APIRoute

from nexus_core.api.app import ROUTERS


def test_every_route_is_there_once() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    found = Counter((method, route.path) for route in routes for method in route.methods)
    assert [each for each, count in found.items() if count > 1] == []
