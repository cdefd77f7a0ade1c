-- schema shop.orders(id, customer_id, amount, tags)
-- schema shop.customers(id, email)

-- ## joins

-- # left semi join
select * from shop.customers c left semi join shop.orders o on o.customer_id = c.id;
--> shop.customers, shop.orders => ()
--> ().id <- shop.customers.id
--> ().email <- shop.customers.email
--> () <- shop.orders.customer_id join, shop.customers.id join

-- ## nested

-- # lateral view
select o.id, t.tag from shop.orders o lateral view explode(o.tags) t as tag;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().tag <- shop.orders.tags transformation

-- # higher-order function
select transform(tags, x -> concat(x, email)) as t from shop.orders o join shop.customers c on c.id = o.customer_id;
--> shop.orders, shop.customers => ()
--> ().t <- shop.orders.tags transformation, shop.customers.email transformation
--> () <- shop.customers.id join, shop.orders.customer_id join

-- ## insert

-- # insert overwrite table
insert overwrite table mart.big partition (day = '2024-01-01') select id, amount from shop.orders;
--> shop.orders => [mart.big]
--> mart.big.id <- shop.orders.id
--> mart.big.amount <- shop.orders.amount

-- ## create

-- # create table using
create table mart.big using parquet as select id, sum(amount) as total from shop.orders group by id;
--> shop.orders => mart.big
--> mart.big.id <- shop.orders.id
--> mart.big.total <- shop.orders.amount aggregation
--> mart.big <- shop.orders.id group_by

-- ## merge

-- # merge with stars
merge into mart.big t using shop.customers s on t.id = s.id when matched then update set * when not matched then insert *;
--> shop.customers => mart.big
--> mart.big.id <- shop.customers.id
--> mart.big.email <- shop.customers.email
--> mart.big <- mart.big.id join, shop.customers.id join

-- ## scripts

-- # temporary view is passed through
create temporary view v as select id, amount from shop.orders; insert into mart.big select id as a, amount as b from v;
--> shop.orders => [mart.big]
--> mart.big.a <- shop.orders.id
--> mart.big.b <- shop.orders.amount
