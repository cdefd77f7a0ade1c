"""SQL lineage: a text with its dialect, schema and defaults, to where each output column comes from (docs/sql.md).

A text goes through the packages in this order, and each knows only those before it: `reading` makes statements of it,
`resolving` finds what their names and expressions mean, `statements` has the effects of those that write and gathers
the outcome, `programs` runs scripts, procedures and blocks. `engine` puts them together; `views` adds what the
catalogue knows, `ddl` reads a schema; `dialect` and `limits` are asked by all. `process` and `child` run it apart, over
`frames` of what `codec` writes; `normal_form` tells texts that share a result.
"""

from __future__ import annotations

from nexus_core.sql.ddl import schema_of
from nexus_core.sql.engine import DERIVATION_VERSION, derive, references
from nexus_core.sql.process import ParsePool

__all__ = ["DERIVATION_VERSION", "ParsePool", "derive", "references", "schema_of"]
