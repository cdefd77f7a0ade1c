-- Larkspur, a web shop that never was: what its applications write. All people and figures are generated.
CREATE SCHEMA raw;
COMMENT ON SCHEMA raw IS 'Copies of the shop''s own databases, as they arrive';

CREATE TABLE raw.customers (
    id            bigint PRIMARY KEY,
    email         text NOT NULL,
    full_name     text NOT NULL,
    phone         text,
    birth_date    date,
    country_code  char(2) NOT NULL,
    marketing_ok  boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
COMMENT ON TABLE raw.customers IS 'One row for each account of the shop';
COMMENT ON COLUMN raw.customers.email IS 'Login address, as typed by the customer';
COMMENT ON COLUMN raw.customers.phone IS 'For the courier, in any format';

CREATE TABLE raw.addresses (
    id           bigint PRIMARY KEY,
    customer_id  bigint NOT NULL REFERENCES raw.customers (id),
    street       text NOT NULL,
    postal_code  text NOT NULL,
    city         text NOT NULL,
    country_code char(2) NOT NULL,
    is_default   boolean NOT NULL DEFAULT true
);
CREATE TABLE raw.categories (
    id        int PRIMARY KEY,
    name      text NOT NULL UNIQUE,
    parent_id int REFERENCES raw.categories (id)
);
CREATE TABLE raw.products (
    id          int PRIMARY KEY,
    sku         text NOT NULL UNIQUE,
    title       text NOT NULL,
    category_id int NOT NULL REFERENCES raw.categories (id),
    list_price  numeric(10, 2) NOT NULL CHECK (list_price > 0),
    unit_cost   numeric(10, 2) NOT NULL,
    attributes  jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE raw.orders (
    id          bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES raw.customers (id),
    address_id  bigint REFERENCES raw.addresses (id),
    status      text NOT NULL CHECK (status IN ('placed', 'paid', 'shipped', 'delivered', 'cancelled')),
    currency    char(3) NOT NULL,
    voucher     text,
    placed_at   timestamptz NOT NULL
);
CREATE INDEX orders_placed_at ON raw.orders (placed_at);
CREATE TABLE raw.order_items (
    order_id   bigint NOT NULL REFERENCES raw.orders (id),
    line_no    int NOT NULL,
    product_id int NOT NULL REFERENCES raw.products (id),
    quantity   int NOT NULL CHECK (quantity > 0),
    unit_price numeric(10, 2) NOT NULL,
    discount   numeric(10, 2) NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, line_no)
);
CREATE TABLE raw.payments (
    id         bigint PRIMARY KEY,
    order_id   bigint NOT NULL REFERENCES raw.orders (id),
    method     text NOT NULL,
    card_last4 char(4),
    iban       text,
    amount     numeric(12, 2) NOT NULL,
    currency   char(3) NOT NULL,
    paid_at    timestamptz NOT NULL
);
COMMENT ON COLUMN raw.payments.iban IS 'Only for bank transfers';
CREATE TABLE raw.refunds (
    id          bigint PRIMARY KEY,
    payment_id  bigint NOT NULL REFERENCES raw.payments (id),
    amount      numeric(12, 2) NOT NULL,
    reason      text,
    refunded_at timestamptz NOT NULL
);
CREATE TABLE raw.shipments (
    id           bigint PRIMARY KEY,
    order_id     bigint NOT NULL REFERENCES raw.orders (id),
    carrier      text NOT NULL,
    tracking_no  text NOT NULL,
    shipped_at   timestamptz NOT NULL,
    delivered_at timestamptz
);
CREATE TABLE raw.newsletter_signups (
    email     text NOT NULL,
    source    text NOT NULL,
    signed_at timestamptz NOT NULL
);
CREATE TABLE raw.fx_rates (
    currency char(3) NOT NULL,
    day      date NOT NULL,
    to_eur   numeric(12, 6) NOT NULL,
    PRIMARY KEY (currency, day)
);
CREATE TABLE raw.web_events (
    event_id    bigint NOT NULL,
    session_id  text NOT NULL,
    customer_id bigint,
    ip_address  inet,
    kind        text NOT NULL,
    page        text NOT NULL,
    product_id  int,
    at          timestamptz NOT NULL
) PARTITION BY RANGE (at);
CREATE TABLE raw.web_events_2026_07 PARTITION OF raw.web_events FOR VALUES FROM ('2026-07-01') TO ('2026-08-01');
CREATE TABLE raw.web_events_2026_08 PARTITION OF raw.web_events FOR VALUES FROM ('2026-08-01') TO ('2026-09-01');
CREATE TABLE raw.web_events_2026_09 PARTITION OF raw.web_events FOR VALUES FROM ('2026-09-01') TO ('2026-10-01');

CREATE FUNCTION raw.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER customers_touch BEFORE UPDATE ON raw.customers FOR EACH ROW EXECUTE FUNCTION raw.touch_updated_at();

SELECT setseed(0.42);
INSERT INTO raw.customers
SELECT n, 'customer' || n || '@example.' || (ARRAY['com', 'org', 'net'])[1 + n % 3],
       (ARRAY['Ada', 'Bela', 'Chidi', 'Dana', 'Emeka', 'Freya', 'Goran', 'Hana'])[1 + n % 8] || ' '
       || (ARRAY['Ahlberg', 'Banda', 'Castro', 'Dvorak', 'Endo', 'Fischer', 'Gupta'])[1 + n % 7],
       '+00 555 ' || lpad((n * 7919 % 1000000)::text, 6, '0'), date '1950-01-01' + (n * 37 % 20000)::int,
       (ARRAY['DE', 'FR', 'NL', 'SE', 'PL', 'GB', 'US'])[1 + n % 7], n % 3 = 0,
       timestamptz '2025-01-01 00:00Z' + (n % 540) * interval '1 day', timestamptz '2026-07-01 00:00Z'
FROM generate_series(1, 4000) n;
INSERT INTO raw.addresses
SELECT n, n, (1 + n % 199) || ' Heather Lane', lpad((n * 31 % 100000)::text, 5, '0'),
       (ARRAY['Northbrook', 'Eastholm', 'Westerveld', 'Sudbury'])[1 + n % 4],
       (ARRAY['DE', 'FR', 'NL', 'SE', 'PL', 'GB', 'US'])[1 + n % 7], true
FROM generate_series(1, 4000) n;
INSERT INTO raw.categories VALUES (1, 'Garden', NULL), (2, 'Kitchen', NULL), (3, 'Seeds', 1), (4, 'Tools', 1), (5, 'Pans', 2), (6, 'Knives', 2);
INSERT INTO raw.products
SELECT n, 'LK-' || lpad(n::text, 5, '0'), 'Larkspur item ' || n, 1 + n % 6, round((5 + random() * 120)::numeric, 2),
       round((2 + random() * 40)::numeric, 2), jsonb_build_object('weight_g', 100 + n % 900)
FROM generate_series(1, 300) n;
INSERT INTO raw.orders
SELECT n, 1 + (random() * 3999)::bigint, NULL, (ARRAY['paid', 'shipped', 'delivered', 'delivered', 'cancelled'])[1 + n % 5],
       (ARRAY['EUR', 'EUR', 'GBP', 'USD', 'SEK'])[1 + n % 5], CASE WHEN n % 11 = 0 THEN 'SPRING10' END,
       timestamptz '2026-07-01 00:00Z' + random() * interval '90 days'
FROM generate_series(1, 20000) n;
UPDATE raw.orders SET address_id = customer_id;
INSERT INTO raw.order_items
SELECT o.id, l, p.id, 1 + (o.id % 3)::int, p.list_price, CASE WHEN o.voucher IS NULL THEN 0 ELSE round(p.list_price * 0.1, 2) END
FROM raw.orders o, generate_series(1, 3) l
JOIN raw.products p ON p.id = 1 + (l * 97) % 300
WHERE l <= 1 + o.id % 3;
INSERT INTO raw.payments
SELECT o.id, o.id, (ARRAY['card', 'card', 'transfer', 'wallet'])[1 + o.id % 4],
       CASE WHEN o.id % 4 < 2 THEN lpad((o.id * 17 % 10000)::text, 4, '0') END,
       CASE WHEN o.id % 4 = 2 THEN 'XX00' || lpad(o.id::text, 14, '0') END,
       sum(i.quantity * i.unit_price - i.discount), o.currency, o.placed_at + interval '5 minutes'
FROM raw.orders o JOIN raw.order_items i ON i.order_id = o.id WHERE o.status <> 'cancelled' GROUP BY o.id;
INSERT INTO raw.refunds
SELECT id, id, round(amount / 2, 2), (ARRAY['damaged', 'late', 'changed mind'])[1 + id % 3], paid_at + interval '9 days'
FROM raw.payments WHERE id % 23 = 0;
INSERT INTO raw.shipments
SELECT o.id, o.id, (ARRAY['Swift', 'Parcelo', 'Northpost'])[1 + o.id % 3], 'TR' || o.id, o.placed_at + interval '1 day',
       CASE WHEN o.status = 'delivered' THEN o.placed_at + (2 + o.id % 5) * interval '1 day' END
FROM raw.orders o WHERE o.status IN ('shipped', 'delivered');
INSERT INTO raw.newsletter_signups
SELECT 'Customer' || n || '@Example.com', (ARRAY['footer', 'checkout', 'fair'])[1 + n % 3], timestamptz '2026-06-01 00:00Z' + n * interval '1 hour'
FROM generate_series(1, 1500) n;
INSERT INTO raw.fx_rates
SELECT c.code, day::date, c.rate FROM (VALUES ('EUR', 1.0), ('GBP', 1.17), ('USD', 0.92), ('SEK', 0.087)) c (code, rate),
       generate_series(date '2026-06-01', date '2026-10-31', interval '1 day') day;
INSERT INTO raw.web_events
SELECT n, 's' || n / 6, CASE WHEN n % 4 > 0 THEN 1 + (n / 6) % 4000 END, ('10.0.' || n % 250 || '.' || n / 7 % 250)::inet,
       (ARRAY['view', 'view', 'view', 'add_to_cart', 'checkout', 'purchase'])[1 + n % 6], '/p/' || 1 + n % 300, 1 + n % 300,
       timestamptz '2026-07-01 00:00Z' + (n * 130) * interval '1 second'
FROM generate_series(1, 60000) n;
ANALYZE;
