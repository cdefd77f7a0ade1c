-- schema shop.orders(id, customer_id, amount, tags, ordered_at)
-- schema shop.customers(id, email)

-- ## select

-- # hints in brackets and a partition
select o.id from shop.orders partition (p1) o join [broadcast] shop.customers c on c.id = o.customer_id;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> () <- shop.customers.id join, shop.orders.customer_id join

-- # tablets
select id from shop.orders tablet (10001) where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # bitmap aggregate and group_concat
select customer_id, bitmap_union(tags) as b, group_concat(id, ',') as ids from shop.orders group by customer_id;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().b <- shop.orders.tags aggregation
--> ().ids <- shop.orders.id aggregation
--> () <- shop.orders.customer_id group_by

-- # lateral view
select id, tag from shop.orders lateral view explode(tags) x as tag;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().tag <- shop.orders.tags transformation

-- ## create

-- # table as with its model
create table shop.big duplicate key (id) distributed by hash (id) buckets 10 properties ('replication_num' = '1') as select id, amount from shop.orders;
--> shop.orders => shop.big
--> shop.big.id <- shop.orders.id
--> shop.big.amount <- shop.orders.amount

-- # materialized view with a schedule
create materialized view shop.v build immediate refresh auto on schedule every 1 hour distributed by random buckets 2 properties ('a' = 'b')
as select customer_id, sum(amount) as total from shop.orders group by customer_id;
--> shop.orders => shop.v
--> shop.v.customer_id <- shop.orders.customer_id
--> shop.v.total <- shop.orders.amount aggregation
--> shop.v <- shop.orders.customer_id group_by

-- ## insert

-- # insert with a label into partitions
insert into shop.big partition (p1, p2) with label load_1 (id, amount) select id, amount from shop.orders;
--> shop.orders => shop.big
--> shop.big.id <- shop.orders.id
--> shop.big.amount <- shop.orders.amount

-- ## names

-- # external catalog (no schema)
select o.id from hive.shop.orders o join `internal`.`shop`.`customers` c on c.id = o.customer_id;
--> hive.shop.orders, internal.shop.customers => ()
--> ().id <- hive.shop.orders.id
--> () <- internal.shop.customers.id join, hive.shop.orders.customer_id join

-- ## other

-- # administration
refresh catalog hive; switch hive; admin show frontend config; pause routine load for l; cancel load from shop; recover table shop.x; show load; analyze table shop.orders; kill 5;
--> - => ()

-- ## files

-- # load by a label
load label shop.l1 (data infile ('s3://b/x.csv') into table orders columns terminated by ',') with s3 ('a' = 'b');
--> s3://b/x.csv => orders
