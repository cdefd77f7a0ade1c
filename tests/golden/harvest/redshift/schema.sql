SET allow_system_table_mods = on;
CREATE SCHEMA core;
CREATE SCHEMA lake;
CREATE SCHEMA shop_pg;
CREATE TABLE core.customers (id int PRIMARY KEY, email varchar(200) UNIQUE, "Since" date DEFAULT current_date);
CREATE TABLE core.orders (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES core.customers (id), total numeric(12, 2), placed_at timestamp);
COMMENT ON TABLE core.orders IS 'One row for each order';
COMMENT ON COLUMN core.orders.total IS 'In euros';
CREATE VIEW core.big_orders AS SELECT o.id, c.email, o.total * 2 AS doubled FROM core.orders o JOIN core.customers c ON c.id = o.customer_id WHERE o.total > 100;
CREATE VIEW core.daily AS SELECT placed_at::date AS day, sum(total) AS revenue FROM core.orders GROUP BY 1;
CREATE VIEW core.clicks_by_user AS SELECT 1 AS nothing;
INSERT INTO pg_rs.mv VALUES (current_database(), 'core', 'daily', false, true);
INSERT INTO pg_rs.late VALUES
 ('core', 'clicks_by_user', 'user_id', 'integer', 1, 'create view core.clicks_by_user as select user_id, count(*) as clicks from lake.clicks group by 1 with no schema binding;'),
 ('core', 'clicks_by_user', 'clicks', 'bigint', 2, NULL);
INSERT INTO pg_rs.columns VALUES ('core', 'orders', 'id', 'az64', false, 2), ('core', 'orders', 'customer_id', 'az64', true, 0),
 ('core', 'orders', 'placed_at', 'none', false, 1), ('core', 'orders', 'total', 'zstd', false, 0);
INSERT INTO pg_rs.statistics VALUES ('core.orders', 'KEY(customer_id)', 'placed_at', 12, 1000), ('core.customers', 'AUTO(ALL)', NULL, 1, 10);
INSERT INTO pg_rs.external_schemas VALUES
 ('lake', 1, 'clickstream', '{"REGION":"eu-west-1","IAM_ROLE":"arn:aws:iam::123456789012:role/spectrum"}'),
 ('shop_pg', 3, 'shop', '{"SCHEMA":"public","URI":"DB.example.com","PORT":5432,"SECRET_ARN":"arn:aws:secretsmanager:x:secret:s3cret"}');
INSERT INTO pg_rs.external_tables VALUES
 (current_database(), 'lake', 'clicks', 's3://lake-bucket/clicks/', 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'),
 (current_database(), 'shop_pg', 'payments', '', NULL);
INSERT INTO pg_rs.external_columns VALUES (current_database(), 'lake', 'clicks', 'user_id', 'int', 1, 0, NULL),
 (current_database(), 'lake', 'clicks', 'day', 'date', 2, 1, NULL), (current_database(), 'shop_pg', 'payments', 'amount', 'decimal(8,2)', 1, 0, 'true');
INSERT INTO pg_rs.datashare_objects VALUES ('OUTBOUND', 'partners', 'table', 'core.orders');
INSERT INTO pg_rs.datashares VALUES ('weather', 'INBOUND', 'weather_db', '210987654321', 'b4c0ffee-0000');
INSERT INTO pg_rs.shared_columns VALUES ('weather_db', 'public', 'stations', 'id', 1, 'integer', 'NO', NULL),
 ('weather_db', 'public', 'stations', 'name', 2, 'character varying(80)', 'YES', 'Of the station');
INSERT INTO pg_rs.users VALUES ('postgres', true, 'RESTRICTED'), ('weak', false, 'RESTRICTED');
CREATE PROCEDURE core.refresh_big(since date) LANGUAGE plpgsql AS $$BEGIN INSERT INTO core.customers (id) SELECT customer_id FROM core.orders WHERE placed_at > since; END$$;
CREATE FUNCTION core.with_tax(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$SELECT $1 * 1.19$$;

CREATE FUNCTION pg_rs.ran(id bigint, sql text, kind text, who text DEFAULT 'postgres', at timestamp DEFAULT (date_trunc('day', now() at time zone 'utc') - interval '12 hours'))
RETURNS void LANGUAGE sql AS $$
 INSERT INTO pg_rs.query SELECT coalesce((SELECT usesysid::int FROM pg_user WHERE usename = who), -1), id, '', current_database(), kind, 'success', at + id * interval '1 second';
 INSERT INTO pg_rs.query_text SELECT id, n, substr(replace(sql, E'\n', '\n'), n * 4000 + 1, 4000) FROM generate_series(0, length(sql) / 4000) n;
$$;
SELECT pg_rs.ran(1, $$INSERT INTO core.customers (id, email) SELECT id, 'x' FROM core.orders
WHERE total > 5$$, 'INSERT');
SELECT pg_rs.ran(2, $$INSERT INTO core.customers (id, email) SELECT id, 'y' FROM core.orders
WHERE total > 7$$, 'INSERT');
SELECT pg_rs.ran(3, $$COPY core.orders FROM 's3://landing/orders/' CREDENTIALS 'aws_access_key_id=AKIA;aws_secret_access_key=s3cret-canary' FORMAT AS PARQUET$$, 'COPY');
SELECT pg_rs.ran(4, $$UNLOAD ('select id, total from core.orders') TO 's3://out/orders_' IAM_ROLE default$$, 'UNLOAD');
SELECT pg_rs.ran(5, 'SELECT ' || repeat('o.id + ', 900) || '0 AS sum FROM core.orders o', 'SELECT');
SELECT pg_rs.ran(6, 'SELECT count(*) FROM svv_table_info', 'SELECT');
SELECT pg_rs.ran(8, 'CREATE TABLE core.recent AS SELECT id, total FROM core.orders', 'CTAS', 'nobody');
