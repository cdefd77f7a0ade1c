-- schema orders(id, customer_id, amount, ordered_at)
-- schema customers(id, email)

-- ## table functions

-- # tumbling window
create materialized view v as select window_start, sum(amount) as total from tumble(orders, ordered_at, interval '1 minute') group by window_start;
--> orders => v
--> v.window_start <- orders.ordered_at
--> v.total <- orders.amount aggregation
--> v <- orders.ordered_at group_by

-- ## create

-- # emitted when the window closes
create materialized view closed as select customer_id, count(id) as n from orders group by customer_id emit on window close;
--> orders => closed
--> closed.customer_id <- orders.customer_id
--> closed.n <- orders.id aggregation
--> closed <- orders.customer_id group_by

-- # sink of a query
create sink k as select id, amount from orders where amount > 1 with (connector = 'kafka', topic = 'x') format plain encode json;
--> orders => k
--> k.id <- orders.id
--> k.amount <- orders.amount
--> k <- orders.amount filter

-- # sink into a table
create sink k into customers as select id, 'x' as email from orders;
--> orders => customers
--> customers.id <- orders.id

-- ## other

-- # sources and control
create source s (a int) with (connector = 'kafka', topic = 'x') format plain encode json; create index i on orders (id) include (amount); flush; wait; recover; create connection c with (type = 'x');
--> - => ()
