-- Redshift's catalogue on a PostgreSQL: its views over tables of `pg_rs`, whose contents are ours where PostgreSQL has none.
SET allow_system_table_mods = on;
CREATE SCHEMA pg_rs;

CREATE TABLE pg_rs.columns (schema_name text, table_name text, column_name text, encoding text, distkey bool, sortkey int);
CREATE TABLE pg_rs.late (view_schema name, view_name name, col_name name, col_type varchar, col_num int, definition text);
CREATE TABLE pg_rs.mv (database_name text, schema_name text, name text, is_stale bool, autorefresh bool);
CREATE TABLE pg_rs.external_schemas (schemaname text, eskind int, databasename text, esoptions text);
CREATE TABLE pg_rs.external_tables (redshift_database_name text, schemaname text, tablename text, location text, input_format text);
CREATE TABLE pg_rs.external_columns (redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum int, part_key int, is_nullable text);
CREATE TABLE pg_rs.statistics (table_name text, diststyle text, sortkey1 text, size bigint, tbl_rows bigint);
CREATE TABLE pg_rs.datashares (share_name text, share_type text, consumer_database text, producer_account text, producer_namespace text);
CREATE TABLE pg_rs.datashare_objects (share_type text, share_name text, object_type text, object_name text);
CREATE TABLE pg_rs.shared_columns (database_name text, schema_name text, table_name text, column_name text, ordinal_position int, data_type text, is_nullable text, remarks text);
CREATE TABLE pg_rs.users (user_name text, superuser bool, syslog_access text);
CREATE TABLE pg_rs.query (user_id int, query_id bigint, query_label text, database_name text, query_type text, status text, start_time timestamp);
CREATE TABLE pg_rs.query_text (query_id bigint, sequence int, text text);

CREATE VIEW pg_catalog.svv_user_info AS SELECT user_name, superuser, syslog_access FROM pg_rs.users;
CREATE VIEW pg_catalog.svv_redshift_columns AS
SELECT current_database()::text AS database_name, n.nspname::text AS schema_name, c.relname::text AS table_name,
       a.attname::text AS column_name, a.attnum::int AS ordinal_position, format_type(a.atttypid, a.atttypmod) AS data_type,
       pg_get_expr(d.adbin, d.adrelid) AS column_default, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable,
       coalesce(r.encoding, 'none') AS encoding, coalesce(r.distkey, false) AS distkey, coalesce(r.sortkey, 0) AS sortkey,
       col_description(c.oid, a.attnum) AS remarks
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_rs.columns r ON r.schema_name = n.nspname AND r.table_name = c.relname AND r.column_name = a.attname
WHERE c.relkind IN ('r', 'v') AND NOT EXISTS (SELECT FROM pg_rs.late l WHERE l.view_schema = n.nspname AND l.view_name = c.relname);
CREATE FUNCTION pg_catalog.pg_get_late_binding_view_cols() RETURNS SETOF record LANGUAGE sql STABLE AS
'SELECT view_schema, view_name, col_name, col_type, col_num FROM pg_rs.late WHERE col_name IS NOT NULL';
CREATE VIEW pg_catalog.svv_mv_info AS SELECT * FROM pg_rs.mv;
CREATE VIEW pg_catalog.svv_external_schemas AS SELECT * FROM pg_rs.external_schemas;
CREATE VIEW pg_catalog.svv_external_tables AS SELECT * FROM pg_rs.external_tables;
CREATE VIEW pg_catalog.svv_external_columns AS SELECT * FROM pg_rs.external_columns;
CREATE VIEW pg_catalog.svv_table_info AS
SELECT c.oid AS table_id, s.diststyle, s.sortkey1, s.size, s.tbl_rows::numeric
FROM pg_rs.statistics s JOIN pg_namespace n ON s.table_name LIKE n.nspname || '.%'
JOIN pg_class c ON c.relnamespace = n.oid AND n.nspname || '.' || c.relname = s.table_name;
CREATE VIEW pg_catalog.svv_datashares AS SELECT * FROM pg_rs.datashares;
CREATE VIEW pg_catalog.svv_datashare_objects AS SELECT * FROM pg_rs.datashare_objects;
CREATE VIEW pg_catalog.svv_all_columns AS SELECT * FROM pg_rs.shared_columns;
CREATE VIEW pg_catalog.svv_all_tables AS SELECT DISTINCT database_name, schema_name, table_name FROM pg_rs.shared_columns;
CREATE VIEW pg_catalog.pg_proc_info AS SELECT * FROM pg_proc;
CREATE VIEW pg_catalog.sys_query_history AS SELECT * FROM pg_rs.query;
CREATE VIEW pg_catalog.sys_query_text AS SELECT query_id, sequence, text::char(4000) AS text FROM pg_rs.query_text;
-- A late-binding view is a plain one here; its text is ours.
ALTER FUNCTION pg_catalog.pg_get_viewdef(oid) RENAME TO pg_get_viewdef_plain;
CREATE FUNCTION pg_catalog.pg_get_viewdef(oid) RETURNS text LANGUAGE sql STABLE AS
'SELECT coalesce((SELECT max(l.definition) FROM pg_rs.late l JOIN pg_namespace n ON n.nspname = l.view_schema
                  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = l.view_name WHERE c.oid = $1),
                 pg_get_viewdef_plain($1))';
GRANT SELECT ON pg_catalog.svv_user_info, pg_catalog.svv_redshift_columns, pg_catalog.svv_mv_info, pg_catalog.svv_external_schemas,
  pg_catalog.svv_external_tables, pg_catalog.svv_external_columns, pg_catalog.svv_datashares, pg_catalog.svv_datashare_objects,
  pg_catalog.svv_all_columns, pg_catalog.svv_all_tables, pg_catalog.pg_proc_info, pg_catalog.sys_query_history,
  pg_catalog.sys_query_text TO public;
GRANT SELECT ON pg_rs.late TO public;
GRANT USAGE ON SCHEMA pg_rs TO public;
