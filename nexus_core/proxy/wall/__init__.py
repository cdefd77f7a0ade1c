"""The statement wall of the masking proxy: what of a text may be sent to the source, and as which text.

Pure: no input or output, no state but caches. It is the second of two walls; the first is what the profile's login may
read (docs/proxy.md).
"""

from nexus_core.proxy.wall.judging import judge
from nexus_core.proxy.wall.settings import startup_options
from nexus_core.proxy.wall.verdict import Kind, Permitted, ReadColumn, Refused

__all__ = ["Kind", "Permitted", "ReadColumn", "Refused", "judge", "startup_options"]
