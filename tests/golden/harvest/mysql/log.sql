-- What the query log is to tell: moving and reading statements, once and again, and one of dynamic SQL.
-- Of statements that differ in literals alone the server keeps the slowest, so what comes again is the same to the letter.
TRUNCATE TABLE performance_schema.events_statements_summary_by_digest;
TRUNCATE TABLE performance_schema.events_statements_history_long;
USE shop;
INSERT INTO raw_orders VALUES ('7', '1', '2025-05-01', "12 'cents'");
CALL load_orders('2025-01-01', @loaded);
CALL copy_daily('old');
UPDATE customers SET vip = 1 WHERE id = 2;
UPDATE customers SET vip = 1 WHERE id = 2;
CREATE TABLE top_customers SELECT customer_id, sum(amount) AS spent FROM orders GROUP BY customer_id;
SELECT last_name, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY last_name;
SELECT 1;
