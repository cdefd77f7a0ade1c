-- What the Redshift connector asks, in the SQL of its leader node (that of PostgreSQL 8: no LATERAL, no JSON, no FILTER).
-- Each statement gives flat rows of a bounded number of objects; the connector puts them together.

-- name: session
SELECT current_database() AS database, version() AS server

-- name: databases
SELECT datname AS name FROM pg_database
WHERE datallowconn AND NOT datistemplate AND datname NOT IN ('padb_harvest', 'sys:internal') ORDER BY datname

-- name: schemas
SELECT nspname AS name FROM pg_namespace
WHERE nspname NOT LIKE 'pg!_%%' ESCAPE '!' AND nspname <> 'information_schema' ORDER BY nspname

-- name: rights
SELECT superuser, syslog_access FROM svv_user_info WHERE user_name = current_user

-- name: relations
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, pg_get_userbyid(c.relowner) AS owner,
       d.description AS description
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
WHERE c.relkind IN ('r', 'v') AND c.relname NOT LIKE 'mv!_tbl!_!_%%' ESCAPE '!' AND n.nspname = %s
ORDER BY c.relname

-- name: columns
SELECT table_name, column_name AS name, data_type AS type, column_default AS "default", is_nullable, encoding, distkey,
       sortkey, remarks AS description
FROM svv_redshift_columns
WHERE database_name = %s AND schema_name = %s AND table_name BETWEEN %s AND %s
ORDER BY table_name, ordinal_position

-- name: late_columns
SELECT view_name AS table_name, col_name AS name, col_type AS type
FROM pg_get_late_binding_view_cols() cols (view_schema name, view_name name, col_name name, col_type varchar, col_num int)
WHERE view_schema = %s AND view_name BETWEEN %s AND %s
ORDER BY view_name, col_num

-- name: definitions
SELECT c.oid, pg_get_viewdef(c.oid) AS definition FROM pg_class c WHERE c.oid IN ({oids})

-- name: materialised
SELECT name, is_stale, autorefresh FROM svv_mv_info WHERE database_name = %s AND schema_name = %s

-- name: constraints
SELECT k.conrelid AS oid, k.conname AS name, k.contype AS type, array_to_string(k.conkey, ',') AS fields,
       k.confrelid AS to_oid, n.nspname AS to_schema, t.relname AS to_table, array_to_string(k.confkey, ',') AS to_fields
FROM pg_constraint k
LEFT JOIN pg_class t ON t.oid = k.confrelid LEFT JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.conrelid IN ({oids}) AND k.contype IN ('p', 'u', 'f')
ORDER BY k.conname

-- name: attributes
SELECT attrelid AS oid, attnum AS number, attname AS name FROM pg_attribute WHERE attrelid IN ({oids}) AND attnum > 0

-- Of tables that the account may read only.
-- name: field_statistics
SELECT attname AS name, null_frac AS null_share, n_distinct AS distinct_count FROM pg_stats
WHERE schemaname = %s AND tablename = %s

-- name: statistics
SELECT table_id AS oid, diststyle, sortkey1, size AS size_mb, tbl_rows AS row_count
FROM svv_table_info WHERE table_id IN ({oids})

-- name: shares
SELECT o.object_name AS name, o.share_name AS share FROM svv_datashare_objects o
WHERE o.share_type = 'OUTBOUND' AND o.object_type IN ('table', 'view', 'late binding view', 'materialized view')
ORDER BY o.object_name, o.share_name

-- name: external_schemas
SELECT schemaname AS name, eskind AS kind, databasename AS database, esoptions AS options FROM svv_external_schemas

-- name: external_tables
SELECT schemaname AS schema, tablename AS name, location, input_format
FROM svv_external_tables
WHERE redshift_database_name = %s AND schemaname = %s AND tablename > %s ORDER BY tablename LIMIT 200

-- name: external_columns
SELECT tablename AS table_name, columnname AS name, external_type AS type, part_key, is_nullable
FROM svv_external_columns
WHERE redshift_database_name = %s AND schemaname = %s AND tablename BETWEEN %s AND %s
ORDER BY tablename, columnnum

-- name: inbound
SELECT share_name AS share, consumer_database AS database, producer_account, producer_namespace
FROM svv_datashares WHERE share_type = 'INBOUND' AND consumer_database IS NOT NULL ORDER BY consumer_database

-- name: shared_tables
SELECT schema_name AS schema, table_name AS name FROM svv_all_tables
WHERE database_name = %s AND schema_name NOT IN ('information_schema', 'pg_catalog') ORDER BY schema_name, table_name

-- name: shared_columns
SELECT table_name, column_name AS name, data_type AS type, is_nullable, remarks AS description FROM svv_all_columns
WHERE database_name = %s AND schema_name = %s AND table_name BETWEEN %s AND %s ORDER BY table_name, ordinal_position

-- name: routines
SELECT n.nspname AS schema, p.proname AS name, oidvectortypes(p.proargtypes) AS types,
       array_to_string(p.proargnames, ',') AS names, l.lanname AS language, p.prosrc AS body, p.prokind AS kind, format_type(p.prorettype, NULL) AS returns,
       pg_get_userbyid(p.proowner) AS owner
FROM pg_proc_info p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname = %s AND l.lanname IN ('plpgsql', 'sql', 'plpythonu')
ORDER BY p.proname, oidvectortypes(p.proargtypes)

-- name: has_sys
SELECT count(*) AS found FROM pg_class WHERE relname = 'sys_query_history'

-- name: history
SELECT h.query_id, h.database_name AS database, h.start_time AS started_at, u.usename AS "user"
FROM sys_query_history h LEFT JOIN pg_user u ON u.usesysid = h.user_id
WHERE h.status = 'success' AND h.query_type <> 'COMMAND'
  AND (h.start_time > %s OR (h.start_time = %s AND h.query_id > %s))
ORDER BY h.start_time, h.query_id LIMIT 500

-- name: texts
SELECT query_id, sequence, text FROM sys_query_text WHERE query_id IN ({queries}) ORDER BY query_id, sequence

-- name: old_history
SELECT h.query AS query_id, h.database AS database, h.starttime AS started_at, u.usename AS "user"
FROM stl_query h LEFT JOIN pg_user u ON u.usesysid = h.userid
WHERE h.aborted = 0
  AND (h.starttime > %s OR (h.starttime = %s AND h.query > %s))
ORDER BY h.starttime, h.query LIMIT 500

-- name: old_texts
SELECT query AS query_id, sequence, text FROM stl_querytext WHERE query IN ({queries}) ORDER BY query, sequence
