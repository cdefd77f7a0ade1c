-- What the SQL Server connector asks (SQL Server 2016 and newer, Azure SQL). The views of the schema `sys` show what
-- the account may see; texts are null where it has no VIEW DEFINITION. Times are asked as ISO 8601 text.

-- name: session
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
       CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition, SUSER_SNAME() AS account,
       CONVERT(varchar(40), SYSDATETIMEOFFSET(), 126) AS now_

-- name: databases
SELECT d.name AS name, HAS_DBACCESS(d.name) AS allowed
FROM sys.databases d WHERE d.state = 0 AND d.name NOT IN ('master', 'model', 'msdb', 'tempdb') ORDER BY d.name

-- name: schemas
SELECT s.name AS name FROM sys.schemas s
WHERE s.schema_id < 16384 AND s.name NOT IN ('sys', 'INFORMATION_SCHEMA', 'guest') ORDER BY s.name

-- name: rights
SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') AS definitions,
       HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DATABASE STATE') AS state_

-- name: objects
SELECT TOP (%(limit)d) o.object_id AS id, s.name AS schema_name, o.name AS name
FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0 AND o.type IN ({types}) AND {schemas}
  AND (s.name > %(after_schema)s OR (s.name = %(after_schema)s AND o.name > %(after)s))
ORDER BY s.name, o.name

-- name: datasets
SELECT o.object_id AS id, s.name AS schema_name, o.name AS name, RTRIM(o.type) AS type, u.name AS owner,
       m.definition AS definition, CASE WHEN m.object_id IS NULL THEN 0 ELSE 1 END AS has_module,
       y.base_object_name AS base, t.temporal_type_desc AS temporal, h.name AS history, hs.name AS history_schema,
       t.is_memory_optimized AS in_memory, e.name AS source_name, x.location AS location
FROM sys.objects o
JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.database_principals u ON u.principal_id = COALESCE(o.principal_id, s.principal_id)
LEFT JOIN sys.sql_modules m ON m.object_id = o.object_id
LEFT JOIN sys.synonyms y ON y.object_id = o.object_id
LEFT JOIN sys.tables t ON t.object_id = o.object_id
LEFT JOIN sys.tables h ON h.object_id = t.history_table_id
LEFT JOIN sys.schemas hs ON hs.schema_id = h.schema_id
LEFT JOIN sys.external_tables x ON x.object_id = o.object_id
LEFT JOIN sys.external_data_sources e ON e.data_source_id = x.data_source_id
WHERE o.object_id IN ({ids}) ORDER BY s.name, o.name

-- name: columns
SELECT c.object_id AS id, c.name AS name, t.name AS type, ts.name AS type_schema, t.is_user_defined AS own_type,
       c.max_length AS max_length, c.precision AS precision_, c.scale AS scale, c.is_nullable AS nullable,
       c.is_identity AS is_identity, d.definition AS default_, k.definition AS computed, m.masking_function AS mask,
       c.generated_always_type_desc AS generated_always
FROM sys.columns c
JOIN sys.types t ON t.user_type_id = c.user_type_id
JOIN sys.schemas ts ON ts.schema_id = t.schema_id
LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id
LEFT JOIN sys.computed_columns k ON k.object_id = c.object_id AND k.column_id = c.column_id
LEFT JOIN sys.masked_columns m ON m.object_id = c.object_id AND m.column_id = c.column_id
WHERE c.object_id IN ({ids}) ORDER BY c.object_id, c.column_id

-- name: properties
SELECT p.major_id AS id, c.name AS field, p.name AS name, CAST(p.value AS nvarchar(4000)) AS value
FROM sys.extended_properties p
LEFT JOIN sys.columns c ON c.object_id = p.major_id AND c.column_id = p.minor_id
WHERE p.class = 1 AND p.major_id IN ({ids}) ORDER BY p.major_id, p.minor_id, p.name

-- name: labels
SELECT l.major_id AS id, c.name AS field, CAST(l.label AS nvarchar(4000)) AS label,
       CAST(l.information_type AS nvarchar(4000)) AS information_type
FROM sys.sensitivity_classifications l
JOIN sys.columns c ON c.object_id = l.major_id AND c.column_id = l.minor_id
WHERE l.class = 1 AND l.major_id IN ({ids}) ORDER BY l.major_id, l.minor_id

-- name: indexes
SELECT i.object_id AS id, i.name AS name, i.type_desc AS type, i.is_unique AS is_unique, i.is_primary_key AS is_primary,
       i.is_unique_constraint AS is_constraint, i.filter_definition AS filter, c.name AS field,
       x.is_descending_key AS descending, x.is_included_column AS included
FROM sys.indexes i
JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id
WHERE i.object_id IN ({ids}) AND i.name IS NOT NULL AND i.is_hypothetical = 0
ORDER BY i.object_id, i.name, x.is_included_column, x.key_ordinal, x.index_column_id

-- name: foreign_keys
SELECT k.parent_object_id AS id, k.name AS name, c.name AS field, rs.name AS to_schema, r.name AS to_table,
       rc.name AS to_field
FROM sys.foreign_keys k
JOIN sys.foreign_key_columns f ON f.constraint_object_id = k.object_id
JOIN sys.columns c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
JOIN sys.objects r ON r.object_id = f.referenced_object_id
JOIN sys.schemas rs ON rs.schema_id = r.schema_id
JOIN sys.columns rc ON rc.object_id = f.referenced_object_id AND rc.column_id = f.referenced_column_id
WHERE k.parent_object_id IN ({ids}) ORDER BY k.parent_object_id, k.name, f.constraint_column_id

-- name: checks
SELECT k.parent_object_id AS id, k.name AS name, k.definition AS definition
FROM sys.check_constraints k WHERE k.parent_object_id IN ({ids}) ORDER BY k.parent_object_id, k.name

-- name: triggers
SELECT t.parent_id AS id, t.name AS name, m.definition AS definition
FROM sys.triggers t LEFT JOIN sys.sql_modules m ON m.object_id = t.object_id
WHERE t.parent_class = 1 AND t.is_ms_shipped = 0 AND t.parent_id IN ({ids}) ORDER BY t.parent_id, t.name

-- name: sizes
SELECT p.object_id AS id, SUM(p.rows) AS row_count, COUNT(*) AS parts
FROM sys.partitions p WHERE p.index_id IN (0, 1) AND p.object_id IN ({ids}) GROUP BY p.object_id

-- name: bytes
SELECT p.object_id AS id, SUM(a.total_pages) * 8192 AS size_bytes
FROM sys.partitions p JOIN sys.allocation_units a ON a.container_id = p.partition_id
WHERE p.object_id IN ({ids}) GROUP BY p.object_id

-- name: partitions
SELECT i.object_id AS id, c.name AS field, f.name AS function_name, f.boundary_value_on_right AS on_right,
       v.boundary_id AS number, CAST(v.value AS nvarchar(4000)) AS value
FROM sys.indexes i
JOIN sys.partition_schemes s ON s.data_space_id = i.data_space_id
JOIN sys.partition_functions f ON f.function_id = s.function_id
JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id AND x.partition_ordinal = 1
JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id
LEFT JOIN sys.partition_range_values v ON v.function_id = f.function_id
WHERE i.index_id IN (0, 1) AND i.object_id IN ({ids}) ORDER BY i.object_id, v.boundary_id

-- name: reads
SELECT d.referencing_id AS id, d.referenced_server_name AS server_name, d.referenced_database_name AS database_name,
       COALESCE(d.referenced_schema_name, s.name) AS schema_name, d.referenced_entity_name AS name
FROM sys.sql_expression_dependencies d
JOIN sys.objects o ON o.object_id = d.referencing_id
JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.objects r ON r.object_id = d.referenced_id
WHERE d.referencing_id IN ({ids}) AND d.referencing_minor_id = 0 AND d.referenced_class = 1
  AND (r.type IS NULL OR r.type IN ('U', 'V', 'SN', 'ET'))
ORDER BY d.referencing_id, d.referenced_database_name, d.referenced_schema_name, d.referenced_entity_name

-- name: bases
SELECT y.object_id AS id, OBJECT_ID(y.base_object_name) AS base_id FROM sys.synonyms y WHERE y.object_id IN ({ids})

-- name: servers
SELECT v.name AS name, v.data_source AS data_source FROM sys.servers v WHERE v.is_linked = 1

-- name: jobs
SELECT o.object_id AS id, s.name AS schema_name, o.name AS name, RTRIM(o.type) AS type, u.name AS owner,
       m.definition AS definition, CAST(p.value AS nvarchar(4000)) AS description
FROM sys.objects o
JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.database_principals u ON u.principal_id = COALESCE(o.principal_id, s.principal_id)
LEFT JOIN sys.sql_modules m ON m.object_id = o.object_id
LEFT JOIN sys.extended_properties p
       ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = 0 AND p.name = 'MS_Description'
WHERE o.object_id IN ({ids}) ORDER BY s.name, o.name

-- name: store_state
SELECT q.actual_state AS actual_state FROM sys.database_query_store_options q

-- name: store
SELECT q.query_id AS query_id, q.object_id AS object_id, t.query_sql_text AS sql_text,
       CONVERT(varchar(33), MIN(i.start_time), 126) AS at, SUM(r.count_executions) AS calls
FROM sys.query_store_runtime_stats r
JOIN sys.query_store_runtime_stats_interval i ON i.runtime_stats_interval_id = r.runtime_stats_interval_id
JOIN sys.query_store_plan p ON p.plan_id = r.plan_id
JOIN sys.query_store_query q ON q.query_id = p.query_id
JOIN sys.query_store_query_text t ON t.query_text_id = q.query_text_id
WHERE r.execution_type = 0 AND q.is_internal_query = 0
  AND i.end_time > CAST(%(since)s AS datetimeoffset) AND i.end_time <= CAST(%(until)s AS datetimeoffset)
GROUP BY q.query_id, q.object_id, t.query_sql_text, CAST(i.start_time AS date)
ORDER BY at, query_id

-- name: cached
SELECT CONVERT(varchar(33), s.last_execution_time, 126) AS at, s.execution_count AS calls,
       SUBSTRING(t.text, s.statement_start_offset / 2 + 1,
                 (CASE s.statement_end_offset WHEN -1 THEN DATALENGTH(t.text)
                  ELSE s.statement_end_offset END - s.statement_start_offset) / 2 + 1) AS sql_text,
       t.objectid AS object_id, CONVERT(varchar(20), s.query_hash, 1) AS query_id
FROM sys.dm_exec_query_stats s CROSS APPLY sys.dm_exec_sql_text(s.sql_handle) t
WHERE (t.dbid = DB_ID() OR t.dbid IS NULL) AND s.last_execution_time > CAST(%(since)s AS datetime)
ORDER BY at

-- name: agent_steps
SELECT j.name AS job, s.step_name AS step, s.step_id AS number, s.subsystem AS subsystem, s.command AS command,
       s.database_name AS database_name, j.description AS description, SUSER_SNAME(j.owner_sid) AS owner
FROM dbo.sysjobs j JOIN dbo.sysjobsteps s ON s.job_id = j.job_id
WHERE j.enabled = 1 ORDER BY j.name, s.step_id

-- name: agent_runs
SELECT h.instance_id AS id, j.name AS job, h.step_id AS number, h.run_date AS run_date, h.run_time AS run_time,
       h.run_status AS status
FROM dbo.sysjobhistory h JOIN dbo.sysjobs j ON j.job_id = h.job_id
WHERE h.step_id > 0 AND h.instance_id > %(since)d AND h.run_status IN (0, 1) ORDER BY h.instance_id

-- name: agent_rights
SELECT HAS_PERMS_BY_NAME('dbo.sysjobs', 'OBJECT', 'SELECT') AS jobs,
       HAS_PERMS_BY_NAME('dbo.sysjobhistory', 'OBJECT', 'SELECT') AS history
