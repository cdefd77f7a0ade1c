"""Names and shapes of our own facets: what our harvests say beyond OpenLineage's standard facets.

Each is a JSON object with OpenLineage's `_producer` and `_schemaURL`; they have an effect only from a principal
with the `harvest` authority for the source. The shapes:

- job facet `lineageNexus_sqlContext` `{"dialect", "default_database", "default_schema"}`: how the job's SQL is read;
- job facet `lineageNexus_origin` `{"origin": "view" | "query-log" | "dashboard" | "sql" | "reading"}`: the evidence's
  origin (lineage.md §2); a statement of a query log that only reads is no evidence, its run tells usage;
- job facet `lineageNexus_harvest` `{"source"}` on a task of a scheduler that harvests, and so reads no rows;
- run facet `lineageNexus_harvest` on a harvest's START (`source` and `scope` only) and COMPLETE:
  `{"source", "scope", "counts": {kind: n}, "chunk_count", "digest", "watermark", "partial"}`. `source` is the dataset
  namespace; `scope` holds comma-separated patterns (fnmatch) of the names that this harvest covers, such as
  `shop.core.*,shop.raw.*`; `digest` is the SHA-256 of the chunks' `objects` in order, each as RFC 8785 JSON;
  `partial` says that something could not be read, so that nothing may be retired;
- run facet `lineageNexus_manifest` `{"chunk", "objects": [{"namespace", "name", "fingerprint"}]}` on RUNNING: chunks
  count from 0. A view is one object, though it is sent as a dataset and a job of that name; what a query log tells
  is no object. The fingerprint is null where the object was seen but could not be read or sent. A HarvestState's
  `fingerprints` are keyed by the object's name;
- dataset facet `lineageNexus_profile` `{"row_count", "size_bytes", "row_count_at"}`;
- dataset facet `lineageNexus_constraints` `{"primary_key": [field], "unique": [[field]], "checks": [{"name", "sql"}],
  "foreign_keys": [{"name", "fields", "to": {"namespace", "name", "fields"}}],
  "indexes": [{"name", "sql"}], "triggers": [{"name", "sql"}]}`;
- dataset facet `lineageNexus_columns` `{"fields": {field: {"nullable", "default", "identity", "generated", "presence",
  "types": {type: share}}}}`; a nested field is `OUTER.INNER`, shares are from 0 to 1;
- dataset or job facet `lineageNexus_properties` `{"properties": {name: text}}`: settings of the source, without
  secrets;
- run facet `lineageNexus_usage` `{"uses": [{"user", "count"}]}` on the run of a query log's statement: who ran it how
  often on that day; a user null is one that the source does not tell;
- dataset facet `lineageNexus_hints` `{"version", "sampled", "fields": {field: {"data", "score", "reason"}}}`: which
  fields may hold which kind of personal data (model.personal), with a score from 0 to 1; never a value;
- dataset facet `lineageNexus_statistics` `{"sampled", "fields": {field: {"null_share", "distinct_count", "least",
  "most"}}}`: how fields are filled, from the source's own statistics or from so many `sampled` rows; the share is from
  0 to 1, `least` and `most` are texts, of numbers and dates only, never of a field that may hold personal data;
- dataset facet `lineageNexus_partitions` `{"key", "partitions": [{"name", "bound"}]}`: partitions are no datasets of
  their own;
- dataset facet `lineageNexus_foreign` `{"server", "wrapper", "options": {name: text}}`: where the rows of a foreign
  table are;
- job facet `lineageNexus_decision` `{"kind", "action", "subject", "objects": [{"namespace", "name", "kind"}],
  "details"}`: what a steward decided, needs the curator authority (events.decision);
- dataset or job facet `lineageNexus_certification` `{"state": "certified" | "warning" | "deprecated", "note"}`, dataset
  facets `lineageNexus_domain` `{"name"}`, `lineageNexus_terms` `{"terms": [name], "fields": {field: [name]}}` and
  `lineageNexus_fieldDocumentation` `{"fields": {field: text}}`: what was curated (model.curation); no event carries
  them, they are read out of edits;
- run, job or dataset facet `lineageNexus_supersedes` `{"event", "by"}` on an edited dead letter: the id of the event
  that it replaces, and the account that edited it.
"""

READING = "reading"
"""The origin of statements that only read."""

SQL_CONTEXT = "lineageNexus_sqlContext"
ORIGIN = "lineageNexus_origin"
HARVEST = "lineageNexus_harvest"
MANIFEST = "lineageNexus_manifest"
PROFILE = "lineageNexus_profile"
CONSTRAINTS = "lineageNexus_constraints"
COLUMNS = "lineageNexus_columns"
PARTITIONS = "lineageNexus_partitions"
FOREIGN = "lineageNexus_foreign"
PROPERTIES = "lineageNexus_properties"
USAGE = "lineageNexus_usage"
HINTS = "lineageNexus_hints"
STATISTICS = "lineageNexus_statistics"
DECISION = "lineageNexus_decision"
CERTIFICATION = "lineageNexus_certification"
DOMAIN = "lineageNexus_domain"
TERMS = "lineageNexus_terms"
FIELD_DOCUMENTATION = "lineageNexus_fieldDocumentation"
SUPERSEDES = "lineageNexus_supersedes"
