"""Engines as processes that speak the lines of our contract; those of others run in an environment of their own.

Here only the standard library and the engine itself are imported: nothing of ours is installed there.
"""
