-- One of everything that the PostgreSQL connector reads. Applied to an empty database `shop`.
CREATE EXTENSION pg_stat_statements SCHEMA public;
CREATE EXTENSION postgres_fdw SCHEMA public;
CREATE SCHEMA raw;
CREATE SCHEMA core;
CREATE SCHEMA "Marts";
COMMENT ON SCHEMA core IS 'Cleaned';

CREATE TYPE core.status AS ENUM ('new', 'paid', 'sent');
CREATE DOMAIN core.email AS text CHECK (VALUE ~ '@');

CREATE TABLE core.customers (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email core.email NOT NULL,
    first_name varchar(80),
    last_name text NOT NULL DEFAULT 'unknown',
    full_name text GENERATED ALWAYS AS (first_name || ' ' || last_name) STORED,
    "Birth Day" date,
    CONSTRAINT customers_email UNIQUE (email),
    CONSTRAINT customers_adult CHECK ("Birth Day" < date '2010-01-01')
);
COMMENT ON TABLE core.customers IS 'People who bought something';
COMMENT ON COLUMN core.customers.email IS 'Where invoices go';
CREATE INDEX customers_by_name ON core.customers (lower(last_name)) WHERE first_name IS NOT NULL;

CREATE TABLE core.orders (
    id bigserial,
    customer_id integer NOT NULL REFERENCES core.customers (id) ON DELETE CASCADE,
    ordered_at timestamptz NOT NULL,
    status core.status DEFAULT 'new',
    amount numeric(12, 2),
    tags text[],
    PRIMARY KEY (id, ordered_at)
) PARTITION BY RANGE (ordered_at);
CREATE TABLE core.orders_2025 PARTITION OF core.orders FOR VALUES FROM ('2025-01-01+00') TO ('2026-01-01+00');
CREATE TABLE core.orders_2026 PARTITION OF core.orders FOR VALUES FROM ('2026-01-01+00') TO ('2027-01-01+00')
    PARTITION BY RANGE (ordered_at);
CREATE TABLE core.orders_2026_h1 PARTITION OF core.orders_2026 FOR VALUES FROM ('2026-01-01+00') TO ('2026-07-01+00');
CREATE TABLE core.order_log (order_id bigint, at timestamptz DEFAULT now());

CREATE FUNCTION core.note_order() RETURNS trigger LANGUAGE plpgsql SET search_path = core, pg_temp AS $$
BEGIN
    INSERT INTO order_log (order_id) VALUES (NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER note_order AFTER INSERT ON core.orders FOR EACH ROW EXECUTE FUNCTION core.note_order();

CREATE TABLE raw.orders (id text, customer text, ordered_at text, amount text);
COMMENT ON COLUMN raw.orders.amount IS 'In cents, as text';

CREATE PROCEDURE core.load_orders(since date, INOUT loaded integer DEFAULT 0) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core.orders (customer_id, ordered_at, amount)
    SELECT customer::integer, o.ordered_at::timestamptz, o.amount::numeric / 100
    FROM raw.orders o WHERE o.ordered_at::date >= since;
    GET DIAGNOSTICS loaded = ROW_COUNT;
END $$;
COMMENT ON PROCEDURE core.load_orders(date, integer) IS 'Every night';
CREATE FUNCTION core.net(gross numeric) RETURNS numeric IMMUTABLE RETURN gross / 1.19;

CREATE VIEW core.v_paid AS
SELECT o.id, c.full_name AS customer, core.net(o.amount) AS net
FROM core.orders o JOIN core.customers c ON c.id = o.customer_id WHERE o.status = 'paid';
COMMENT ON VIEW core.v_paid IS 'Paid orders';
CREATE MATERIALIZED VIEW "Marts"."Revenue by Day" AS
SELECT ordered_at::date AS day, sum(amount) AS revenue, count(*) FILTER (WHERE status = 'paid') AS paid
FROM core.orders GROUP BY 1;
CREATE UNIQUE INDEX revenue_day ON "Marts"."Revenue by Day" (day);

CREATE SERVER crm FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'crm.example.com', port '5433', dbname 'crm');
CREATE FOREIGN TABLE raw.contacts (id integer, mail text OPTIONS (column_name 'email_address'))
    SERVER crm OPTIONS (schema_name 'public', table_name 'contact', fetch_size '10');

INSERT INTO core.customers (email, first_name, last_name) SELECT 'c' || n || '@x.org', 'F', 'L' FROM generate_series(1, 50) n;
INSERT INTO core.orders (customer_id, ordered_at, amount) SELECT 1 + n % 50, '2025-03-01'::timestamptz + n * interval '1 hour', n FROM generate_series(1, 200) n;
ANALYZE core.customers;
ANALYZE core.orders_2025;
ANALYZE core.orders_2026_h1;

SELECT pg_stat_statements_reset();
INSERT INTO raw.orders VALUES ('1', '1', '2025-05-01', '1200');
CALL core.load_orders('2025-01-01');
CREATE TABLE "Marts".top_customers AS SELECT customer_id, sum(amount) AS spent FROM core.orders GROUP BY 1 LIMIT 10;
UPDATE "Marts".top_customers SET spent = spent * 2 WHERE customer_id = 7;
SELECT count(*) FROM core.orders;
