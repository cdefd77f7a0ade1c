"""Our own checks of data: declared in YAML, run over a connector's connection, told as OpenLineage events."""

from nexus_core.checks.declaration import Checks, read_checks
from nexus_core.checks.running import ChecksReport, run_checks

__all__ = ["Checks", "ChecksReport", "read_checks", "run_checks"]
