-- schema shop.carts(id bigint, user_id bigint, lines array(row(sku varchar, qty integer)), ship row(city varchar, zip varchar), props map(varchar, varchar), doc json)
-- schema shop.ticks(symbol, ts, price, volume)

-- ## nested

-- # field of a row
select c.ship.city, ship.zip as z, (ship).city as again from shop.carts c;
--> shop.carts => ()
--> ().city <- shop.carts.ship.city
--> ().z <- shop.carts.ship.zip
--> ().again <- shop.carts.ship.city

-- # unnest makes a column of each field
select c.id, l.sku, l.q from shop.carts c cross join unnest(c.lines) as l(sku, q);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation
--> ().q <- shop.carts.lines.qty transformation

-- # unnest without a schema (no schema)
select c.id, l.sku from shop.carts c cross join unnest(c.lines) as l(sku, q);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines transformation

-- # arrays side by side with their position
select x, y, n from pairs cross join unnest(xs, ys) with ordinality as u(x, y, n);
--> pairs => ()
--> ().x <- pairs.xs transformation
--> ().y <- pairs.ys transformation
--> ().n <- pairs.xs transformation, pairs.ys transformation

-- # unnest of a map
select id, k, v from shop.carts cross join unnest(props) as p(k, v) where k <> 'x';
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().k <- shop.carts.props transformation
--> ().v <- shop.carts.props transformation
--> () <- shop.carts.props filter

-- # row with named fields by a cast
select r.a from (select cast(row(id, user_id) as row(a bigint, b bigint)) as r from shop.carts);
--> shop.carts => ()
--> ().a <- shop.carts.id

-- # lambdas and JSON
select transform(lines, l -> l.qty + user_id) as moved, reduce(map_values(props), '', (s, x) -> s || x, s -> s) as joined,
  json_extract_scalar(doc, '$.a.b') as b, element_at(props, 'k') as k
from shop.carts;
--> shop.carts => ()
--> ().moved <- shop.carts.lines transformation, shop.carts.user_id transformation
--> ().joined <- shop.carts.props transformation
--> ().b <- shop.carts.doc transformation
--> ().k <- shop.carts.props transformation

-- ## patterns

-- # match recognize with all rows
select m.symbol, m.price, m.bottom from shop.ticks match_recognize (
  partition by symbol order by ts
  measures last(down.price) as bottom
  all rows per match
  pattern (begin_ down+)
  define down as down.price < prev(down.price)
) as m;
--> shop.ticks => ()
--> ().symbol <- shop.ticks.symbol
--> ().price <- shop.ticks.price
--> ().bottom <- shop.ticks.price transformation
--> () <- shop.ticks.symbol group_by, shop.ticks.ts sort, shop.ticks.price filter

-- ## aggregates

-- # aggregates that pick and collect
select max_by(symbol, price) as top, map_agg(symbol, price) as m, array_agg(price order by ts) as p,
  approx_percentile(price, 0.5) as mid, arbitrary(symbol) as any_, listagg(symbol, ',') within group (order by ts) as names,
  count(*) filter (where volume > 3) as n
from shop.ticks;
--> shop.ticks => ()
--> ().top <- shop.ticks.symbol aggregation, shop.ticks.price condition
--> ().m <- shop.ticks.symbol aggregation, shop.ticks.price aggregation
--> ().p <- shop.ticks.price aggregation, shop.ticks.ts window
--> ().mid <- shop.ticks.price aggregation
--> ().any_ <- shop.ticks.symbol aggregation
--> ().names <- shop.ticks.symbol aggregation, shop.ticks.ts window
--> ().n <- shop.ticks.volume condition

-- # grouping sets
select symbol, ts, grouping(symbol, ts) as g, sum(volume) as v from shop.ticks group by grouping sets ((symbol, ts), (symbol), ());
--> shop.ticks => ()
--> ().symbol <- shop.ticks.symbol
--> ().ts <- shop.ticks.ts
--> ().g <- shop.ticks.symbol aggregation, shop.ticks.ts aggregation
--> ().v <- shop.ticks.volume aggregation
--> () <- shop.ticks.symbol group_by, shop.ticks.ts group_by

-- ## table functions

-- # values as rows
select v.a, t.price from (values row('x', 1), row('y', 2)) as v(a, b) join shop.ticks t on t.symbol = v.a;
--> shop.ticks => ()
--> ().price <- shop.ticks.price
--> () <- shop.ticks.symbol join

-- ## windows

-- # nth value over a frame
select symbol, nth_value(price, 2) over (partition by symbol order by ts rows between 3 preceding and current row) as second
from shop.ticks;
--> shop.ticks => ()
--> ().symbol <- shop.ticks.symbol
--> ().second <- shop.ticks.price transformation, shop.ticks.symbol window, shop.ticks.ts window

-- ## subqueries

-- # any, exists and a list in one filter (no schema)
select o.id from orders o
where o.kind = any (select k.name from kinds k where k.shop = o.shop)
  and exists (select 1 from payments p where p.order_id = o.id and p.amount > all (select f.fee from fees f))
  and o.state not in (select s.code from states s);
--> orders, kinds, payments, fees, states => ()
--> ().id <- orders.id
--> () <- orders.kind filter, kinds.name filter, kinds.shop filter, orders.shop filter, payments.order_id filter, orders.id filter, payments.amount filter, fees.fee filter, orders.state filter, states.code filter

-- ## joins

-- # full join with using
select id, a.x, b.y from (select id, x from t1) a full outer join (select id, y from t2) b using (id);
--> t1, t2 => ()
--> ().id <- t1.id, t2.id
--> ().x <- t1.x
--> ().y <- t2.y
--> () <- t1.id join, t2.id join
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## create

-- # table with properties and columns
create table if not exists w.made (k, v) comment 'x' with (format = 'orc', partitioned_by = array['v']) as select id, amount from w.src with data;
--> w.src => w.made
--> w.made.k <- w.src.id
--> w.made.v <- w.src.amount

-- ## merge

-- # merge that adds up
merge into w.dst d using w.src s on d.id = s.id when matched and s.state = 'gone' then delete when matched then update set total = d.total + s.amount when not matched then insert (id, total) values (s.id, s.amount);
--> w.src => w.dst
--> w.dst.total <- w.dst.total transformation, w.src.amount transformation
--> w.dst.id <- w.src.id
--> w.dst <- w.dst.id join, w.src.id join, w.src.state filter

-- ## scripts

-- # use of catalog and schema
use lake.w; insert into dst (id) select id from src;
--> lake.w.src => lake.w.dst
--> lake.w.dst.id <- lake.w.src.id

-- schema hive.shop.orders(id, customer_id, amount, tags, ordered_at)
-- schema hive.shop.customers(id, email)

-- ## select

-- # try and if
select try(amount / id) as ratio, if(amount > 0, id) as x, try_cast(amount as varchar) as s from hive.shop.orders;
--> hive.shop.orders => ()
--> ().ratio <- hive.shop.orders.amount transformation, hive.shop.orders.id transformation
--> ().x <- hive.shop.orders.amount condition, hive.shop.orders.id transformation
--> ().s <- hive.shop.orders.amount transformation

-- # fetch first with ties
select id from hive.shop.orders order by amount desc fetch first 5 rows with ties;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id
--> () <- hive.shop.orders.amount sort

-- # time travel
select id from hive.shop.orders for version as of 8954597067493422955 where amount > 1;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id
--> () <- hive.shop.orders.amount filter

-- # session settings before the query
with session query_max_run_time = '2h' select id from hive.shop.orders;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id

-- # inline function
with function twice(x bigint) returns bigint return x * 2 select twice(amount) as t from hive.shop.orders;
--> hive.shop.orders => ()
--> ().t <- hive.shop.orders.amount transformation

-- ## nested

-- # unnest with ordinality
select o.id, t.tag, t.n from hive.shop.orders o cross join unnest(o.tags) with ordinality as t (tag, n);
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id
--> ().tag <- hive.shop.orders.tags transformation
--> ().n <- hive.shop.orders.tags transformation

-- ## aggregates

-- # filter, arbitrary and map
select customer_id, count(*) filter (where amount > 1) as many, arbitrary(id) as any_id, map_agg(id, amount) as m from hive.shop.orders group by 1;
--> hive.shop.orders => ()
--> ().customer_id <- hive.shop.orders.customer_id
--> ().many <- hive.shop.orders.amount condition
--> ().any_id <- hive.shop.orders.id aggregation
--> ().m <- hive.shop.orders.id aggregation, hive.shop.orders.amount aggregation
--> () <- hive.shop.orders.customer_id group_by

-- ## table functions

-- # table argument by name
select * from table(exclude_columns(input => table(hive.shop.orders), columns => descriptor(tags))) as t (id);
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id transformation, hive.shop.orders.customer_id transformation, hive.shop.orders.amount transformation, hive.shop.orders.tags transformation, hive.shop.orders.ordered_at transformation

-- # sequence reads nothing
select n from table(sequence(1, 10)) as s (n);
--> - => ()

-- ## create

-- # create table as with properties and no data
create table if not exists iceberg.mart.big comment 'x' with (format = 'ORC', partitioning = array['day(ordered_at)'])
as select id, ordered_at from hive.shop.orders with no data;
--> hive.shop.orders => iceberg.mart.big
--> iceberg.mart.big.id <- hive.shop.orders.id
--> iceberg.mart.big.ordered_at <- hive.shop.orders.ordered_at

-- # materialized view with a grace period
create or replace materialized view iceberg.mart.v grace period interval '1' hour comment 'x' with (format = 'parquet')
as select customer_id, sum(amount) as total from hive.shop.orders group by customer_id;
--> hive.shop.orders => iceberg.mart.v
--> iceberg.mart.v.customer_id <- hive.shop.orders.customer_id
--> iceberg.mart.v.total <- hive.shop.orders.amount aggregation
--> iceberg.mart.v <- hive.shop.orders.customer_id group_by

-- # create table as with a column list
create table iceberg.mart.c (order_id, total) as select id, amount from hive.shop.orders;
--> hive.shop.orders => iceberg.mart.c
--> iceberg.mart.c.order_id <- hive.shop.orders.id
--> iceberg.mart.c.total <- hive.shop.orders.amount

-- ## names

-- # catalogs and case
select O.ID from HIVE.Shop."orders" as O join "hive"."shop".customers c on c.id = o.customer_id;
--> hive.shop.orders, hive.shop.customers => ()
--> ().id <- hive.shop.orders.id
--> () <- hive.shop.customers.id join, hive.shop.orders.customer_id join

-- # use gives the defaults
use hive.shop; select id from orders;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id

-- ## scripts

-- # a prepared statement is its text
prepare p from insert into iceberg.mart.big (id) select id from hive.shop.orders where amount > ?;
--> hive.shop.orders => iceberg.mart.big
--> iceberg.mart.big.id <- hive.shop.orders.id
--> iceberg.mart.big <- hive.shop.orders.amount filter

-- ## other

-- # session and statistics
analyze hive.shop.orders; set session x = 1; reset session x; show stats for hive.shop.orders; call system.sync_partition_metadata('shop', 'orders', 'FULL'); deallocate prepare p; refresh materialized view v; describe output p; grant select on hive.shop.orders to role bi;
--> - => ()

-- ## names

-- # hidden columns of files (no schema)
select "$path" as p, "$partition", o.id from hive.shop.orders o;
--> hive.shop.orders => ()
--> ().id <- hive.shop.orders.id

-- ## scripts

-- # EXECUTE of what the script has prepared (no schema)
prepare fill from insert into totals (day) select d from trips where c = ?;
execute fill using 'x';
execute immediate 'insert into totals (km) select k from trips where c = ?' using 'y';
deallocate prepare fill;
--> trips => totals
--> totals.day <- trips.d
--> totals.km <- trips.k
--> totals <- trips.c filter

-- ## table functions

-- # TABLE around a function is no collection (no schema)
select * from table(exclude_columns(input => table(trips), columns => descriptor(note)));
--> trips => ()
--> ().* <- trips.* transformation

-- ## other

-- # procedures of a catalogue (no schema)
call iceberg.system.expire_snapshots('a', 'b');
--> - => ()
