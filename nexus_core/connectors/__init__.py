"""Connectors: one file and one entry point each (docs/connectors.md)."""

from nexus_core.connectors.protocol import Capability, Connector, ConnectorSettings
from nexus_core.connectors.registry import Installed, installed, open_connector

__all__ = ["Capability", "Connector", "ConnectorSettings", "Installed", "installed", "open_connector"]
