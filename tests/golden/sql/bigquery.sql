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

-- schema shop.carts(id INT64, user_id INT64, lines ARRAY<STRUCT<sku STRING, qty INT64, price NUMERIC>>, ship STRUCT<geo STRUCT<lat FLOAT64, lon FLOAT64>, city STRING>, labels ARRAY<STRING>, doc JSON, placed_at TIMESTAMP)
-- schema shop.readings(sensor STRING, day DATE, metric STRING, reading FLOAT64)

-- ## nested

-- # field of a field
select c.ship.geo.lat, ship.city as town from shop.carts c;
--> shop.carts => ()
--> ().lat <- shop.carts.ship.geo.lat
--> ().town <- shop.carts.ship.city

-- # struct passed through two queries, then a field
with a as (select id, ship from shop.carts), b as (select id, ship as s from a)
select b.s.geo.lon as lon from b;
--> shop.carts => ()
--> ().lon <- shop.carts.ship.geo.lon

-- # field of a struct that the query builds
select st.x from (select struct(id as x, user_id as y) as st from shop.carts);
--> shop.carts => ()
--> ().x <- shop.carts.id

-- # struct fields named after their columns, and a nested struct
select s.user_id as u, s.inner_.twice as t
from (select struct(c.user_id, struct(c.id * 2 as twice) as inner_) as s from shop.carts c);
--> shop.carts => ()
--> ().u <- shop.carts.user_id
--> ().t <- shop.carts.id transformation

-- # all fields of a struct column
select id, ship.* from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().geo <- shop.carts.ship.geo
--> ().city <- shop.carts.ship.city

-- # all fields of a struct without a schema (no schema)
select id, ship.* from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().* <- shop.carts.ship.*

-- # fields of a struct less one
select ship.* except (geo) from shop.carts;
--> shop.carts => ()
--> ().city <- shop.carts.ship.city

-- # unnest of structs with an offset
select c.id, line.sku, line.qty * line.price as total, at
from shop.carts as c, unnest(c.lines) as line with offset as at;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation
--> ().total <- shop.carts.lines.qty transformation, shop.carts.lines.price transformation
--> ().at <- shop.carts.lines transformation

-- # fields of unnested structs without a qualifier
select id, sku from shop.carts cross join unnest(lines);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation

-- # array by its path in FROM
select c.id, line.sku from shop.carts c, c.lines as line;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation

-- # left join with unnest without a schema (no schema)
select c.id, line.sku from shop.carts c left join unnest(c.lines) as line on true where line.qty > 1;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation
--> () <- shop.carts.lines.qty filter

-- # star over unnested structs
select * from shop.carts c, unnest(c.lines) where c.id = 1;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().user_id <- shop.carts.user_id
--> ().lines <- shop.carts.lines
--> ().ship <- shop.carts.ship
--> ().labels <- shop.carts.labels
--> ().doc <- shop.carts.doc
--> ().placed_at <- shop.carts.placed_at
--> ().sku <- shop.carts.lines.sku transformation
--> ().qty <- shop.carts.lines.qty transformation
--> ().price <- shop.carts.lines.price transformation
--> () <- shop.carts.id filter

-- # latest row of each key as a struct
select latest.*
from (
  select array_agg(c order by c.placed_at desc limit 1)[offset(0)] as latest
  from (select id, user_id, placed_at from shop.carts) c
  group by c.user_id
);
--> shop.carts => ()
--> ().id <- shop.carts.id aggregation, shop.carts.placed_at window
--> ().user_id <- shop.carts.user_id aggregation, shop.carts.placed_at window
--> ().placed_at <- shop.carts.placed_at aggregation, shop.carts.placed_at window
--> () <- shop.carts.user_id group_by

-- # latest row of each key without a schema (no schema)
select latest.id, latest.total
from (select any_value(c having max c.placed_at) as latest from shop.carts c group by c.user_id);
--> shop.carts => ()
--> ().id <- shop.carts.id aggregation, shop.carts.placed_at condition
--> ().total <- shop.carts.total aggregation, shop.carts.placed_at condition
--> () <- shop.carts.user_id group_by

-- # array of structs built by a subquery, then unnested
with packed as (
  select c.id, array(select as struct l.sku, l.qty * l.price as total from unnest(c.lines) l where l.qty > 0) as rows_
  from shop.carts c
)
select p.id, r.total from packed p, unnest(p.rows_) r;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().total <- shop.carts.lines.qty transformation, shop.carts.lines.price transformation, shop.carts.lines.qty condition

-- # sum over an array in a scalar subquery
select id, (select sum(l.qty) from unnest(lines) l where l.sku like 'a%') as pieces from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().pieces <- shop.carts.lines.qty aggregation, shop.carts.lines.sku condition

-- # membership of an array
select id from shop.carts where 'gift' in unnest(labels) and exists (select 1 from unnest(lines) l where l.qty > 9);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> () <- shop.carts.labels filter, shop.carts.lines.qty filter

-- # values out of JSON
select json_value(doc, '$.a.b') as b, safe_cast(json_extract_scalar(doc, '$.n') as int64) as n, doc['k'] as k from shop.carts;
--> shop.carts => ()
--> ().b <- shop.carts.doc transformation
--> ().n <- shop.carts.doc transformation
--> ().k <- shop.carts.doc transformation

-- # item of an array of structs
select lines[offset(0)].sku as first_sku, labels[safe_offset(1)] as label from shop.carts;
--> shop.carts => ()
--> ().first_sku <- shop.carts.lines.sku transformation
--> ().label <- shop.carts.labels transformation

-- # inserting from nested rows
insert into mart.sales (cart_id, sku, revenue)
select c.id, l.sku, sum(l.qty * l.price)
from shop.carts c cross join unnest(c.lines) as l
where c.placed_at >= timestamp '2024-01-01'
group by c.id, l.sku;
--> shop.carts => mart.sales
--> mart.sales.cart_id <- shop.carts.id
--> mart.sales.sku <- shop.carts.lines.sku transformation
--> mart.sales.revenue <- shop.carts.lines.qty aggregation, shop.carts.lines.price aggregation
--> mart.sales <- shop.carts.placed_at filter, shop.carts.id group_by, shop.carts.lines.sku group_by

-- ## pivots

-- # pivot with two aggregates and an alias of a value
select * from (select sensor, metric, reading from shop.readings)
pivot (sum(reading) as total, count(*) as n for metric in ('heat', 'wind' as w));
--> shop.readings => ()
--> ().sensor <- shop.readings.sensor
--> ().total_heat <- shop.readings.reading aggregation, shop.readings.metric condition
--> ().n_heat <- shop.readings.metric condition
--> ().total_w <- shop.readings.reading aggregation, shop.readings.metric condition
--> ().n_w <- shop.readings.metric condition
--> () <- shop.readings.sensor group_by

-- # unpivot of pairs
select * from (select id, a, b, c, d from shop.halves)
unpivot ((lo, hi) for half in ((a, b) as 'first', (c, d) as 'second'));
--> shop.halves => ()
--> ().id <- shop.halves.id
--> ().lo <- shop.halves.a, shop.halves.c
--> ().hi <- shop.halves.b, shop.halves.d

-- # unpivot, then pivot
select * from (select id, heat, wind from shop.wide)
unpivot (v for metric in (heat, wind)) pivot (max(v) for metric in ('heat', 'wind'));
--> shop.wide => ()
--> ().id <- shop.wide.id
--> ().heat <- shop.wide.heat aggregation, shop.wide.wind aggregation
--> ().wind <- shop.wide.heat aggregation, shop.wide.wind aggregation
--> () <- shop.wide.id group_by

-- ## aggregates

-- # aggregates that pick, count and sketch
select any_value(email having max id) as pick, countif(id > 3) as n, string_agg(email, ',' order by id limit 2) as some,
  approx_quantiles(id, 4)[offset(2)] as middle, logical_or(id > 1) as l, hll_count.init(email) as sketch
from shop.customers;
--> shop.customers => ()
--> ().pick <- shop.customers.email aggregation, shop.customers.id condition
--> ().n <- shop.customers.id condition
--> ().some <- shop.customers.email aggregation, shop.customers.id window
--> ().middle <- shop.customers.id aggregation
--> ().l <- shop.customers.id aggregation
--> ().sketch <- shop.customers.email aggregation

-- ## stars

-- # star with rank filtered away
select * except (rn) from (select id, email, row_number() over (partition by email order by id) as rn from shop.customers)
where rn = 1;
--> shop.customers => ()
--> ().id <- shop.customers.id
--> ().email <- shop.customers.email
--> () <- shop.customers.email filter, shop.customers.id filter

-- # row of a table as a value
select to_json_string(c) as doc from shop.customers as c;
--> shop.customers => ()
--> ().doc <- shop.customers.id transformation, shop.customers.email transformation, shop.customers.tags transformation

-- ## nested

-- # one field of structs from both sides of a union
select s.x from (
  select struct(id as x, user_id as y) as s from shop.carts
  union all
  select struct(c.id as x, c.email as y) from shop.customers c
);
--> shop.carts, shop.customers => ()
--> ().x <- shop.carts.id, shop.customers.id

-- # one field of the first struct that is there (no schema)
select coalesce(a.ship, b.ship).city as city, if(a.ok, a.bill, b.bill).zip as zip from x a join y b on b.id = a.id;
--> x, y => ()
--> ().city <- x.ship.city transformation, y.ship.city transformation
--> ().zip <- x.bill.zip transformation, y.bill.zip transformation, x.ok condition
--> () <- y.id join, x.id join

-- # rows as values, deduplicated (no schema)
with latest as (
  select as value array_agg(t order by t.loaded_at desc limit 1)[offset(0)] from raw.orders t group by t.order_id
)
select order_id, ship.city from latest;
--> raw.orders => ()
--> ().order_id <- raw.orders.order_id aggregation, raw.orders.loaded_at window
--> ().city <- raw.orders.ship.city aggregation, raw.orders.loaded_at window
--> () <- raw.orders.order_id group_by

-- # event parameters (no schema)
create or replace table mart.page_views as
select
  e.user_pseudo_id as user_id,
  timestamp_micros(e.event_timestamp) as at,
  (select p.value.string_value from unnest(e.event_params) p where p.key = 'page_location') as page,
  (select value.int_value from unnest(event_params) where key = 'engagement_time_msec') as msec,
  e.device.category as device,
  i.item_name,
  i.price * i.quantity as revenue
from `proj.analytics.events` e
left join unnest(e.items) as i
where e.event_name = 'page_view';
--> proj.analytics.events => mart.page_views
--> mart.page_views.user_id <- proj.analytics.events.user_pseudo_id
--> mart.page_views.at <- proj.analytics.events.event_timestamp transformation
--> mart.page_views.page <- proj.analytics.events.event_params.value.string_value transformation, proj.analytics.events.event_params.key condition
--> mart.page_views.msec <- proj.analytics.events.event_params.value.int_value transformation, proj.analytics.events.event_params.key condition
--> mart.page_views.device <- proj.analytics.events.device.category
--> mart.page_views.item_name <- proj.analytics.events.items.item_name transformation
--> mart.page_views.revenue <- proj.analytics.events.items.price transformation, proj.analytics.events.items.quantity transformation
--> mart.page_views <- proj.analytics.events.event_name filter

-- ## scripts

-- # struct in a temporary table
create temp table packed as select struct(id as x, user_id as y) as s from shop.carts;
create table mart.out as select s.y as who from packed;
--> shop.carts => mart.out
--> mart.out.who <- shop.carts.user_id
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
--> - => ()

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

-- ## stars

-- # struct in a star rebuilt less one field (no schema)
select * replace ((select as struct s.* except (secret)) as s) from shop.people;
--> shop.people => ()
--> ().* <- shop.people.*
--> ().s <- shop.people.s.* transformation

-- ## merge

-- # merge of structs that the source builds
merge mart.t t using (select id, struct(id as x, email as y) as s from shop.customers) u on t.id = u.id
when matched then update set y = u.s.y when not matched then insert (id, s) values (u.id, u.s);
--> shop.customers => mart.t
--> mart.t.y <- shop.customers.email
--> mart.t.id <- shop.customers.id
--> mart.t.s <- shop.customers.id transformation, shop.customers.email transformation
--> mart.t <- mart.t.id join, shop.customers.id join
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # values with a subquery
insert w.dst (id, total) values (1, (select max(amount) from w.src where grp = 3)), (2, 5);
--> w.src => w.dst
--> w.dst.total <- w.src.amount aggregation, w.src.grp condition

-- ## create

-- # copy and snapshot
create table w.dst_copy copy w.dst;
create snapshot table w.dst_snap clone w.dst options (expiration_timestamp = timestamp '2030-01-01');
--> w.dst => w.dst_copy, w.dst_snap
--> w.dst_copy.id <- w.dst.id
--> w.dst_copy.grp <- w.dst.grp
--> w.dst_copy.total <- w.dst.total
--> w.dst_snap.id <- w.dst.id
--> w.dst_snap.grp <- w.dst.grp
--> w.dst_snap.total <- w.dst.total

-- # external table over files
create or replace external table w.e options (format = 'csv', uris = ['gs://lake/e/a.csv', 'gs://lake/e/b.csv']);
--> gs://lake/e/a.csv, gs://lake/e/b.csv => [w.e]
--> w.e.* <- gs://lake/e/a.csv.*, gs://lake/e/b.csv.*

-- # partitioned and clustered
create or replace table w.made partition by date(at) cluster by grp options (description = 'x') as select at, grp, amount as total from w.src;
--> w.src => w.made
--> w.made.at <- w.src.at
--> w.made.grp <- w.src.grp
--> w.made.total <- w.src.amount

-- ## update

-- # update of a struct field
update w.dst d set grp.name = s.state, total = s.amount from w.src s where s.id = d.id;
--> w.src => w.dst
--> w.dst.grp <- w.src.state
--> w.dst.total <- w.src.amount
--> w.dst <- w.src.id filter, w.dst.id filter

-- ## select

-- # hyphenated project
select id from my-proj.shop.orders where amount > 1;
--> my-proj.shop.orders => ()
--> ().id <- my-proj.shop.orders.id
--> () <- my-proj.shop.orders.amount filter

-- # wildcard table with its suffix (no schema)
select _table_suffix as day, id from `my-proj.logs.events_*` where _table_suffix between '20240101' and '20240131';
--> my-proj.logs.events_* => ()
--> ().id <- my-proj.logs.events_*.id

-- # ingestion time and a partition decorator
select _partitiontime as at, id from shop.orders$20240101 where _partitiondate > '2024-01-01';
--> shop.orders => ()
--> ().id <- shop.orders.id

-- # legacy brackets (no schema)
select id from [my_proj:shop.orders];
--> my_proj.shop.orders => ()
--> ().id <- my_proj.shop.orders.id

-- # time travel
select o.id from shop.orders as o for system_time as of timestamp_sub(current_timestamp(), interval 1 hour);
--> shop.orders => ()
--> ().id <- shop.orders.id

-- # strings in double quotes
select id, "x" as a, r'\d' as b, """long "one" """ as c from shop.orders where customer_id = "y";
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.customer_id filter

-- # group by and having by alias
select date(ordered_at) as day, sum(amount) as total from shop.orders group by day having total > 1 order by day;
--> shop.orders => ()
--> ().day <- shop.orders.ordered_at transformation
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.amount filter, shop.orders.ordered_at group_by, shop.orders.ordered_at sort

-- # pipe syntax from a table
from shop.orders
|> where amount > 1
|> extend amount * 2 as twice
|> aggregate sum(twice) as total group by customer_id
|> order by total desc
|> limit 5;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.amount filter, shop.orders.customer_id group_by, shop.orders.amount sort

-- # pipe operators that change columns
from shop.orders
|> drop address, items, ordered_at
|> rename customer_id as customer
|> set amount = amount * 100, id = id + 1
|> where customer > 0;
--> shop.orders => ()
--> ().id <- shop.orders.id transformation
--> ().customer <- shop.orders.customer_id
--> ().amount <- shop.orders.amount transformation
--> () <- shop.orders.customer_id filter

-- # pipe with an alias and a join
from shop.orders
|> select id, customer_id
|> as o
|> join shop.customers as c on c.id = o.customer_id
|> select o.id, c.email;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> ().email <- shop.customers.email
--> () <- shop.customers.id join, shop.orders.customer_id join

-- # pipe behind a select, and an assertion
select id, amount from shop.orders |> assert amount > 0 |> where amount > 5 |> select id;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- ## set operations

-- # except distinct
select id from shop.orders except distinct select id from shop.customers;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> () <- shop.customers.id filter

-- ## table functions

-- # table as an argument
select * from shop.summary(10, table shop.customers) as s;
--> shop.customers => ()
--> ().* <- shop.customers.id transformation, shop.customers.email transformation, shop.customers.tags transformation

-- ## create

-- # pipe syntax in create
create table mart.daily partition by day cluster by customer_id options (description = 'x') as
from shop.orders |> aggregate sum(amount) as total group by customer_id, date(ordered_at) as day;
--> shop.orders => mart.daily
--> mart.daily.customer_id <- shop.orders.customer_id
--> mart.daily.day <- shop.orders.ordered_at transformation
--> mart.daily.total <- shop.orders.amount aggregation
--> mart.daily <- shop.orders.customer_id group_by, shop.orders.ordered_at group_by

-- ## delete

-- # delete without from
delete w.dst where id in (select id from w.src where state = 'gone');
--> w.src => w.dst
--> w.dst <- w.dst.id filter, w.src.id filter, w.src.state filter

-- ## merge

-- # insert row
merge into w.dst d using (select id, grp, amount from w.src) s on d.id = s.id when matched then update set total = s.amount when not matched then insert row;
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst <- w.dst.id join, w.src.id join

-- # constant condition and listed row
merge w.dst using w.src on false when not matched by target and state = 'x' then insert (id, grp) row when not matched by source and dst.total > 3 then delete;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst <- w.src.state filter, w.dst.total filter

-- ## files

-- # load data
load data overwrite w.dst (id int64, grp int64, total numeric) from files (format = 'parquet', uris = ['gs://lake/dst/*.parquet']);
--> gs://lake/dst/*.parquet => w.dst

-- # export data
export data options (uri = 'gs://out/src/*.csv', format = 'csv', overwrite = true) as select id, sum(amount) as s from w.src group by id;
--> w.src => gs://out/src/*.csv
--> gs://out/src/*.csv.id <- w.src.id
--> gs://out/src/*.csv.s <- w.src.amount aggregation
--> gs://out/src/*.csv <- w.src.id group_by

-- ## scripts

-- # default dataset
set @@dataset_id = 'w'; insert into dst (id) select id from src;
--> w.src => w.dst
--> w.dst.id <- w.src.id

-- # temporary table of a session
create temp table t as select id, amount from w.src where state = 'x'; insert into w.dst (id, total) select * from t;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount
--> w.dst <- w.src.state filter

-- ## create

-- # model
create or replace model w.m options (model_type = 'linear_reg', input_label_cols = ['label']) as select grp, amount as label from w.src;
--> w.src => w.m
--> w.m.grp <- w.src.grp
--> w.m.label <- w.src.amount

-- ## nested

-- # array by its path with an offset
select c.id, line.sku, at from shop.carts c, c.lines line with offset at where at < 3;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation
--> ().at <- shop.carts.lines transformation
--> () <- shop.carts.lines filter

-- # warehouse model over nested orders
create or replace table mart.customer_lines as
with exploded as (
  select c.id, c.user_id, line.sku, line.qty, line.price, pos
  from shop.carts c
  left join unnest(c.lines) as line with offset as pos
  where c.placed_at >= timestamp '2024-01-01'
),
packed as (
  select
    user_id,
    array_agg(struct(sku, qty * price as total, pos) order by pos) as lines,
    struct(min(id) as first_id, max(id) as last_id) as span
  from exploded
  group by user_id
)
select
  p.user_id,
  p.span.first_id,
  p.lines[safe_offset(0)].sku as top_sku,
  (select sum(l.total) from unnest(p.lines) as l) as total
from packed as p;
--> shop.carts => mart.customer_lines
--> mart.customer_lines.user_id <- shop.carts.user_id
--> mart.customer_lines.first_id <- shop.carts.id aggregation
--> mart.customer_lines.top_sku <- shop.carts.lines.sku aggregation, shop.carts.lines window
--> mart.customer_lines.total <- shop.carts.lines.qty aggregation, shop.carts.lines.price aggregation, shop.carts.lines window
--> mart.customer_lines <- shop.carts.placed_at filter, shop.carts.user_id group_by
-- ## delete

-- # delete without FROM, under an alias
delete shop.orders as o where o.amount = 0;
--> - => shop.orders
--> shop.orders <- shop.orders.amount filter

-- ## procedures

-- # function whose expression begins with a parenthesis
create temp function per_unit(total float64, n float64) as ((total + 1) / n); select per_unit(amount, customer_id) as u from shop.orders;
--> shop.orders => ()
--> ().u <- shop.orders.amount transformation, shop.orders.customer_id transformation
delete shop.orders where amount < 0;
--> - => shop.orders
--> shop.orders <- shop.orders.amount filter

-- ## names

-- # parts quoted one by one (no schema)
select t.id from `my-proj`.shop.`orders` as t join `shop`.`customers` c on c.id = t.customer_id;
--> my-proj.shop.orders, shop.customers => ()
--> ().id <- my-proj.shop.orders.id
--> () <- shop.customers.id join, my-proj.shop.orders.customer_id join

-- # information schema (no schema)
select table_name from shop.INFORMATION_SCHEMA.COLUMNS where data_type = 'STRING';
--> shop.INFORMATION_SCHEMA.COLUMNS => ()
--> ().table_name <- shop.INFORMATION_SCHEMA.COLUMNS.table_name
--> () <- shop.INFORMATION_SCHEMA.COLUMNS.data_type filter

-- # tables keep their case, columns do not (no schema)
select ID, id as other from shop.Orders join shop.orders using (Id);
--> shop.Orders, shop.orders => ()
--> ().id <- shop.Orders.id
--> ().other <- shop.Orders.id
--> () <- shop.Orders.id join, shop.orders.id join

-- ## other

-- # statements that move nothing
create schema mart options (location = 'eu'); create row access policy p on shop.orders grant to ('user:x') filter using (id = 1); create search index i on shop.orders (all columns); drop all row access policies on shop.orders; assert (select count(*) from shop.orders) > 0 as 'empty'; export model mart.m options (uri = 'gs://x'); grant `roles/viewer` on table shop.orders to 'user:x'; create temp function f(x int64) returns int64 language js as 'return x'; call bq.refresh_materialized_view('mart.v'); begin transaction; commit transaction; drop table function mart.f;
--> - => ()
-- ## dynamic sql

-- # format with a value in quotes and a number
EXECUTE IMMEDIATE FORMAT('''
  INSERT INTO shop.balances (customer_id)
  SELECT customer_id FROM shop.orders WHERE ordered_at = "%t" AND amount > %d
''', CURRENT_DATE(), (SELECT COUNT(*) FROM shop.customers));
--> shop.customers, shop.orders => shop.balances
--> shop.balances.customer_id <- shop.orders.customer_id
--> shop.balances <- shop.orders.ordered_at filter, shop.orders.amount filter

-- ## ctes

-- # recursive query with an array as its path (no schema)
with recursive chain as (
  select id, boss_id, [name] as path from hr.staff where boss_id is null
  union all
  select s.id, s.boss_id, array_concat(c.path, [s.name]) from hr.staff s join chain c on s.boss_id = c.id
)
select id, array_to_string(path, '/') as path from chain;
--> hr.staff => ()
--> ().id <- hr.staff.id
--> ().path <- hr.staff.name transformation
--> () <- hr.staff.boss_id filter, hr.staff.boss_id join, hr.staff.id join
-- ## other

-- # repaired: a condition that cannot be read (no schema)
select b, c from `p.d.t` as x where @@@ = 4 and x.k = 1;
--> p.d.t => ()
--> ().b <- p.d.t.b
--> ().c <- p.d.t.c
--> () <- p.d.t.k filter
--> ! repaired

-- # scan: names in backticks (no schema)
merge `p.d.target` t using (select * from `p`.d.source where ( ) s on on t.id = = s.id when matched then update set )) x;
--> p.d.source => [p.d.target]
--> ! syntax
--> ! token_scan

-- ## merge

-- # merge branches without a match see one side alone (no schema)
merge d.stock t using d.arrivals s on t.sku = s.sku
when not matched and qty > 0 then insert (sku, qty) values (sku, qty)
when not matched by source and qty < 0 then update set closed_on = checked_on;
--> d.arrivals => d.stock
--> d.stock.sku <- d.arrivals.sku
--> d.stock.qty <- d.arrivals.qty
--> d.stock.closed_on <- d.stock.checked_on
--> d.stock <- d.stock.sku join, d.arrivals.sku join, d.arrivals.qty filter, d.stock.qty filter
-- ## nested

-- # a row taken as a struct is computed, its fields are copies (no schema)
select x.s, x.s.city from (select (select as struct a.city, a.zip from d.places a where a.id = o.place_id) as s from d.trips o) x;
--> d.trips, d.places => ()
--> ().s <- d.places.city transformation, d.places.zip transformation, d.places.id condition, d.trips.place_id condition
--> ().city <- d.places.city, d.places.id condition, d.trips.place_id condition

-- ## table functions

-- # functions over a model and rows, or over a model alone (no schema)
create table d.scores as select e.precision, i.feature from ml.evaluate(model d.m, (select km, cost from d.trips where day > '2024')) e cross join ml.feature_importance(model d.m) i;
--> d.trips => d.scores
--> d.scores.precision <- d.trips.km transformation, d.trips.cost transformation
--> d.scores <- d.trips.day filter
