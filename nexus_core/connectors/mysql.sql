-- What the MySQL connector asks (MySQL 8, MariaDB 10.5 and newer). Both show in information_schema only what the
-- account has a right to. MariaDB opens each table for its details, but none whose name a condition excludes: so
-- objects are listed by name alone, and their details asked by name. Names are compared as bytes, since MariaDB's
-- collation takes "Orders" and "orders" for one. Each column has an alias, since MySQL 8 gives their names in capitals.

-- name: session
SELECT version() AS version, @@version_comment AS edition, current_user() AS account,
       @@collation_server AS collation

-- name: schemas
SELECT schema_name AS name FROM information_schema.schemata
WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY CAST(schema_name AS BINARY)

-- name: names
SELECT table_name AS name FROM information_schema.tables
WHERE table_schema = %(schema)s AND CAST(table_name AS BINARY) > %(after)s
ORDER BY CAST(table_name AS BINARY) LIMIT %(limit)s

-- name: tables
SELECT table_name AS `table`, table_type AS type, engine AS engine, table_collation AS collation,
       row_format AS row_format, table_comment AS description
FROM information_schema.tables WHERE table_schema = %(schema)s AND table_name IN %(names)s

-- Apart from `tables`: where they cannot be had, MySQL puts its error into the comments of that and of other tables.
-- name: statistics
SELECT table_name AS `table`, table_rows AS row_count, data_length + index_length AS size_bytes
FROM information_schema.tables
WHERE table_schema = %(schema)s AND table_name IN %(names)s AND table_type <> 'VIEW'

-- name: columns
SELECT table_name AS `table`, column_name AS name, column_type AS type, data_type AS plain_type,
       is_nullable = 'YES' AS nullable, column_default AS `default`, extra AS extra,
       generation_expression AS `generated`, column_comment AS description
FROM information_schema.columns WHERE table_schema = %(schema)s AND table_name IN %(names)s
ORDER BY table_name, ordinal_position

-- name: indexes
SELECT table_name AS `table`, index_name AS name, non_unique AS non_unique, index_type AS type, column_name AS field,
       sub_part AS prefix, collation AS direction, {expression} AS expression
FROM information_schema.statistics WHERE table_schema = %(schema)s AND table_name IN %(names)s
ORDER BY table_name, CAST(index_name AS BINARY), seq_in_index

-- name: foreign_keys
SELECT table_name AS `table`, constraint_name AS name, column_name AS field, referenced_table_schema AS to_schema,
       referenced_table_name AS to_table, referenced_column_name AS to_field
FROM information_schema.key_column_usage
WHERE table_schema = %(schema)s AND table_name IN %(names)s AND referenced_table_name IS NOT NULL
ORDER BY table_name, CAST(constraint_name AS BINARY), ordinal_position

-- name: checks
SELECT t.table_name AS `table`, c.constraint_name AS name, c.check_clause AS `sql`
FROM information_schema.table_constraints t
JOIN information_schema.check_constraints c
     ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name
WHERE t.table_schema = %(schema)s AND t.table_name IN %(names)s AND t.constraint_type = 'CHECK'
ORDER BY t.table_name, c.constraint_name

-- name: checks_mariadb
SELECT table_name AS `table`, constraint_name AS name, check_clause AS `sql`
FROM information_schema.check_constraints WHERE constraint_schema = %(schema)s AND table_name IN %(names)s
ORDER BY table_name, CAST(constraint_name AS BINARY)

-- name: triggers
SELECT event_object_table AS `table`, trigger_name AS name, event_manipulation AS event, action_timing AS timing,
       action_statement AS body, definer AS definer, sql_mode AS mode
FROM information_schema.triggers WHERE event_object_schema = %(schema)s AND event_object_table IN %(names)s
ORDER BY event_object_table, CAST(trigger_name AS BINARY)

-- name: partitions
SELECT table_name AS `table`, partition_name AS name, max(partition_method) AS method,
       max(partition_expression) AS expression, max(subpartition_method) AS sub_method,
       max(subpartition_expression) AS sub_expression, max(partition_description) AS bound
FROM information_schema.partitions
WHERE table_schema = %(schema)s AND table_name IN %(names)s AND partition_name IS NOT NULL
GROUP BY table_name, partition_name
ORDER BY table_name, min(partition_ordinal_position)

-- name: views
SELECT table_name AS `table`, view_definition AS definition, check_option AS check_option,
       definer AS definer, security_type AS security
FROM information_schema.views WHERE table_schema = %(schema)s AND table_name IN %(names)s

-- name: view_reads
SELECT view_name AS `table`, table_schema AS to_schema, table_name AS to_table
FROM information_schema.view_table_usage WHERE view_schema = %(schema)s AND view_name IN %(names)s
ORDER BY view_name, table_schema, table_name

-- Of columns that the account may read only, and for which ANALYZE TABLE … UPDATE HISTOGRAM was run.
-- name: histograms
SELECT column_name AS name, CAST(histogram AS CHAR) AS histogram FROM information_schema.column_statistics
WHERE schema_name = %(schema)s AND table_name = %(table)s

-- name: routine_names
SELECT specific_name AS name FROM information_schema.routines
WHERE routine_schema = %(schema)s AND CAST(specific_name AS BINARY) > %(after)s
GROUP BY specific_name ORDER BY CAST(specific_name AS BINARY) LIMIT %(limit)s

-- name: routines
SELECT routine_name AS name, routine_type AS type, routine_definition AS body, dtd_identifier AS returns,
       routine_comment AS description, definer AS definer, sql_mode AS mode
FROM information_schema.routines WHERE routine_schema = %(schema)s AND routine_name IN %(names)s
ORDER BY CAST(routine_name AS BINARY), routine_type

-- name: parameters
SELECT specific_name AS routine, routine_type AS kind, parameter_mode AS mode, parameter_name AS name,
       dtd_identifier AS type, data_type AS plain_type
FROM information_schema.parameters
WHERE specific_schema = %(schema)s AND specific_name IN %(names)s AND ordinal_position > 0
ORDER BY specific_name, routine_type, ordinal_position

-- name: trigger_names
SELECT trigger_name AS name FROM information_schema.triggers
WHERE trigger_schema = %(schema)s AND CAST(trigger_name AS BINARY) > %(after)s
ORDER BY CAST(trigger_name AS BINARY) LIMIT %(limit)s

-- name: fired
SELECT trigger_name AS name, event_object_table AS `table`, event_manipulation AS event, action_timing AS timing,
       action_statement AS body, definer AS definer, sql_mode AS mode
FROM information_schema.triggers WHERE trigger_schema = %(schema)s AND trigger_name IN %(names)s
ORDER BY CAST(trigger_name AS BINARY)

-- name: event_names
SELECT event_name AS name FROM information_schema.events
WHERE event_schema = %(schema)s AND CAST(event_name AS BINARY) > %(after)s
ORDER BY CAST(event_name AS BINARY) LIMIT %(limit)s

-- name: events
SELECT event_name AS name, event_definition AS body, execute_at AS execute_at, interval_value AS interval_value,
       interval_field AS interval_field, status AS status,
       event_comment AS description, definer AS definer, sql_mode AS mode
FROM information_schema.events WHERE event_schema = %(schema)s AND event_name IN %(names)s
ORDER BY CAST(event_name AS BINARY)

-- name: logs
SELECT @@general_log = 1 AS general, @@slow_query_log = 1 AS slow, @@log_output LIKE '%%TABLE%%' AS tables,
       @@long_query_time AS slow_s, @@performance_schema = 1 AS counted

-- name: consumers
SELECT sum(name = 'statements_digest' AND enabled = 'YES') AS digests,
       sum(name = 'events_statements_history_long' AND enabled = 'YES') AS history
FROM performance_schema.setup_consumers

-- name: digests
SELECT schema_name AS `schema`, digest AS query_id, {text} AS `sql`, count_star AS calls, last_seen AS at
FROM performance_schema.events_statements_summary_by_digest
WHERE digest IS NOT NULL AND last_seen >= %(since)s ORDER BY last_seen, schema_name, digest

-- name: nested
SELECT h.current_schema AS `schema`, h.digest AS query_id, h.sql_text AS `sql`, h.object_type AS kind,
       h.object_schema AS routine_schema, h.object_name AS routine
FROM performance_schema.events_statements_history_long h
WHERE h.nesting_event_level > 0 AND h.object_name IS NOT NULL AND h.sql_text IS NOT NULL AND h.errors = 0
ORDER BY h.timer_start

-- name: general_log
SELECT event_time AS at, user_host AS user_host, thread_id AS thread_id, command_type AS command, argument AS argument
FROM mysql.general_log
WHERE command_type IN ('Connect', 'Init DB', 'Quit')
   OR (command_type IN ('Query', 'Execute') AND event_time > %(since)s)

-- name: slow_log
SELECT start_time AS at, user_host AS user_host, db AS `schema`, sql_text AS argument
FROM mysql.slow_log WHERE start_time > %(since)s

-- name: text_chars
SELECT @@performance_schema_max_sql_text_length AS chars
