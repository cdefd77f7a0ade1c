-- schema shop.orders(id, customer_id, amount, address, items, ordered_at)
-- schema shop.customers(id, email, tags)
-- schema shop.balances(customer_id, total)

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

-- ## scripts

-- # script with variables
DECLARE top, low NUMERIC DEFAULT 0;
DECLARE day DATE DEFAULT CURRENT_DATE();
SET top = (SELECT MAX(amount) FROM shop.orders);
SET (low, day) = (SELECT AS STRUCT MIN(amount), MAX(ordered_at) FROM shop.orders);
INSERT INTO shop.balances (customer_id, total) SELECT id, top - low FROM shop.customers;
--> shop.orders, shop.customers => shop.balances
--> shop.balances.customer_id <- shop.customers.id
--> shop.balances.total <- shop.orders.amount aggregation

-- # control flow at the top level
DECLARE i INT64 DEFAULT 0;
IF EXISTS (SELECT 1 FROM shop.flags) THEN
  INSERT INTO shop.a (x) SELECT id FROM shop.orders;
ELSEIF i > 1 THEN
  INSERT INTO shop.b (x) SELECT IF(amount > 0, id, 0) FROM shop.orders;
ELSE
  SELECT 1;
END IF;
LOOP
  SET i = i + 1;
  IF i > 3 THEN BREAK; END IF;
END LOOP;
WHILE i > 0 DO
  SET i = i - 1;
END WHILE;
REPEAT
  DELETE FROM shop.c WHERE TRUE;
UNTIL i > 2 END REPEAT;
CASE WHEN i = 1 THEN INSERT INTO shop.d (x) SELECT email FROM shop.customers; END CASE;
--> shop.flags, shop.orders, shop.customers => shop.a, shop.b, shop.c, shop.d
--> shop.a.x <- shop.orders.id
--> shop.b.x <- shop.orders.amount condition, shop.orders.id transformation
--> shop.d.x <- shop.customers.email

-- # loop over a query
FOR r IN (SELECT id, amount * 2 AS twice FROM shop.orders WHERE amount > 0) DO
  INSERT INTO shop.balances (customer_id, total) VALUES (r.id, r.twice);
END FOR;
--> shop.orders => shop.balances
--> shop.balances.customer_id <- shop.orders.id
--> shop.balances.total <- shop.orders.amount transformation
--> shop.balances <- shop.orders.amount filter

-- # block with a handler
BEGIN
  INSERT INTO shop.a (x) SELECT id FROM shop.orders;
EXCEPTION WHEN ERROR THEN
  INSERT INTO shop.errors (msg, at) SELECT @@error.message, CURRENT_TIMESTAMP();
  RAISE USING MESSAGE = 'again';
END;
SELECT id FROM shop.customers;
--> shop.orders, shop.customers => shop.a, shop.errors
--> shop.a.x <- shop.orders.id
--> ().id <- shop.customers.id

-- # transaction
BEGIN TRANSACTION;
DELETE FROM shop.balances WHERE total < 0;
INSERT INTO shop.balances (customer_id) SELECT id FROM shop.customers;
COMMIT TRANSACTION;
--> shop.customers => shop.balances
--> shop.balances.customer_id <- shop.customers.id
--> shop.balances <- shop.balances.total filter

-- # assertion reads a table
ASSERT (SELECT COUNT(*) FROM shop.orders) > 0 AS 'no orders';
--> shop.orders => ()

-- # temporary table in a script
CREATE TEMP TABLE picked AS SELECT id, amount FROM shop.orders WHERE amount > 5;
CREATE OR REPLACE TABLE shop.balances AS SELECT id AS customer_id, SUM(amount) AS total FROM picked GROUP BY id;
--> shop.orders => shop.balances
--> shop.balances.customer_id <- shop.orders.id
--> shop.balances.total <- shop.orders.amount aggregation
--> shop.balances <- shop.orders.amount filter, shop.orders.id group_by

-- ## procedures

-- # procedure with an output parameter
CREATE OR REPLACE PROCEDURE shop.newest(since DATE, OUT n INT64)
BEGIN
  DECLARE m INT64;
  SET m = (SELECT MAX(id) FROM shop.orders WHERE ordered_at > since);
  SET n = m;
END;
DECLARE got INT64;
CALL shop.newest('2024-01-01', got);
INSERT INTO shop.balances (customer_id) VALUES (got);
--> shop.orders => shop.balances
--> shop.balances.customer_id <- shop.orders.id aggregation, shop.orders.ordered_at condition

-- # procedure that nobody calls
CREATE PROCEDURE `proj`.shop.fill()
OPTIONS (strict_mode = FALSE)
BEGIN
  CREATE TEMP TABLE t AS SELECT customer_id, amount FROM shop.orders;
  MERGE shop.balances AS x USING t ON x.customer_id = t.customer_id
  WHEN MATCHED THEN UPDATE SET total = t.amount
  WHEN NOT MATCHED THEN INSERT (customer_id, total) VALUES (t.customer_id, t.amount);
END;
--> shop.orders => shop.balances
--> shop.balances.total <- shop.orders.amount
--> shop.balances.customer_id <- shop.orders.customer_id
--> shop.balances <- shop.balances.customer_id join, shop.orders.customer_id join

-- # temporary function inlined
CREATE TEMP FUNCTION net(x NUMERIC, rate FLOAT64) AS (x / (1 + rate));
SELECT net(amount, 0.2) AS n FROM shop.orders;
--> shop.orders => ()
--> ().n <- shop.orders.amount transformation

-- # temporary function with a subquery
CREATE TEMP FUNCTION email_of(c INT64) RETURNS STRING AS ((SELECT MAX(email) FROM shop.customers WHERE id = c));
CREATE TABLE shop.out1 AS SELECT id, email_of(customer_id) AS e FROM shop.orders;
--> shop.orders, shop.customers => shop.out1
--> shop.out1.id <- shop.orders.id
--> shop.out1.e <- shop.customers.email aggregation, shop.customers.id condition, shop.orders.customer_id condition

-- # table function inlined
CREATE OR REPLACE TABLE FUNCTION shop.orders_of(c INT64) AS SELECT id, amount FROM shop.orders WHERE customer_id = c;
CREATE TABLE shop.out1 AS SELECT id, amount FROM shop.orders_of(7);
--> shop.orders => shop.out1
--> shop.out1.id <- shop.orders.id
--> shop.out1.amount <- shop.orders.amount
--> shop.out1 <- shop.orders.customer_id filter

-- # JavaScript function
CREATE TEMP FUNCTION twice(x FLOAT64) RETURNS FLOAT64 LANGUAGE js AS """return x * 2;""";
SELECT twice(amount) AS t FROM shop.orders;
--> shop.orders => ()
--> ().t <- shop.orders.amount transformation

-- ## dynamic sql

-- # execute immediate of a constant
EXECUTE IMMEDIATE 'INSERT INTO shop.balances (customer_id) SELECT id FROM shop.customers';
--> shop.customers => shop.balances
--> shop.balances.customer_id <- shop.customers.id

-- # execute immediate with into, using and a name
DECLARE n INT64;
DECLARE low NUMERIC;
SET low = (SELECT MIN(amount) FROM shop.orders);
EXECUTE IMMEDIATE "SELECT MAX(id) FROM shop.customers WHERE id > @low AND id < ?" INTO n USING low AS low;
INSERT INTO shop.balances (customer_id) VALUES (n);
--> shop.orders, shop.customers => shop.balances
--> shop.balances.customer_id <- shop.customers.id aggregation, shop.customers.id condition, shop.orders.amount condition

-- # execute immediate of concat and format
DECLARE tab STRING DEFAULT 'balances';
DECLARE sql STRING;
SET sql = CONCAT('INSERT INTO shop.', tab, ' (customer_id) ');
EXECUTE IMMEDIATE sql || 'SELECT id FROM shop.customers';
EXECUTE IMMEDIATE FORMAT("""
  INSERT INTO shop.%s (customer_id, total)
  SELECT customer_id, amount FROM shop.orders WHERE ordered_at = %T
""", tab, CURRENT_DATE());
--> shop.customers, shop.orders => shop.balances
--> shop.balances.customer_id <- shop.customers.id, shop.orders.customer_id
--> shop.balances.total <- shop.orders.amount
--> shop.balances <- shop.orders.ordered_at filter

-- # execute immediate that only the run knows
DECLARE tab STRING DEFAULT (SELECT MAX(name) FROM shop.config);
EXECUTE IMMEDIATE 'DROP TABLE shop.' || tab;
SELECT id FROM shop.customers;
--> shop.config, shop.customers => ()
--> ().id <- shop.customers.id
--> ! dynamic_sql
