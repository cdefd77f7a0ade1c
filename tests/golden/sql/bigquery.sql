-- schema shop.orders(id, customer_id, amount, address, items, ordered_at)
-- schema shop.customers(id, email, tags)

-- ## select

-- # safe cast and if
select if(amount > 0, id, customer_id) as x, safe_cast(amount as string) as s from shop.orders;
--> shop.orders => ()
--> ().x <- shop.orders.amount condition, shop.orders.id transformation, shop.orders.customer_id transformation
--> ().s <- shop.orders.amount transformation

-- ## aggregates

-- # array aggregate of a struct
select customer_id, array_agg(struct(id, amount) order by ordered_at) as os from shop.orders group by customer_id;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().os <- shop.orders.id aggregation, shop.orders.amount aggregation, shop.orders.ordered_at window
--> () <- shop.orders.customer_id group_by

-- ## windows

-- # qualify
select id from shop.orders where amount > 1 qualify row_number() over (partition by customer_id order by ordered_at desc) = 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter, shop.orders.customer_id filter, shop.orders.ordered_at filter

-- ## stars

-- # star except and replace
select * except (address, items, ordered_at) replace (amount * 2 as amount) from shop.orders;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().customer_id <- shop.orders.customer_id
--> ().amount <- shop.orders.amount transformation

-- ## nested

-- # unnest of an array column
select o.id, item from shop.orders o, unnest(o.items) as item;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().item <- shop.orders.items transformation

-- # unnest without alias of the table
select c.id, t from shop.customers as c cross join unnest(c.tags) as t with offset as n;
--> shop.customers => ()
--> ().id <- shop.customers.id
--> ().t <- shop.customers.tags transformation

-- # struct field
select o.address.city as city from shop.orders o;
--> shop.orders => ()
--> ().city <- shop.orders.address.city

-- ## insert

-- # insert without into
insert mart.t (a) select id from shop.orders;
--> shop.orders => mart.t
--> mart.t.a <- shop.orders.id

-- ## create

-- # create or replace table as
create or replace table mart.big as select id, sum(amount) as total from shop.orders group by id;
--> shop.orders => mart.big
--> mart.big.id <- shop.orders.id
--> mart.big.total <- shop.orders.amount aggregation
--> mart.big <- shop.orders.id group_by

-- ## merge

-- # merge insert row
merge into mart.t using shop.customers s on t.id = s.id when not matched then insert (id, email) values (s.id, s.email);
--> shop.customers => mart.t
--> mart.t.id <- shop.customers.id
--> mart.t.email <- shop.customers.email
--> mart.t <- mart.t.id join, shop.customers.id join

-- ## names

-- # backquoted table of three parts
select o.id from `proj.shop.orders` as o;
--> proj.shop.orders => ()
--> ().id <- proj.shop.orders.id

-- # names ignore case
select ID, Email from shop.customers;
--> shop.customers => ()
--> ().id <- shop.customers.id
--> ().email <- shop.customers.email
