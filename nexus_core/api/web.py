"""Serves the web UI's build beside the API, at every path that is not the API's."""

from __future__ import annotations

import html
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse

from nexus_core.errors import NotFoundError

_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'; "
    "object-src 'none'"
)
_HASHED = "assets/"  # Vite's folder of files whose names hold their hash
_RESERVED = ("api/", "health/", "metrics", "openapi.json", "docs")
_ABSENT = (
    "<!doctype html><title>LineageNexus</title><h1>The web UI is not built</h1>"
    "<p>The API is up. In a source tree run <code>make web</code>, then start again; see <a href='docs'>its routes</a>."
)


def find_build() -> Path | None:
    """Give the folder of the web UI's build in this environment, if it is there."""
    found = find_spec("nexus_ui_plugin")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "dist"
    return folder if (folder / "index.html").is_file() else None


def web_router(build: Path | None, public_url: str | None) -> APIRouter:
    """Give the routes of a build; they must come last, since they match every path."""
    router = APIRouter(include_in_schema=False)
    files = _files(build) if build else {}
    index = _index(build, _base(public_url)) if build else _ABSENT

    @router.get("/{path:path}")
    async def web(path: str) -> Response:
        """Answer a file of the build, or the page that finds its way by the URL."""
        if path.startswith(_RESERVED):
            raise NotFoundError(f"The route /{path}")
        if path in files:
            caching = "public, max-age=31536000, immutable" if path.startswith(_HASHED) else "no-cache"
            return FileResponse(files[path], headers={"Cache-Control": caching})
        if path.startswith(_HASHED):
            raise NotFoundError(f"The file /{path}")
        headers = {"Content-Security-Policy": _CSP, "Cache-Control": "no-cache"}
        return HTMLResponse(index, 200 if build else 503, headers)

    return router


def _files(build: Path) -> dict[str, Path]:
    """List the build once: a path that is not in the list cannot be reached, whatever its dots."""
    found = {path.relative_to(build).as_posix(): path for path in build.rglob("*") if path.is_file()}
    found.pop("index.html")
    return found


def _base(public_url: str | None) -> str:
    return (urlsplit(public_url).path if public_url else "").rstrip("/") + "/"


def _index(build: Path, base: str) -> str:
    """Give index.html with its base and the configuration that it reads."""
    config = orjson.dumps({"api": f"{base}api/v1", "host": "standalone"}).decode().replace("<", "\\u003c")
    added = f'<base href="{html.escape(base)}"><script id="nexus-config" type="application/json">{config}</script>'
    return (build / "index.html").read_text("utf-8").replace("<head>", f"<head>{added}", 1)
