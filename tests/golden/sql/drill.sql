-- schema dfs.tmp.orders(id, customer_id, amount, tags)

-- ## select

-- # files by path (no schema)
select t.id, t.customer.name as name from dfs.`/data/orders.json` t where t.amount > 1;
--> dfs./data/orders.json => ()
--> ().id <- dfs./data/orders.json.id
--> ().name <- dfs./data/orders.json.customer.name
--> () <- dfs./data/orders.json.amount filter

-- # join with a known table
select o.id, sum(o.amount) as total from dfs.tmp.orders o group by o.id;
--> dfs.tmp.orders => ()
--> ().id <- dfs.tmp.orders.id
--> ().total <- dfs.tmp.orders.amount aggregation
--> () <- dfs.tmp.orders.id group_by

-- ## create

-- # create table as, partitioned
create table dfs.tmp.big partition by (id) as select id, amount from dfs.tmp.orders;
--> dfs.tmp.orders => dfs.tmp.big
--> dfs.tmp.big.id <- dfs.tmp.orders.id
--> dfs.tmp.big.amount <- dfs.tmp.orders.amount

-- # view
create or replace view dfs.tmp.v as select id from dfs.tmp.orders;
--> dfs.tmp.orders => dfs.tmp.v
--> dfs.tmp.v.id <- dfs.tmp.orders.id

-- ## other

-- # administration
alter session set `store.format` = 'json'; refresh table metadata dfs.tmp.orders; show files; describe dfs.tmp.orders; use dfs.tmp; explain plan for select 1;
--> - => ()
