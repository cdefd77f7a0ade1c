"""The policies in force as SQL that an administrator applies in other engines (docs/policies.md).

Text alone is made here: nothing is connected to. What an engine cannot express is closed: NULL, or left out.
"""
