"""The `nexus` command: one module a command; heavy layers are imported when their command runs."""

from __future__ import annotations

import sys

from nexus_core.cli import api as _api  # noqa: F401 its import adds its command
from nexus_core.cli import archive as _archive  # noqa: F401 its import adds its commands
from nexus_core.cli import audit as _audit  # noqa: F401 its import adds its commands
from nexus_core.cli import audit_feed as _audit_feed  # noqa: F401 its import adds its command
from nexus_core.cli import backup as _backup  # noqa: F401 its import adds its commands
from nexus_core.cli import classify as _classify  # noqa: F401 its import adds its commands
from nexus_core.cli import compact as _compact  # noqa: F401 its import adds its command
from nexus_core.cli import connectors as _connectors  # noqa: F401 its import adds its command
from nexus_core.cli import curate as _curate  # noqa: F401 its import adds its commands
from nexus_core.cli import dead_letters as _dead_letters  # noqa: F401 its import adds its command
from nexus_core.cli import doctor as _doctor  # noqa: F401 its import adds its command
from nexus_core.cli import erase as _erase  # noqa: F401 its import adds its command
from nexus_core.cli import forward as _forward  # noqa: F401 its import adds its command
from nexus_core.cli import graph as _graph  # noqa: F401 its import adds its command
from nexus_core.cli import harvest as _harvest  # noqa: F401 its import adds its command
from nexus_core.cli import hold as _hold  # noqa: F401 its import adds its commands
from nexus_core.cli import impact as _impact  # noqa: F401 its import adds its command
from nexus_core.cli import lineage_diff as _lineage_diff  # noqa: F401 its import adds its command
from nexus_core.cli import lineage_health as _lineage_health  # noqa: F401 its import adds its command
from nexus_core.cli import lineage_history as _lineage_history  # noqa: F401 its import adds its command
from nexus_core.cli import lineage_show as _lineage_show  # noqa: F401 its import adds its command
from nexus_core.cli import lineage_sql as _lineage_sql  # noqa: F401 its import adds its command
from nexus_core.cli import mcp as _mcp  # noqa: F401 its import adds its command
from nexus_core.cli import migrate as _migrate  # noqa: F401 its import adds its command
from nexus_core.cli import names as _names  # noqa: F401 its import adds its command
from nexus_core.cli import policy as _policy  # noqa: F401 its import adds its commands
from nexus_core.cli import probe as _probe  # noqa: F401 its import adds its command
from nexus_core.cli import proxy as _proxy  # noqa: F401 its import adds its commands
from nexus_core.cli import proxy_sources as _proxy_sources  # noqa: F401 its import adds its commands
from nexus_core.cli import reconciler as _reconciler  # noqa: F401 its import adds its command
from nexus_core.cli import replay as _replay  # noqa: F401 its import adds its command
from nexus_core.cli import report as _report  # noqa: F401 its import adds its command
from nexus_core.cli import requests as _requests  # noqa: F401 its import adds its commands
from nexus_core.cli import retirements as _retirements  # noqa: F401 its import adds its command
from nexus_core.cli import role as _role  # noqa: F401 its import adds its command
from nexus_core.cli import settings as _settings  # noqa: F401 its import adds its command
from nexus_core.cli import signer as _signer  # noqa: F401 its import adds its command
from nexus_core.cli import token as _token  # noqa: F401 its import adds its command
from nexus_core.cli import up as _up  # noqa: F401 its import adds its command
from nexus_core.cli import usage as _usage  # noqa: F401 its import adds its command
from nexus_core.cli import user as _user  # noqa: F401 its import adds its commands
from nexus_core.cli import worker as _worker  # noqa: F401 its import adds its command
from nexus_core.cli.app import app
from nexus_core.errors import NexusError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command; an explained failure ends with its sentence and status 1, never with a traceback.

    So does a package of an extra that is not installed: the base distribution is a client and a spool.
    """
    try:
        app()
    except NexusError as error:
        sys.exit(f"nexus: {error}")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package.startswith("nexus_"):
            raise
        sys.exit(f"nexus: This command needs the package {package}. Run `pip install 'lineage-nexus[all]'`.")
