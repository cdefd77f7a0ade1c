"""Texts that run: scripts, and the routines and blocks whose statements they are (`blocks`; `tsql` for T-SQL)."""
