-- schema lake.shop.orders(id, customer_id, amount, tags)
-- schema lake.shop.customers(id, email)

-- ## select

-- # branches and tags
select o.id, c.email from lake.shop.orders at branch main o join lake.shop.customers at tag "v1" as c on c.id = o.customer_id;
--> lake.shop.orders, lake.shop.customers => ()
--> ().id <- lake.shop.orders.id
--> ().email <- lake.shop.customers.email
--> () <- lake.shop.customers.id join, lake.shop.orders.customer_id join

-- # snapshot
select id from lake.shop.orders at snapshot '123' where amount > 1;
--> lake.shop.orders => ()
--> ().id <- lake.shop.orders.id
--> () <- lake.shop.orders.amount filter

-- # qualify
select id from lake.shop.orders qualify row_number() over (order by amount) = 1;
--> lake.shop.orders => ()
--> ().id <- lake.shop.orders.id
--> () <- lake.shop.orders.amount filter

-- ## create

-- # table with layout
create table lake.mart.t hash partition by (id) localsort by (amount) store as (type => 'parquet') as select id, amount from lake.shop.orders;
--> lake.shop.orders => lake.mart.t
--> lake.mart.t.id <- lake.shop.orders.id
--> lake.mart.t.amount <- lake.shop.orders.amount

-- # virtual data set
create or replace vds mart.v as select id from lake.shop.orders;
--> lake.shop.orders => mart.v
--> mart.v.id <- lake.shop.orders.id

-- ## names

-- # a path of four parts (no schema)
select t.id from "lake"."shop"."2024"."all orders" t;
--> lake.shop.2024.all orders => ()
--> ().id <- lake.shop.2024.all orders.id

-- ## other

-- # administration
alter pds lake.shop.orders refresh metadata; create branch b in lake; merge branch b into main in lake; optimize table lake.shop.orders; vacuum table lake.shop.orders expire snapshots; refresh reflection 'x'; use branch b in lake; show branches;
--> - => ()
