-- schema orders(id, customer_id, amount)
-- schema invoices(customer_id, due)

-- ## select

-- # from first
from orders select id where amount > 1;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount filter

-- ## set operations

-- # union by name
select id, amount from orders union by name select due as amount, customer_id as id from invoices;
--> orders, invoices => ()
--> ().id <- orders.id, invoices.customer_id
--> ().amount <- orders.amount, invoices.due

-- ## stars

-- # star exclude
select * exclude (customer_id) from orders;
--> orders => ()
--> ().id <- orders.id
--> ().amount <- orders.amount

-- schema carts(id int, user_id int, lines STRUCT(sku VARCHAR, qty INT)[], ship STRUCT(city VARCHAR, zip VARCHAR), labels VARCHAR[], props MAP(VARCHAR, VARCHAR))
-- schema readings(sensor, day, metric, reading)

-- ## nested

-- # struct by dot, by key and by function
select ship.city, ship['zip'] as zip, struct_extract(ship, 'city') as again from carts;
--> carts => ()
--> ().city <- carts.ship.city
--> ().zip <- carts.ship.zip
--> ().again <- carts.ship.city

-- # star of a struct
select id, ship.* from carts;
--> carts => ()
--> ().id <- carts.id
--> ().city <- carts.ship.city
--> ().zip <- carts.ship.zip

-- # struct literal and its fields
select s.x, s.y.z as z from (select {'x': id, 'y': {'z': user_id + 1}} as s from carts);
--> carts => ()
--> ().x <- carts.id
--> ().z <- carts.user_id transformation

-- # unnest in the select list and a field of the result
select id, line.sku as sku from (select id, unnest(lines) as line from carts);
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.lines.sku transformation

-- # unnest in FROM
select c.id, u.line.qty as qty from carts c, unnest(c.lines) as u(line);
--> carts => ()
--> ().id <- carts.id
--> ().qty <- carts.lines.qty transformation

-- # list comprehension and lambdas
select [upper(l) || user_id for l in labels if len(l) > id] as big, list_transform(labels, lambda x: x || id) as moved,
  labels[1:2] as few, props['k'] as k
from carts;
--> carts => ()
--> ().big <- carts.user_id transformation, carts.labels transformation, carts.id condition
--> ().moved <- carts.labels transformation, carts.id transformation
--> ().few <- carts.labels transformation
--> ().k <- carts.props transformation

-- ## pivots

-- # pivot statement with a list
pivot readings on metric in ('heat', 'wind') using sum(reading) as s, max(day) group by sensor;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().heat_s <- readings.reading aggregation, readings.metric condition
--> ().heat_max(day) <- readings.day aggregation, readings.metric condition
--> ().wind_s <- readings.reading aggregation, readings.metric condition
--> ().wind_max(day) <- readings.day aggregation, readings.metric condition
--> () <- readings.sensor group_by

-- # pivot whose columns only the rows know
with p as (pivot readings on metric using sum(reading) group by sensor) select sensor, heat from p;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().heat <- readings.reading aggregation, readings.metric condition
--> () <- readings.sensor group_by
--> ! pivot_columns

-- # unpivot statement
unpivot (select id, user_id from carts) on id, user_id into name kind value amount;
--> carts => ()
--> ().amount <- carts.id, carts.user_id

-- # unpivot of all columns but one
unpivot (select sensor, day, metric from readings) on columns(* exclude (sensor)) into name k value v;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().v <- readings.day, readings.metric

-- # standard unpivot
from readings unpivot (v for k in (metric, reading)) select sensor, v;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().v <- readings.metric, readings.reading

-- ## stars

-- # columns by a regular expression
select columns('^(sensor|metric)$') from readings;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().metric <- readings.metric

-- # expression over many columns
select max(columns(* exclude (sensor))) from readings;
--> readings => ()
--> ().day <- readings.day aggregation
--> ().metric <- readings.metric aggregation
--> ().reading <- readings.reading aggregation

-- # columns by a lambda
select columns(c -> c like '%e%d%') from readings;
--> readings => ()
--> ().reading <- readings.reading

-- # star like
select * like 'm%' from readings;
--> readings => ()
--> ().metric <- readings.metric

-- # star with replace
select * replace (reading * 2 as reading) from readings;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().day <- readings.day
--> ().metric <- readings.metric
--> ().reading <- readings.reading transformation

-- ## aggregates

-- # aggregates that pick and list
select arg_max(metric, reading) as m, list(metric order by day) as l, quantile_cont(reading, 0.9) as q, first(day order by reading) as f
from readings;
--> readings => ()
--> ().m <- readings.metric aggregation, readings.reading condition
--> ().l <- readings.metric aggregation, readings.day window
--> ().q <- readings.reading aggregation
--> ().f <- readings.day aggregation, readings.reading window

-- # grouped by all, sorted by all
select sensor, sum(reading) as total from readings group by all order by all;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().total <- readings.reading aggregation
--> () <- readings.sensor sort, readings.reading sort, readings.sensor group_by

-- ## joins

-- # asof join with using
select * from (select sensor, day, reading from readings) a asof join (select sensor, day, metric from readings) b using (sensor, day);
--> readings => ()
--> ().sensor <- readings.sensor
--> ().day <- readings.day
--> ().reading <- readings.reading
--> ().metric <- readings.metric
--> () <- readings.sensor join, readings.day join

-- # semi join
select id from carts semi join buyers on buyers.id = carts.user_id;
--> carts, buyers => ()
--> ().id <- carts.id
--> () <- buyers.id join, carts.user_id join

-- ## select

-- # alias in the same select
select reading * 2 as twice, twice + 1 as more from readings where twice > 3;
--> readings => ()
--> ().twice <- readings.reading transformation
--> ().more <- readings.reading transformation
--> () <- readings.reading filter
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # by name
insert into w.dst by name (select amount as total, id from w.src);
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst.id <- w.src.id

-- # or replace by position
insert or replace into w.dst by position select id, grp, amount from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount

-- # insert of a from clause
insert into w.dst from w.src select id, grp, amount where state = 'x';
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount
--> w.dst <- w.src.state filter

-- ## files

-- # table of files
create or replace table w.made as select id, amount * 2 as twice from read_parquet(['s3://lake/a.parquet', 's3://lake/a.parquet'], union_by_name = true);
--> s3://lake/a.parquet => w.made
--> w.made.id <- s3://lake/a.parquet.id
--> w.made.twice <- s3://lake/a.parquet.amount transformation

-- # file by its name joined
select d.total, x.note from w.dst d join 'notes.csv' x on x.id = d.id;
--> w.dst, notes.csv => ()
--> ().total <- w.dst.total
--> ().note <- notes.csv.note
--> () <- notes.csv.id join, w.dst.id join

-- # copy to partitioned files
copy (select id, grp from w.src) to 's3://out/src' (format parquet, partition_by (grp), overwrite_or_ignore);
--> w.src => s3://out/src
--> s3://out/src.id <- w.src.id
--> s3://out/src.grp <- w.src.grp

-- ## scripts

-- # temporary table
create temp table t as from w.src select id; insert into w.dst (id) from t;
--> w.src => w.dst
--> w.dst.id <- w.src.id

-- ## merge

-- # short forms
merge into w.dst using (select id, grp, amount as total from w.src) s using (id) when matched then update set total = s.total when not matched then insert;
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst <- w.dst.id join, w.src.id join

-- ## pivots

-- # table made by a pivot
create table heats as pivot readings on metric in ('heat') using max(reading) group by sensor;
--> readings => heats
--> heats.sensor <- readings.sensor
--> heats.heat <- readings.reading aggregation, readings.metric condition
--> heats <- readings.sensor group_by

-- # pivot in order
pivot readings on metric in ('heat', 'wind') using max(reading) group by sensor order by sensor limit 3;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().heat <- readings.reading aggregation, readings.metric condition
--> ().wind <- readings.reading aggregation, readings.metric condition
--> () <- readings.sensor group_by, readings.sensor sort

-- ## nested

-- # unnest down to the fields
select c.id, u.sku from carts c, unnest(c.lines, recursive := true) u;
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.lines.sku transformation

-- ## select

-- # from first without a select
from orders where amount > 1;
--> orders => ()
--> ().id <- orders.id
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> () <- orders.amount filter

-- # alias before the value
select twice: amount * 2, id from orders;
--> orders => ()
--> ().twice <- orders.amount transformation
--> ().id <- orders.id

-- # alias in where, group by and having
select amount // 10 as bucket, count(*) as n from orders where bucket > 1 group by bucket having n > 2;
--> orders => ()
--> ().bucket <- orders.amount transformation
--> () <- orders.amount filter, orders.amount group_by

-- # list comprehension
select [x + amount for x in [1, 2] if x > id] as xs from orders;
--> orders => ()
--> ().xs <- orders.amount transformation, orders.id condition

-- # qualify and sample
select id from orders qualify row_number() over (partition by customer_id order by amount) = 1 using sample 10%;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.customer_id filter, orders.amount filter

-- # method chain
select id.upper().lower() as s from orders;
--> orders => ()
--> ().s <- orders.id transformation

-- ## joins

-- # semi, anti and positional joins
select id from orders semi join invoices using (customer_id);
--> orders, invoices => ()
--> ().id <- orders.id
--> () <- orders.customer_id join, invoices.customer_id join

-- # asof join
select o.id, i.due from orders o asof join invoices i on o.customer_id = i.customer_id and o.amount >= i.due;
--> orders, invoices => ()
--> ().id <- orders.id
--> ().due <- invoices.due
--> () <- orders.customer_id join, invoices.customer_id join, orders.amount join, invoices.due join

-- ## create

-- # create table from a from
create or replace temp table t as from orders; create table kept as from t select id;
--> orders => kept
--> kept.id <- orders.id

-- ## insert

-- # by position
insert into totals by position select customer_id, amount from orders;
--> orders => [totals]
--> totals.customer_id <- orders.customer_id
--> totals.amount <- orders.amount

-- ## names

-- # catalog, schema and case (no schema)
select O.Id, o."Weird" from lake.main.Orders as O;
--> lake.main.orders => ()
--> ().id <- lake.main.orders.id
--> ().weird <- lake.main.orders.weird

-- ## other

-- # extensions, settings and attachments
install httpfs; load httpfs; attach 'x.db' as y; detach y; pragma database_size; set memory_limit = '1GB'; checkpoint; export database 'x'; create secret s (type s3); force checkpoint; call pragma_version(); summarize orders; describe orders; update extensions;
--> - => ()

-- ## other

-- # macros of an expression
create or replace macro twice(x) as x * 2; create function half(x) as x / 2;
--> - => ()

-- ## select

-- # method of a qualified column
select o.amount.round(2).abs() as a, lower(o.id).trim() as b from orders o;
--> orders => ()
--> ().a <- orders.amount transformation
--> ().b <- orders.id transformation

-- ## table functions

-- # macros: a table's, a query's, an aggregate's (no schema)
create macro recent(d) as table select id, km from trips where day > d;
create macro best(x) as (select max(score) from ratings where trip = x);
create macro total(x, factor := 1) as sum(x) * factor;
insert into report (id, km, score) select id, total(km), best(id) from recent('2024-01-01') group by id;
--> trips, ratings => report
--> report.id <- trips.id
--> report.km <- trips.km aggregation
--> report.score <- ratings.score aggregation, ratings.trip condition, trips.id condition
--> report <- trips.day filter, trips.id group_by

-- # a table by its name as a text (no schema)
select km from query_table('trips') where day > '2024';
--> trips => ()
--> ().km <- trips.km
--> () <- trips.day filter

-- ## names

-- # a name that an item only happens to have is no alias (no schema)
select t.address.city, city || '!' as c, c || '?' as d from t;
--> t => ()
--> ().city <- t.address.city
--> ().c <- t.city transformation
--> ().d <- t.city transformation

-- ## table functions

-- # the column of unnest bears the function's name (no schema)
select t.id, u.unnest as tag, u from trips t, unnest(t.tags) u;
--> trips => ()
--> ().id <- trips.id
--> ().tag <- trips.tags transformation
--> ().u <- trips.tags transformation
