"""Names and shapes of our own facets: what our harvests say beyond OpenLineage's standard facets.

Each is a JSON object with OpenLineage's `_producer` and `_schemaURL`; they have an effect only from a principal
with the `harvest` authority for the source. The shapes:

- job facet `lineageNexus_sqlContext` `{"dialect", "default_database", "default_schema"}`: how the job's SQL is read;
- job facet `lineageNexus_origin` `{"origin": "view" | "query-log" | "sql"}`: the evidence's origin (lineage.md §2);
- run facet `lineageNexus_harvest` `{"source", "scope", "counts": {kind: n}, "chunk_count", "digest", "watermark"}`
  on a harvest's START (source and scope only) and COMPLETE;
- run facet `lineageNexus_manifest` `{"chunk", "objects": [{"namespace", "name", "fingerprint"}]}` on RUNNING;
- dataset facet `lineageNexus_profile` `{"row_count", "size_bytes", "row_count_at"}`;
- dataset facet `lineageNexus_constraints` `{"primary_key": [field], "unique": [[field]], "checks": [{"name", "sql"}],
  "foreign_keys": [{"name", "fields", "to": {"namespace", "name", "fields"}}],
  "indexes": [{"name", "sql"}], "triggers": [{"name", "sql"}]}`;
- dataset facet `lineageNexus_columns` `{"fields": {field: {"nullable", "default", "identity", "generated"}}}`.
"""

SQL_CONTEXT = "lineageNexus_sqlContext"
ORIGIN = "lineageNexus_origin"
HARVEST = "lineageNexus_harvest"
MANIFEST = "lineageNexus_manifest"
PROFILE = "lineageNexus_profile"
CONSTRAINTS = "lineageNexus_constraints"
COLUMNS = "lineageNexus_columns"
