"""`nexus mcp`: serve the catalogue to a program that speaks the Model Context Protocol."""

from __future__ import annotations

from nexus_core.cli.api_token import LOCAL_API, Api, TokenFile, api_token
from nexus_core.cli.app import app


@app.command()
def mcp(
    api: Api = LOCAL_API,
    token_file: TokenFile = None,
) -> None:
    """Serve search, lineage, quality and explanations, read-only, over standard input and output (MCP)."""
    from nexus_core.client import NexusClient
    from nexus_core.mcp.server import make_server

    with NexusClient(api, api_token(token_file), patience_s=10.0) as client:
        make_server(client).run("stdio")
