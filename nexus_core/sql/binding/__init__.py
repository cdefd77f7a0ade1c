"""What a database would say of a statement under a schema: the names and types that it refuses, what each name means.

`derive` understands as much as it can of any text; this asks the opposite, whether a server would take it. Types are
judged as PostgreSQL judges them where the dialect is its own, and let pass elsewhere. `kinds` knows types, `relations`
what a name may mean, `expressions` values, `queries` and `writes` statements, `binder` whole texts.
"""
