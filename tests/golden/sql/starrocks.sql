-- schema shop.orders(id, customer_id, amount, tags, ordered_at)
-- schema shop.customers(id, email)

-- ## select

-- # qualify and variables in a hint
select /*+ set_var(query_timeout = 10) */ id from shop.orders qualify row_number() over (partition by customer_id order by amount) = 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.customer_id filter, shop.orders.amount filter

-- # unnest without cross
select o.id, u.tag from shop.orders o, unnest(o.tags) as u (tag);
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().tag <- shop.orders.tags transformation

-- # lateral join of unnest
select o.id, u.tag from shop.orders o lateral join unnest(o.tags) as u (tag);
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().tag <- shop.orders.tags transformation

-- # metadata scan
select count(*) as n, max(id) as m from shop.orders [_META_];
--> shop.orders => ()
--> ().m <- shop.orders.id aggregation

-- ## create

-- # primary key table as
create table shop.big primary key (id) distributed by hash (id) buckets 4 properties ('x' = 'y') as select id, amount from shop.orders;
--> shop.orders => shop.big
--> shop.big.id <- shop.orders.id
--> shop.big.amount <- shop.orders.amount

-- # asynchronous materialized view
create materialized view shop.v distributed by hash (customer_id) refresh async start ('2024-01-01') every (interval 1 day) partition by customer_id properties ('a' = 'b')
as select customer_id, sum(amount) as total from shop.orders group by customer_id;
--> shop.orders => shop.v
--> shop.v.customer_id <- shop.orders.customer_id
--> shop.v.total <- shop.orders.amount aggregation
--> shop.v <- shop.orders.customer_id group_by

-- ## insert

-- # task that inserts
submit task fill properties ('a' = 'b') as insert into shop.big (id) select id from shop.orders where amount > 1;
--> shop.orders => shop.big
--> shop.big.id <- shop.orders.id
--> shop.big <- shop.orders.amount filter

-- # insert with a label and properties
insert into shop.big with label l (id) select id from shop.customers;
--> shop.customers => shop.big
--> shop.big.id <- shop.customers.id

-- ## other

-- # administration
refresh external table shop.orders; cancel refresh materialized view shop.v; admin set frontend config ('a' = 'b'); set catalog hive; show partitions from shop.orders; drop table shop.x force;
--> - => ()

-- ## files

-- # insert into files
insert into files ('path' = 's3://b/out/', 'format' = 'parquet') select id, amount from shop.orders where amount > 1;
--> shop.orders => s3://b/out/
--> s3://b/out/.id <- shop.orders.id
--> s3://b/out/.amount <- shop.orders.amount
--> s3://b/out/ <- shop.orders.amount filter
