"""Asks our own API, on this machine, whether it is ready."""

from __future__ import annotations

import http.client
import json


def unready(host: str, port: int) -> dict[str, str]:
    """Give each failing check of `/health/ready` with its reason; empty when it is ready.

    Uses the standard library: the HTTP client would make `nexus up` larger by half.
    """
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        checks: dict[str, str] = json.loads(answer.read()).get("checks", {})
    except OSError as error:
        return {"api": f"does not answer ({error})"}
    except (http.client.HTTPException, ValueError):
        return {"api": f"port {port} answers, but not as LineageNexus"}
    finally:
        connection.close()
    if answer.status == http.client.OK:
        return {}
    return {name: said for name, said in checks.items() if said != "ok"} or {"api": f"answered {answer.status}"}
