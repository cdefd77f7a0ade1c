-- Cleaned, one view for each raw table: names, types and units that the rest may rely on.
CREATE SCHEMA staging;

CREATE VIEW staging.customers AS
SELECT id AS customer_id, lower(trim(email)) AS email, full_name, regexp_replace(phone, '[^0-9+]', '', 'g') AS phone,
       birth_date, country_code AS country, marketing_ok, created_at::date AS registered_on
FROM raw.customers;
CREATE VIEW staging.addresses AS
SELECT customer_id, street, postal_code, city, country_code AS country FROM raw.addresses WHERE is_default;
CREATE VIEW staging.products AS
SELECT p.id AS product_id, p.sku, p.title, c.name AS category, coalesce(parent.name, c.name) AS department,
       p.list_price, p.unit_cost, (p.attributes ->> 'weight_g')::int AS weight_g
FROM raw.products p
JOIN raw.categories c ON c.id = p.category_id
LEFT JOIN raw.categories parent ON parent.id = c.parent_id;
CREATE VIEW staging.fx AS SELECT currency, day, to_eur FROM raw.fx_rates;
CREATE VIEW staging.orders AS
SELECT o.id AS order_id, o.customer_id, o.status, o.currency, fx.to_eur, o.voucher, o.placed_at, o.placed_at::date AS order_date
FROM raw.orders o
JOIN raw.fx_rates fx ON fx.currency = o.currency AND fx.day = o.placed_at::date;
CREATE VIEW staging.order_items AS
SELECT i.order_id, i.line_no, i.product_id, i.quantity, i.unit_price, i.discount,
       i.quantity * i.unit_price - i.discount AS net_amount
FROM raw.order_items i;
CREATE VIEW staging.payments AS
SELECT p.id AS payment_id, p.order_id, p.method, p.card_last4, p.iban, p.amount, p.amount * fx.to_eur AS amount_eur, p.paid_at
FROM raw.payments p
JOIN raw.fx_rates fx ON fx.currency = p.currency AND fx.day = p.paid_at::date;
CREATE VIEW staging.refunds AS
SELECT r.id AS refund_id, p.order_id, r.amount * fx.to_eur AS refund_eur, r.reason, r.refunded_at
FROM raw.refunds r
JOIN raw.payments p ON p.id = r.payment_id
JOIN raw.fx_rates fx ON fx.currency = p.currency AND fx.day = p.paid_at::date;
CREATE VIEW staging.shipments AS
SELECT order_id, carrier, shipped_at, delivered_at, delivered_at - shipped_at AS transit FROM raw.shipments;
CREATE VIEW staging.web_sessions AS
SELECT session_id, max(customer_id) AS customer_id, min(at) AS started_at, count(*) AS events,
       bool_or(kind = 'add_to_cart') AS added_to_cart, bool_or(kind = 'checkout') AS checked_out,
       bool_or(kind = 'purchase') AS purchased
FROM raw.web_events GROUP BY session_id;
CREATE VIEW staging.newsletter AS
SELECT DISTINCT ON (lower(email)) lower(email) AS email, source, signed_at FROM raw.newsletter_signups ORDER BY lower(email), signed_at;
