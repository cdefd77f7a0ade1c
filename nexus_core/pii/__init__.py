"""Which columns may hold personal data: proposals from names, types, comments and, if asked for, sampled values."""

from nexus_core.pii.scorer import VERSION, Column, propose

__all__ = ["VERSION", "Column", "propose"]
