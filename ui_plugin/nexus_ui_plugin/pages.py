"""The web UI's build as pages below one prefix: hashed assets, and index.html for every deep link."""

from __future__ import annotations

import html
import json
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

DIST = Path(__file__).parent / "dist"
_ICONS = Path(__file__).parent / "icons"
_DASHBOARD = Path(__file__).parent / "dashboard.js"
_UNBUILT = "The web UI is not in this installation. Build it with `make web`, or install lineage-nexus from a wheel."
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; "
        "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_FOR_EVER = _HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = _HEADERS | {"Cache-Control": "no-cache"}


def pages_app(dist: Path, job_namespace: str) -> FastAPI:
    """Serve a build. Its files are listed once, so no path can lead elsewhere; none of them holds data.

    `job_namespace` is where Airflow's jobs are found, for the tabs beside its DAGs and tasks.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    files = {str(file.relative_to(dist)): file for file in dist.rglob("*") if file.is_file()}
    files |= {f"icons/{icon.name}": icon for icon in _ICONS.glob("*.svg")}
    files[_DASHBOARD.name] = _DASHBOARD

    @app.get("/{path:path}")
    def page(request: Request, path: str) -> Response:
        if path in files and path != "index.html":
            return FileResponse(files[path], headers=_FOR_EVER if path.startswith("assets/") else _ASK_AGAIN)
        if path.startswith("assets/"):
            raise HTTPException(404, "no such asset")
        if "index.html" not in files:
            raise HTTPException(503, _UNBUILT)
        prefix = request.scope["root_path"]
        config = {"api": f"{prefix}/api/v1", "host": "airflow", "job_namespace": job_namespace}
        return HTMLResponse(_index(files["index.html"], prefix, config), headers=_ASK_AGAIN)

    return app


def _index(file: Path, prefix: str, config: dict[str, str]) -> str:
    """Tell the build where it lives: relative addresses resolve against `<base>`, and the first config counts."""
    said = json.dumps(config).replace("<", "\\u003c")
    head = (
        f'<head><base href="{html.escape(prefix)}/"><script id="nexus-config" type="application/json">{said}</script>'
    )
    return file.read_text().replace("<head>", head, 1)
