"""What changes would do: applied to the catalogue's schema, every statement downstream is tried anew (docs/impact.md).

`applying` changes schemas, `judging` compares how a statement is taken before and after, `programs` does so for text
that cannot be bound, `patching` mends what is only renamed, `simulating` goes on downstream until nothing changes.
`estate` reads the catalogue, `answering` shows what a caller may see of the outcome. `documents`, `ddl` and `dbt` read
changes, `markdown` writes outcomes.
"""
