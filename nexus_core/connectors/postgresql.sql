-- What the PostgreSQL connector asks (PostgreSQL 14 to 18). The session's search_path is empty, so that the server
-- writes every name outside pg_catalog with its schema. Catalogues are readable by every role.

-- name: session
SELECT current_database() AS database, current_schema() AS default_schema, current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS version_num, pg_catalog.version() AS server

-- name: databases
SELECT datname AS name, has_database_privilege(datname, 'CONNECT') AS allowed
FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname COLLATE "C"

-- name: schemas
SELECT nspname AS name FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname COLLATE "C"

-- name: relations
SELECT c.oid, n.nspname || '.' || c.relname AS name, e.extname AS extension
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid AND m.objsubid = 0 AND m.deptype = 'e'
LEFT JOIN pg_extension e ON e.oid = m.refobjid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"

-- name: datasets
SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, pg_get_userbyid(c.relowner) AS owner,
       obj_description(c.oid, 'pg_class') AS description,
       format('%%I.%%I.%%I', current_database(), n.nspname, c.relname) AS quoted,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       stored.*, fields.fields, checked.constraints, indexed.indexes, fired.triggers, viewed.reads, remote.*
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    WITH RECURSIVE part (oid) AS (
        SELECT c.oid
        UNION ALL
        SELECT i.inhrelid FROM pg_inherits i JOIN part p ON p.oid = i.inhparent
        WHERE c.relkind = 'p'
    )
    SELECT CASE WHEN bool_and(l.reltuples >= 0) FILTER (WHERE l.relkind IN ('r', 'm'))
                THEN sum(l.reltuples) FILTER (WHERE l.relkind IN ('r', 'm'))::bigint END AS row_count,
           sum(l.relpages::bigint * current_setting('block_size')::int)
               FILTER (WHERE l.relkind IN ('r', 'm') AND l.reltuples >= 0)::bigint AS size_bytes,
           max(greatest(pg_stat_get_last_analyze_time(l.oid), pg_stat_get_last_autoanalyze_time(l.oid),
                        pg_stat_get_last_vacuum_time(l.oid), pg_stat_get_last_autovacuum_time(l.oid))) AS row_count_at,
           json_agg(json_build_object('schema', ln.nspname, 'name', l.relname,
                                      'bound', pg_get_expr(l.relpartbound, l.oid))
                    ORDER BY ln.nspname COLLATE "C", l.relname COLLATE "C")
               FILTER (WHERE l.relispartition) AS partitions
    FROM part JOIN pg_class l ON l.oid = part.oid JOIN pg_namespace ln ON ln.oid = l.relnamespace
) stored
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object(
               'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
               'description', col_description(c.oid, a.attnum), 'nullable', NOT a.attnotnull,
               'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
               'identity', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
               'generated', CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END,
               'origin', (SELECT option_value FROM pg_options_to_table(a.attfdwoptions)
                          WHERE option_name = 'column_name')) ORDER BY a.attnum) AS fields
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) fields
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object(
               'name', k.conname, 'type', k.contype, 'sql', pg_get_constraintdef(k.oid),
               'to_schema', tn.nspname, 'to_table', t.relname,
               'fields', (SELECT json_agg(a.attname ORDER BY u.place)
                          FROM unnest(k.conkey) WITH ORDINALITY u (attnum, place)
                          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
               'to_fields', (SELECT json_agg(a.attname ORDER BY u.place)
                             FROM unnest(k.confkey) WITH ORDINALITY u (attnum, place)
                             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)
           ) ORDER BY k.conname COLLATE "C") AS constraints
    FROM pg_constraint k
    LEFT JOIN pg_class t ON t.oid = k.confrelid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
    WHERE k.conrelid = c.oid AND k.conparentid = 0 AND k.contype IN ('p', 'u', 'f', 'c')
) checked
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', x.relname, 'sql', pg_get_indexdef(x.oid))
                    ORDER BY x.relname COLLATE "C") AS indexes
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid
) indexed
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', t.tgname, 'sql', pg_get_triggerdef(t.oid))
                    ORDER BY t.tgname COLLATE "C") AS triggers
    FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
) fired
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(s.schema, s.name) ORDER BY s.schema COLLATE "C", s.name COLLATE "C") AS reads
    FROM (SELECT DISTINCT sn.nspname AS schema, s.relname AS name
          FROM pg_rewrite r
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
               AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid AND d.deptype = 'n'
          JOIN pg_class s ON s.oid = d.refobjid AND s.relkind IN ('r', 'p', 'v', 'm', 'f')
          JOIN pg_namespace sn ON sn.oid = s.relnamespace
          WHERE r.ev_class = c.oid AND c.relkind IN ('v', 'm')) s
) viewed
LEFT JOIN LATERAL (
    SELECT s.srvname AS server, w.fdwname AS wrapper,
           -- Wrappers keep passwords and keys in options, too: only those known to be harmless are read.
           (SELECT json_object_agg(o.option_name, o.option_value ORDER BY o.option_name COLLATE "C")
            FROM (SELECT * FROM pg_options_to_table(s.srvoptions)
                  UNION ALL SELECT * FROM pg_options_to_table(f.ftoptions)) o
            WHERE o.option_name IN ('host', 'port', 'dbname', 'schema_name', 'table_name', 'filename', 'format')
           ) AS options
    FROM pg_foreign_table f
    JOIN pg_foreign_server s ON s.oid = f.ftserver
    JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
    WHERE f.ftrelid = c.oid
) remote ON true
WHERE c.oid = ANY (%(oids)s)
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"

-- Of columns that the account may read only. Values are asked of numbers and dates alone; inherited rows cover all parts.
-- name: field_statistics
SELECT attname AS name, null_frac AS null_share, n_distinct AS distinct_count,
       CASE WHEN attname = ANY (%(ranged)s)
            THEN ARRAY[(histogram_bounds::text::text[])[1],
                       (histogram_bounds::text::text[])[array_upper(histogram_bounds::text::text[], 1)]] END AS bounds,
       CASE WHEN attname = ANY (%(ranged)s) THEN most_common_vals::text::text[] END AS common
FROM pg_stats WHERE schemaname = %(schema)s AND tablename = %(name)s
ORDER BY inherited

-- Those that call others come last: what a call does is known then, and nothing is suspected meanwhile.
-- name: routines
SELECT p.oid, n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
       e.extname AS extension
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_depend m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.deptype = 'e'
LEFT JOIN pg_extension e ON e.oid = m.refobjid
WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
ORDER BY p.prosrc ~* '\m(call|perform)\M', n.nspname COLLATE "C", p.proname COLLATE "C",
         oidvectortypes(p.proargtypes) COLLATE "C"

-- name: jobs
SELECT n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
       p.prokind::text AS kind, pg_get_functiondef(p.oid) AS sql, p.prosrc AS body,
       pg_get_userbyid(p.proowner) AS owner,
       obj_description(p.oid, 'pg_proc') AS description,
       (SELECT substr(c, length('search_path=') + 1) FROM unnest(p.proconfig) c
        WHERE c LIKE 'search\_path=%%') AS search_path
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid = ANY (%(oids)s)
ORDER BY p.prosrc ~* '\m(call|perform)\M', n.nspname COLLATE "C", p.proname COLLATE "C",
         oidvectortypes(p.proargtypes) COLLATE "C"

-- Those of partitions that stand for their parent's are left out.
-- name: triggers
SELECT t.oid, n.nspname || '.' || c.relname || '.trigger.' || t.tgname AS name, e.extname AS extension
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_depend m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.deptype = 'e'
LEFT JOIN pg_extension e ON e.oid = m.refobjid
WHERE NOT t.tgisinternal AND l.lanname NOT IN ('c', 'internal')
  AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (%(schemas)s::text[] IS NULL OR n.nspname = ANY (%(schemas)s))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", t.tgname COLLATE "C"

-- name: trigger_jobs
SELECT n.nspname || '.' || c.relname || '.trigger.' || t.tgname AS name, 't' AS kind,
       pg_get_functiondef(p.oid) || E';\n' || pg_get_triggerdef(t.oid) AS sql, p.prosrc AS body,
       pg_get_userbyid(p.proowner) AS owner,
       obj_description(t.oid, 'pg_trigger') AS description,
       (SELECT substr(s, length('search_path=') + 1) FROM unnest(p.proconfig) s
        WHERE s LIKE 'search\_path=%%') AS search_path
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.oid = ANY (%(oids)s)
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", t.tgname COLLATE "C"

-- name: statements_schema
SELECT quote_ident(n.nspname) AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
  AND current_setting('pg_stat_statements.track', true) IS NOT NULL

-- name: statements
SELECT d.datname AS database, max(s.queryid)::text AS query_id, s.query, r.rolname AS role,
       sum(s.calls)::bigint AS calls, bool_or(s.toplevel) AS toplevel, clock_timestamp() AS at
FROM {schema}.pg_stat_statements s
JOIN pg_database d ON d.oid = s.dbid
LEFT JOIN pg_roles r ON r.oid = s.userid
WHERE (%(database)s::text IS NULL OR d.datname = %(database)s)
GROUP BY d.datname, s.query, r.rolname
ORDER BY d.datname COLLATE "C", s.query COLLATE "C", r.rolname COLLATE "C"

-- name: rights
SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS all_stats,
       has_function_privilege('pg_ls_logdir()', 'EXECUTE') AS list_logs,
       has_function_privilege('pg_read_binary_file(text,bigint,bigint)', 'EXECUTE') AS read_logs,
       pg_has_role('pg_read_all_settings', 'USAGE') AS all_settings,
       quote_ident(current_user) AS account

-- name: log_settings
SELECT current_setting('log_destination') AS destination, current_setting('logging_collector')::bool AS collected,
       current_setting('log_timezone') AS timezone,
       current_setting('log_statement') <> 'none' OR current_setting('log_min_duration_statement') = '0' AS complete

-- name: log_directory
SELECT current_setting('log_directory') AS directory

-- name: log_files
SELECT name, size FROM pg_ls_logdir() WHERE modification > %(since)s ORDER BY modification, name COLLATE "C"

-- name: log_chunk
SELECT pg_read_binary_file(%(path)s, %(offset)s, %(length)s) AS chunk
