-- schema orders(id, customer_id, amount)
-- schema invoices(customer_id, due)

-- ## select

-- # from first
from orders select id where amount > 1;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount filter

-- ## set operations

-- # union by name
select id, amount from orders union by name select due as amount, customer_id as id from invoices;
--> orders, invoices => ()
--> ().id <- orders.id, invoices.customer_id
--> ().amount <- orders.amount, invoices.due

-- ## stars

-- # star exclude
select * exclude (customer_id) from orders;
--> orders => ()
--> ().id <- orders.id
--> ().amount <- orders.amount
