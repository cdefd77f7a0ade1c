-- schema ORDERS(ID, CUSTOMER_ID, AMOUNT, PAYLOAD, ORDERED_AT)
-- schema CUSTOMERS(ID, EMAIL)

-- ## select

-- # alias used in the same select
select amount * 2 as twice, twice + 1 as more from orders;
--> ORDERS => ()
--> ().TWICE <- ORDERS.AMOUNT transformation
--> ().MORE <- ORDERS.AMOUNT transformation

-- # alias used in the filter
select amount * 2 as twice from orders where twice > 3;
--> ORDERS => ()
--> ().TWICE <- ORDERS.AMOUNT transformation
--> () <- ORDERS.AMOUNT filter

-- # iff and zeroifnull
select iff(amount > 0, id, customer_id) as x from orders;
--> ORDERS => ()
--> ().X <- ORDERS.AMOUNT condition, ORDERS.ID transformation, ORDERS.CUSTOMER_ID transformation

-- ## aggregates

-- # listagg
select listagg(email, ',') within group (order by id) as emails from customers;
--> CUSTOMERS => ()
--> ().EMAILS <- CUSTOMERS.EMAIL aggregation, CUSTOMERS.ID window

-- # group by all
select customer_id, sum(amount) as s from orders group by all;
--> ORDERS => ()
--> ().CUSTOMER_ID <- ORDERS.CUSTOMER_ID
--> ().S <- ORDERS.AMOUNT aggregation
--> () <- ORDERS.CUSTOMER_ID group_by

-- ## windows

-- # qualify with an alias
select id, row_number() over (partition by customer_id order by ordered_at) as n from orders qualify n = 1;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
--> ().N <- ORDERS.CUSTOMER_ID window, ORDERS.ORDERED_AT window
--> () <- ORDERS.CUSTOMER_ID filter, ORDERS.ORDERED_AT filter

-- ## stars

-- # star exclude and rename
select * exclude (payload, ordered_at) rename (amount as total) from orders;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
--> ().CUSTOMER_ID <- ORDERS.CUSTOMER_ID
--> ().TOTAL <- ORDERS.AMOUNT

-- ## nested

-- # path into a variant
select payload:customer.name::string as name from orders;
--> ORDERS => ()
--> ().NAME <- ORDERS.PAYLOAD transformation

-- # flatten
select o.id, f.value as item from orders o, lateral flatten(input => o.payload) f;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
--> ().ITEM <- ORDERS.PAYLOAD transformation

-- ## insert

-- # insert overwrite
insert overwrite into big (id) select id from orders;
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID

-- ## create

-- # create transient table as
create or replace transient table big as select id from orders;
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID

-- ## merge

-- # merge
merge into big b using orders o on b.id = o.id when matched then update set b.total = o.amount when not matched then insert (id, total) values (o.id, o.amount);
--> ORDERS => BIG
--> BIG.TOTAL <- ORDERS.AMOUNT
--> BIG.ID <- ORDERS.ID
--> BIG <- BIG.ID join, ORDERS.ID join

-- ## scripts

-- # use changes the defaults
use database prod; use schema core; create table t as select id from things;
--> PROD.CORE.THINGS => PROD.CORE.T
--> PROD.CORE.T.ID <- PROD.CORE.THINGS.ID

-- ## procedures

-- # procedure
create procedure p() returns string language sql as $$ begin insert into big select id from orders; end $$;
--> ORDERS => [BIG]
--> BIG.ID <- ORDERS.ID

-- ## names

-- # identifiers fold to upper case
select id, c.email from orders o join customers c on c.id = o.customer_id;
--> ORDERS, CUSTOMERS => ()
--> ().ID <- ?(ORDERS CUSTOMERS).ID
--> ().EMAIL <- CUSTOMERS.EMAIL
--> () <- CUSTOMERS.ID join, ORDERS.CUSTOMER_ID join

-- # schema key of one part for a name of three
select id from db.public.orders;
--> DB.PUBLIC.ORDERS => ()
--> ().ID <- DB.PUBLIC.ORDERS.ID
