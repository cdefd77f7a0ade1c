-- ## nested

-- # unnest of structs under an alias
select e.id, item.sku, json_extract_scalar(e.body, '$.kind') as kind
from lake.events e cross join unnest(e.items) as t(item)
where e.day = '2024-01-01';
--> lake.events => ()
--> ().id <- lake.events.id
--> ().sku <- lake.events.items.sku transformation
--> ().kind <- lake.events.body transformation
--> () <- lake.events.day filter
-- schema w.src(id, grp, amount, state, at)
-- ## files

-- # unload
unload (select id, amount from w.src where state = 'x') to 's3://out/src/' with (format = 'PARQUET', partitioned_by = array['id']);
--> w.src => s3://out/src/
--> s3://out/src/.id <- w.src.id
--> s3://out/src/.amount <- w.src.amount
--> s3://out/src/ <- w.src.state filter

-- ## create

-- # table as with a location
create table w.made with (format = 'parquet', external_location = 's3://lake/made/') as select id from w.src;
--> w.src => w.made
--> w.made.id <- w.src.id

-- schema db.orders(id, customer_id, amount, tags, d)
-- schema db.customers(id, email)

-- ## select

-- # quoted catalog
select o.id from "awsdatacatalog"."db"."orders" o where o.amount > 1;
--> awsdatacatalog.db.orders => ()
--> ().id <- awsdatacatalog.db.orders.id
--> () <- awsdatacatalog.db.orders.amount filter

-- # time travel
select id from db.orders for timestamp as of current_timestamp - interval '1' day;
--> db.orders => ()
--> ().id <- db.orders.id

-- # unnest
select o.id, t.tag from db.orders o cross join unnest(o.tags) as t (tag);
--> db.orders => ()
--> ().id <- db.orders.id
--> ().tag <- db.orders.tags transformation

-- # function of an external service
using external function score(x double) returns double lambda 'f' select score(amount) as s from db.orders;
--> db.orders => ()
--> ().s <- db.orders.amount transformation

-- # aggregates of presto
select customer_id, approx_distinct(id) as n, max_by(id, amount) as top from db.orders group by 1;
--> db.orders => ()
--> ().customer_id <- db.orders.customer_id
--> ().n <- db.orders.id aggregation
--> ().top <- db.orders.id aggregation, db.orders.amount condition
--> () <- db.orders.customer_id group_by

-- ## create

-- # create table as with properties
create table db.big with (format = 'parquet', external_location = 's3://b/x', partitioned_by = array['d']) as select id, d from db.orders;
--> db.orders => db.big
--> db.big.id <- db.orders.id
--> db.big.d <- db.orders.d

-- # create view
create or replace view db.v as select id, email from db.customers;
--> db.customers => db.v
--> db.v.id <- db.customers.id
--> db.v.email <- db.customers.email

-- ## insert

-- # insert
insert into db.big (id, d) select id, d from db.orders where amount > 1;
--> db.orders => db.big
--> db.big.id <- db.orders.id
--> db.big.d <- db.orders.d
--> db.big <- db.orders.amount filter

-- ## scripts

-- # a prepared statement is its text
prepare p from select id from db.orders where d = ?;
--> db.orders => ()
--> ().id <- db.orders.id
--> () <- db.orders.d filter

-- ## other

-- # administration
msck repair table orders; alter table db.orders add if not exists partition (d = '1') location 's3://b/x'; optimize db.orders rewrite data using bin_pack; vacuum db.orders; show partitions db.orders; describe db.orders; deallocate prepare p; create database d; explain select 1;
--> - => ()
