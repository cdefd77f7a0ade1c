-- ## nested

-- # unnest of an array and of a map
select e.id, t.tag, m.k, m.v from events e cross join unnest(e.tags) as t(tag) cross join unnest(e.attrs) as m(k, v);
--> events => ()
--> ().id <- events.id
--> ().tag <- events.tags transformation
--> ().k <- events.attrs transformation
--> ().v <- events.attrs transformation

-- # field of a row behind a subquery
select r.who.name as name from (select payload.actor as who from events) r;
--> events => ()
--> ().name <- events.payload.actor.name

-- schema hive.shop.orders(id, customer_id, amount, props, ordered_at)
-- schema hive.shop.customers(id, email)

-- ## select

-- # system version
select id from hive.shop.orders for system_version as of 12 where amount > 1;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id
--> () <- hive.shop.orders.amount filter

-- # lambda over an array
select reduce(array[amount, id], 0, (s, x) -> s + x, s -> s) as total, zip_with(array[id], array[amount], (a, b) -> a + customer_id) as z from hive.shop.orders;
--> hive.shop.orders => ()
--> ().total <- hive.shop.orders.amount transformation, hive.shop.orders.id transformation
--> ().z <- hive.shop.orders.id transformation, hive.shop.orders.amount transformation, hive.shop.orders.customer_id transformation

-- # grouping sets
select customer_id, sum(amount) as total, grouping(customer_id) as g from hive.shop.orders group by grouping sets ((customer_id), ());
--> hive.shop.orders => ()
--> ().customer_id <- hive.shop.orders.customer_id
--> ().total <- hive.shop.orders.amount aggregation
--> ().g <- hive.shop.orders.customer_id aggregation
--> () <- hive.shop.orders.customer_id group_by

-- # time zone and interval
select ordered_at at time zone 'UTC' as t, date_diff('day', ordered_at, current_date) as age from hive.shop.orders;
--> hive.shop.orders => ()
--> ().t <- hive.shop.orders.ordered_at transformation
--> ().age <- hive.shop.orders.ordered_at transformation

-- ## nested

-- # unnest of a map
select o.id, p.k, p.v from hive.shop.orders o cross join unnest(o.props) as p (k, v);
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id
--> ().k <- hive.shop.orders.props transformation
--> ().v <- hive.shop.orders.props transformation

-- ## set operations

-- # except and intersect
select id from hive.shop.customers except select customer_id from hive.shop.orders;
--> hive.shop.customers, hive.shop.orders => ()
--> ().id <- hive.shop.customers.id
--> () <- hive.shop.orders.customer_id filter

-- ## create

-- # bucketed table
create table hive.mart.t with (bucketed_by = array['id'], bucket_count = 4) as select id, amount from hive.shop.orders;
--> hive.shop.orders => hive.mart.t
--> hive.mart.t.id <- hive.shop.orders.id
--> hive.mart.t.amount <- hive.shop.orders.amount

-- ## names

-- # names ignore case
select O."ID", o.Amount from Hive."Shop".ORDERS o;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id
--> ().amount <- hive.shop.orders.amount

-- ## other

-- # session
set session x = 1; show tables; describe hive.shop.orders; explain (type distributed) select 1; call system.sync('a', 'b'); set role admin; use hive.shop;
--> - => ()
