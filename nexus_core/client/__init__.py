"""The typed client of the HTTP API."""

from nexus_core.client.api import NexusClient

__all__ = ["NexusClient"]
