-- Facts and dimensions, rebuilt by core.load_all().
CREATE SCHEMA core;

CREATE TABLE core.dim_customer (
    customer_id bigint PRIMARY KEY, email text, full_name text, phone text, city text, country text,
    age_band text, is_subscriber boolean, registered_on date
);
COMMENT ON TABLE core.dim_customer IS 'One row for each customer, with the address in use now';
CREATE TABLE core.dim_product (
    product_id int PRIMARY KEY, sku text, title text, category text, department text, list_price numeric, margin numeric
);
CREATE TABLE core.dim_date (day date PRIMARY KEY, week date, month date, quarter text);
CREATE TABLE core.fct_order (
    order_id bigint PRIMARY KEY, customer_id bigint, order_date date, status text, gross_eur numeric, discount_eur numeric,
    revenue_eur numeric, refund_eur numeric, item_count bigint
);
COMMENT ON COLUMN core.fct_order.revenue_eur IS 'Net of discounts, before refunds, in euros at the day''s rate';
CREATE TABLE core.fct_order_item (
    order_id bigint, line_no int, product_id int, order_date date, quantity int, revenue_eur numeric, cost_eur numeric,
    PRIMARY KEY (order_id, line_no)
);
CREATE TABLE core.fct_payment (payment_id bigint PRIMARY KEY, order_id bigint, method text, amount_eur numeric, paid_on date);
CREATE TABLE core.fct_shipment (order_id bigint PRIMARY KEY, carrier text, shipped_on date, delivered_on date, transit_days numeric);
CREATE TABLE core.fct_session (session_id text PRIMARY KEY, customer_id bigint, day date, stage text);

CREATE FUNCTION core.age_band(birth_date date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN birth_date > date '2000-01-01' THEN 'under 26' WHEN birth_date > date '1975-01-01' THEN '26 to 50' ELSE 'over 50' END
$$;

CREATE PROCEDURE core.load_dimensions() LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE core.dim_customer, core.dim_product, core.dim_date;
    INSERT INTO core.dim_customer (customer_id, email, full_name, phone, city, country, age_band, is_subscriber, registered_on)
    SELECT c.customer_id, c.email, c.full_name, c.phone, a.city, coalesce(a.country, c.country), core.age_band(c.birth_date),
           n.email IS NOT NULL, c.registered_on
    FROM staging.customers c
    LEFT JOIN staging.addresses a USING (customer_id)
    LEFT JOIN staging.newsletter n ON n.email = c.email;
    INSERT INTO core.dim_product
    SELECT product_id, sku, title, category, department, list_price, list_price - unit_cost FROM staging.products;
    INSERT INTO core.dim_date
    SELECT DISTINCT order_date, date_trunc('week', order_date)::date, date_trunc('month', order_date)::date,
           to_char(order_date, 'YYYY"Q"Q')
    FROM staging.orders;
END $$;

CREATE PROCEDURE core.load_facts(since date) LANGUAGE plpgsql AS $$
DECLARE
    loaded bigint;
BEGIN
    CREATE TEMP TABLE line ON COMMIT DROP AS
    SELECT o.order_id, i.line_no, i.product_id, o.customer_id, o.order_date, o.status, i.quantity,
           i.quantity * i.unit_price * o.to_eur AS gross_eur, i.discount * o.to_eur AS discount_eur,
           i.net_amount * o.to_eur AS revenue_eur
    FROM staging.orders o JOIN staging.order_items i USING (order_id)
    WHERE o.order_date >= since;

    DELETE FROM core.fct_order_item WHERE order_date >= since;
    INSERT INTO core.fct_order_item (order_id, line_no, product_id, order_date, quantity, revenue_eur, cost_eur)
    SELECT l.order_id, l.line_no, l.product_id, l.order_date, l.quantity, l.revenue_eur, l.quantity * p.unit_cost
    FROM line l JOIN staging.products p USING (product_id);

    MERGE INTO core.fct_order AS f
    USING (
        SELECT l.order_id, l.customer_id, l.order_date, l.status, sum(l.gross_eur) AS gross_eur, sum(l.discount_eur) AS discount_eur,
               sum(l.revenue_eur) AS revenue_eur, coalesce(max(r.refund_eur), 0) AS refund_eur, count(*) AS item_count
        FROM line l LEFT JOIN (SELECT order_id, sum(refund_eur) AS refund_eur FROM staging.refunds GROUP BY order_id) r USING (order_id)
        GROUP BY l.order_id, l.customer_id, l.order_date, l.status
    ) AS s ON f.order_id = s.order_id
    WHEN MATCHED THEN UPDATE SET status = s.status, revenue_eur = s.revenue_eur, refund_eur = s.refund_eur
    WHEN NOT MATCHED THEN INSERT (order_id, customer_id, order_date, status, gross_eur, discount_eur, revenue_eur, refund_eur, item_count)
    VALUES (s.order_id, s.customer_id, s.order_date, s.status, s.gross_eur, s.discount_eur, s.revenue_eur, s.refund_eur, s.item_count);

    TRUNCATE core.fct_payment, core.fct_shipment, core.fct_session;
    INSERT INTO core.fct_payment SELECT payment_id, order_id, method, amount_eur, paid_at::date FROM staging.payments;
    INSERT INTO core.fct_shipment
    SELECT order_id, carrier, shipped_at::date, delivered_at::date, extract(epoch FROM transit) / 86400 FROM staging.shipments;
    INSERT INTO core.fct_session
    SELECT session_id, customer_id, started_at::date,
           CASE WHEN purchased THEN 'purchase' WHEN checked_out THEN 'checkout' WHEN added_to_cart THEN 'cart' ELSE 'view' END
    FROM staging.web_sessions;
    GET DIAGNOSTICS loaded = ROW_COUNT;
    RAISE DEBUG 'sessions loaded: %', loaded;
END $$;

CREATE PROCEDURE core.load_all() LANGUAGE plpgsql AS $$
BEGIN
    CALL core.load_dimensions();
    CALL core.load_facts(date '2026-07-01');
END $$;
CALL core.load_all();
