"""From names to the columns that they mean: queries as relations, expressions as the sources of their values.

`session` holds what names mean in a script, `resolution` one statement under way, `scope` one SELECT of it; `queries`,
`select` and `sources` make relations of FROM clauses and columns of select lists; `expressions` goes through a value by
the rules of `parts`. Nothing here writes.
"""
