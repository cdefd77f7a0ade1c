-- schema S.ORDERS(ID, CUSTOMER_ID, AMOUNT)
-- schema S.CUSTOMERS(ID, EMAIL)

-- ## select

-- # local alias
select amount * 2 as twice from s.orders where local.twice > 1;
--> S.ORDERS => ()
--> ().TWICE <- S.ORDERS.AMOUNT transformation
--> () <- S.ORDERS.AMOUNT filter

-- # group_concat and rollup
select customer_id, group_concat(id order by amount separator ',') as ids from s.orders group by customer_id;
--> S.ORDERS => ()
--> ().CUSTOMER_ID <- S.ORDERS.CUSTOMER_ID
--> ().IDS <- S.ORDERS.ID aggregation, S.ORDERS.AMOUNT window
--> () <- S.ORDERS.CUSTOMER_ID group_by

-- # dual
select current_timestamp as t from dual;
--> - => ()

-- ## create

-- # create table as and view
create or replace view s.v (order_id) as select id from s.orders where amount > 1;
--> S.ORDERS => S.V
--> S.V.ORDER_ID <- S.ORDERS.ID
--> S.V <- S.ORDERS.AMOUNT filter

-- ## files

-- # import
import into s.orders (id, amount) from local csv file 'x.csv' column separator = ',';
--> - => S.ORDERS

-- # export of a query
export (select id, amount from s.orders) into csv at 'c' file 'x.csv';
--> S.ORDERS => ()
--> ().ID <- S.ORDERS.ID
--> ().AMOUNT <- S.ORDERS.AMOUNT

-- ## names

-- # names fold to upper case
select O.Id, "c".EMAIL from s.Orders o join S.Customers "c" on "c".id = o.customer_id;
--> S.ORDERS, S.CUSTOMERS => ()
--> ().ID <- S.ORDERS.ID
--> ().EMAIL <- S.CUSTOMERS.EMAIL
--> () <- S.CUSTOMERS.ID join, S.ORDERS.CUSTOMER_ID join

-- ## other

-- # administration
open schema s; close schema; execute script f(); recompress table s.orders; flush statistics; create connection c to 'x'; alter session set nls_date_format = 'x';
--> - => ()
