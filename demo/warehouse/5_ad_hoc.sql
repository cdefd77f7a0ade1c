-- What an analyst ran by hand this morning: no file keeps it, the server's log does.
CREATE TABLE marts.autumn_campaign AS
SELECT c.email, c.full_name, v.segment, p.department AS favourite_department
FROM core.dim_customer c
JOIN marts.customer_lifetime_value v USING (customer_id)
JOIN LATERAL (
    SELECT d.department FROM core.fct_order o
    JOIN core.fct_order_item i USING (order_id) JOIN core.dim_product d USING (product_id)
    WHERE o.customer_id = c.customer_id GROUP BY d.department ORDER BY sum(i.revenue_eur) DESC LIMIT 1
) p ON true
WHERE c.is_subscriber;
