"""Procedural code: blocks, routines and scripts of the dialects whose statements end with semicolons.

`machine` runs a body's words by a `grammar`; what differs between dialects is which words have which rule.
"""
