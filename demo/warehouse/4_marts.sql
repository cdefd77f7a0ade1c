-- What people read.
CREATE SCHEMA marts;

CREATE MATERIALIZED VIEW marts.daily_revenue AS
SELECT o.order_date, d.month, c.country, sum(o.revenue_eur) AS revenue_eur, sum(o.refund_eur) AS refund_eur,
       sum(o.revenue_eur) - sum(o.refund_eur) AS net_revenue_eur, count(*) AS orders
FROM core.fct_order o
JOIN core.dim_customer c USING (customer_id)
JOIN core.dim_date d ON d.day = o.order_date
WHERE o.status <> 'cancelled'
GROUP BY o.order_date, d.month, c.country;

CREATE VIEW marts.revenue_by_country AS
SELECT month, country, sum(net_revenue_eur) AS net_revenue_eur, sum(orders) AS orders,
       sum(net_revenue_eur) / sum(sum(net_revenue_eur)) OVER (PARTITION BY month) AS share
FROM marts.daily_revenue GROUP BY month, country;

CREATE VIEW marts.product_performance AS
SELECT p.sku, p.title, p.department, sum(i.quantity) AS units, sum(i.revenue_eur) AS revenue_eur,
       sum(i.revenue_eur - i.cost_eur) AS profit_eur, rank() OVER (PARTITION BY p.department ORDER BY sum(i.revenue_eur) DESC) AS rank
FROM core.fct_order_item i JOIN core.dim_product p USING (product_id)
GROUP BY p.product_id, p.sku, p.title, p.department;

CREATE MATERIALIZED VIEW marts.cohort_retention AS
WITH first_order AS (SELECT customer_id, min(order_date) AS first_on FROM core.fct_order GROUP BY customer_id)
SELECT date_trunc('month', f.first_on)::date AS cohort, date_trunc('month', o.order_date)::date AS month,
       count(DISTINCT o.customer_id) AS customers
FROM core.fct_order o JOIN first_order f USING (customer_id)
GROUP BY 1, 2;

CREATE MATERIALIZED VIEW marts.web_funnel AS
SELECT day, stage, count(*) AS sessions FROM core.fct_session GROUP BY day, stage;

CREATE VIEW marts.refund_rate AS
SELECT d.month, sum(o.refund_eur) / nullif(sum(o.revenue_eur), 0) AS refund_rate
FROM core.fct_order o JOIN core.dim_date d ON d.day = o.order_date GROUP BY d.month;

CREATE VIEW marts.delivery_times AS
SELECT carrier, percentile_cont(0.5) WITHIN GROUP (ORDER BY transit_days) AS median_days, count(*) AS parcels
FROM core.fct_shipment WHERE delivered_on IS NOT NULL GROUP BY carrier;

CREATE VIEW marts.payment_mix AS
SELECT date_trunc('month', paid_on)::date AS month, method, sum(amount_eur) AS amount_eur FROM core.fct_payment GROUP BY 1, 2;

CREATE TABLE marts.customer_lifetime_value (
    customer_id bigint PRIMARY KEY, email text, country text, orders bigint, lifetime_eur numeric, last_order_on date, segment text
);
CREATE TABLE marts.marketing_contacts (email text, first_name text, country text, segment text, refreshed_at timestamptz);
COMMENT ON TABLE marts.marketing_contacts IS 'Sent to the mailing tool each night';

CREATE VIEW marts.churn_risk AS
SELECT v.customer_id, v.email, v.lifetime_eur, current_date - v.last_order_on AS days_silent
FROM marts.customer_lifetime_value v WHERE v.last_order_on < current_date - 60;

CREATE TABLE marts.revenue_snapshot (taken_on date, month date, country text, net_revenue_eur numeric);

CREATE VIEW marts.executive_summary AS
SELECT r.month, sum(r.net_revenue_eur) AS revenue, sum(r.orders) AS orders, max(f.refund_rate) AS refund_rate,
       sum(r.net_revenue_eur) / sum(r.orders) AS average_basket
FROM marts.revenue_by_country r JOIN marts.refund_rate f USING (month)
GROUP BY r.month;
