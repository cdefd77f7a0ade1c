"""`python -m nexus_core` is `nexus`: how `nexus up` starts its children, whatever PATH says."""

from nexus_core.cli import main

main()
