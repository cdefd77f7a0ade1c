"""The statements of the write transaction; each takes one map, `given`.

Of lists as parameters of their own, Neo4j plans a statement anew for each order of magnitude of their lengths; of lists
within a map it sees none. And as a graph grows, plans are made anew every ten seconds, which costs more than the writes
of a second: `replan=skip` keeps the first one, which hints to indexes make right for an empty graph as for a full one.
"""

from __future__ import annotations

TAKE_LEASES = """CYPHER replan=skip
UNWIND $given.leases AS lease
MERGE (l:Lease {partition: lease.partition})
SET l.epoch = CASE WHEN coalesce(l.epoch, -1) < lease.epoch THEN lease.epoch ELSE l.epoch END
RETURN l.partition AS partition, l.epoch AS epoch
"""

# Setting a property takes the node's write lock until the transaction ends.
FENCE = """CYPHER replan=skip
UNWIND $given.leases AS lease
MATCH (l:Lease {partition: lease.partition}) USING INDEX l:Lease(partition)
SET l.epoch = l.epoch
RETURN l.partition AS partition, l.epoch AS epoch
"""

# Whoever writes a dataset, its fields or edges at them holds its lock first: no two writers wait for each other in a
# circle, none counts or sweeps what another one is about to add.
LOCK_DATASETS = """CYPHER replan=skip
UNWIND $given.rows AS row
MERGE (d:Dataset {key: row.key})
ON CREATE SET d.namespace = row.namespace, d.name = row.name, d.platform = row.platform, d.field_count = 0
SET d.key = row.key
"""

LOCK_JOBS = "CYPHER replan=skip UNWIND $given.rows AS row MERGE (j:Job {key: row.key}) SET j.key = row.key"

# It answers the keys of those that have fields already.
MERGE_DATASETS = """CYPHER replan=skip
UNWIND $given.rows AS row
MERGE (d:Dataset {key: row.key})
SET d.namespace = row.namespace, d.name = row.name, d.platform = row.platform, d.dataset_kind = row.dataset_kind,
    d.mentioned = true
WITH d WHERE COUNT { (d)-[:HAS_FIELD]->() } > 0
RETURN d.key AS key
"""

UNMENTION = """CYPHER replan=skip
UNWIND $given.keys AS key
MATCH (d:Dataset {key: key}) USING INDEX d:Dataset(key)
REMOVE d.mentioned, d.dataset_kind
"""

# To look first and then create what lacks costs half of a MERGE of fields and of the relationships to them. It answers
# lists: a record of its own for each of thousands would cost both sides more than the look.
FIELDS_THERE = """CYPHER replan=skip
UNWIND $given.keys AS key
MATCH (f:Field {key: key}) USING INDEX f:Field(key)
RETURN collect(CASE WHEN f.ordinal IS NOT NULL THEN key END) AS counted,
  collect(CASE WHEN f.ordinal IS NULL THEN key END) AS uncounted
"""

CREATE_FIELDS = """CYPHER replan=skip
UNWIND $given.rows AS row
MATCH (d:Dataset {key: row.key}) USING INDEX d:Dataset(key)
UNWIND row.fields AS own
CREATE (d)-[:HAS_FIELD]->(:Field {
  key: own.key, dataset_key: row.key, namespace: row.namespace, name: row.name, field: own.field,
  type: own.type, ordinal: own.ordinal, froms: own.froms, tos: own.tos, types: own.types
})
"""

SET_FIELDS = """CYPHER replan=skip
UNWIND $given.rows AS row
MATCH (f:Field {key: row.key}) USING INDEX f:Field(key)
SET f += row
"""

DEMOTE_FIELDS = """CYPHER replan=skip
UNWIND $given.rows AS row
MATCH (d:Dataset {key: row.key}) USING INDEX d:Dataset(key)
CALL (d, row) {
  MATCH (d)-[:HAS_FIELD]->(f) WHERE f.froms IS NOT NULL AND NOT f.key IN row.field_keys
  RETURN f
}
REMOVE f.type, f.ordinal, f.froms, f.tos, f.types
RETURN f.key AS key
"""

MERGE_JOBS = """CYPHER replan=skip
UNWIND $given.rows AS row
MERGE (j:Job {key: row.key})
SET j.namespace = row.namespace, j.name = row.name
"""

HELD = """CYPHER replan=skip
CALL () {
  MATCH (s)-[r:FEEDS]->(t) USING INDEX r:FEEDS(evidence) WHERE r.evidence IN $given.evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:FED]->(t) USING INDEX r:FED(evidence) WHERE r.evidence IN $given.evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:ONCE]->(t) USING INDEX r:ONCE(evidence) WHERE r.evidence IN $given.evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:READS]->(t) USING INDEX r:READS(evidence) WHERE r.evidence IN $given.evidence RETURN s, r, t
  UNION ALL MATCH (s)-[r:WRITES]->(t) USING INDEX r:WRITES(evidence) WHERE r.evidence IN $given.evidence RETURN s, r, t
}
RETURN elementId(r) AS id, type(r) AS type, s.key AS source, t.key AS target, properties(r) AS properties,
  [n IN [s, t] WHERE NOT n:Job | coalesce(n.dataset_key, n.key)] AS datasets
"""

DELETE = "CYPHER replan=skip UNWIND $given.ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r"

ENSURE_DATASETS = """CYPHER replan=skip
UNWIND $given.rows AS row
MERGE (d:Dataset {key: row.key})
ON CREATE SET d.namespace = row.namespace, d.name = row.name, d.platform = row.platform, d.field_count = 0
"""

# Most relationships of an evidence have the same properties, and several the same target: both are handed over once.
_CREATE = """CYPHER replan=skip
UNWIND $given.rows AS row
UNWIND row.ends AS ends
MATCH (t:{target} {{key: ends[0]}}) USING INDEX t:{target}(key)
UNWIND ends[1] AS source
MATCH (s:{source} {{key: source}}) USING INDEX s:{source}(key)
CREATE (s)-[r:{type}]->(t)
SET r = row.properties
"""

CREATES = {
    (source, type_, target): _CREATE.format(source=source, type=type_, target=target)
    for source, type_, target in (
        ("Field", "FEEDS", "Field"),
        ("Field", "FEEDS", "Dataset"),
        ("Dataset", "FEEDS", "Dataset"),
        ("Field", "FED", "Field"),
        ("Field", "FED", "Dataset"),
        ("Dataset", "FED", "Dataset"),
        ("Dataset", "READS", "Job"),
        ("Job", "WRITES", "Dataset"),
        ("Field", "ONCE", "Field"),
        ("Field", "ONCE", "Dataset"),
        ("Dataset", "ONCE", "Dataset"),
        ("Dataset", "ONCE", "Job"),
        ("Job", "ONCE", "Dataset"),
    )
}

UPDATE = """CYPHER replan=skip
UNWIND $given.rows AS row
MATCH ()-[r]->() WHERE elementId(r) = row.id
SET r = row.properties
"""

# A field stays while a schema has it, or had it, or an edge touches it.
SWEEP_FIELDS = """CYPHER replan=skip
UNWIND $given.keys AS key
MATCH (f:Field {key: key}) USING INDEX f:Field(key)
WITH f, f.dataset_key AS dataset_key, f.froms IS NULL AND NOT (f)-[:FEEDS|FED|ONCE]-() AS unheld
FOREACH (gone IN CASE WHEN unheld THEN [f] ELSE [] END | DETACH DELETE gone)
RETURN DISTINCT dataset_key
"""

SWEEP_DATASETS = """CYPHER replan=skip
UNWIND $given.keys AS key
MATCH (d:Dataset {key: key}) USING INDEX d:Dataset(key)
WHERE d.mentioned IS NULL AND NOT (d)--()
DELETE d
"""

COUNT_FIELDS = """CYPHER replan=skip
UNWIND $given.keys AS key
MATCH (d:Dataset {key: key}) USING INDEX d:Dataset(key)
SET d.field_count = COUNT { (d)-[:HAS_FIELD]->(f) WHERE f.ordinal IS NOT NULL OR EXISTS { (f)-[:FEEDS|FED]-() } }
"""
