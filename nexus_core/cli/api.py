"""`nexus api`: serve the HTTP API and the web UI."""

from __future__ import annotations

from nexus_core.cli.app import app


@app.command()
def api() -> None:
    """Serve the API and the web UI at NEXUS_API__HOST and NEXUS_API__PORT, until stopped."""
    import uvicorn

    from nexus_core import telemetry
    from nexus_core.api.app import create_app
    from nexus_core.api.web import find_build
    from nexus_core.cli.long_lived import collect_seldom, give_back
    from nexus_core.settings import Settings
    from nexus_core.telemetry.traces import tracing

    settings = Settings.load()
    telemetry.configure(settings.log_level)
    app = create_app(settings, find_build())
    collect_seldom()
    give_back()
    with tracing(settings.traces.endpoint, settings.traces.ratio, "api"):
        uvicorn.run(
            app,
            host=settings.api.host,
            port=settings.api.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=20,
        )
