-- schema orders(id, customer_id, amount, ordered_at)
-- schema customers(id, email)

-- ## select

-- # subscription
subscribe to (select customer_id, sum(amount) as total from orders group by customer_id);
--> orders => ()
--> ().customer_id <- orders.customer_id
--> ().total <- orders.amount aggregation
--> () <- orders.customer_id group_by

-- # as of
select id from orders where amount > 1 as of 1700000000000;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount filter

-- ## create

-- # materialized view in a cluster
create materialized view totals in cluster c as select customer_id, sum(amount) as total from orders group by customer_id;
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount aggregation
--> totals <- orders.customer_id group_by

-- # sink from a view
create sink s in cluster c from orders into kafka connection k (topic 'x') key (id) format json envelope upsert;
--> orders => s
--> s.id <- orders.id
--> s.customer_id <- orders.customer_id
--> s.amount <- orders.amount
--> s.ordered_at <- orders.ordered_at

-- ## other

-- # sources, clusters and secrets
create source s from kafka connection k (topic 'x') format json; create cluster c size = 'x'; create connection k to kafka (broker 'x'); create secret p as 'x'; create default index on orders; show sources; set cluster = c;
--> - => ()
