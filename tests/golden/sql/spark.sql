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

-- schema shop.carts(id int, user_id int, lines array<struct<sku:string,qty:int>>, ship struct<city:string,zip:string>, props map<string,string>, labels array<string>)

-- ## nested

-- # struct fields by dot, map by key, array by index
select c.ship.city, props['colour'] as colour, labels[0] as label, lines[0].sku as sku from shop.carts c;
--> shop.carts => ()
--> ().city <- shop.carts.ship.city
--> ().colour <- shop.carts.props transformation
--> ().label <- shop.carts.labels transformation
--> ().sku <- shop.carts.lines.sku transformation

-- # star of a struct
select id, ship.* from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().city <- shop.carts.ship.city
--> ().zip <- shop.carts.ship.zip

-- # named struct and its fields
select s.x, s.y.z as z from (select named_struct('x', id, 'y', named_struct('z', user_id)) as s from shop.carts);
--> shop.carts => ()
--> ().x <- shop.carts.id
--> ().z <- shop.carts.user_id

-- # struct of aliased expressions collected into an array
select user_id, packed[0].pieces as pieces
from (select user_id, collect_list(struct(id, size(lines) as pieces)) as packed from shop.carts group by user_id);
--> shop.carts => ()
--> ().user_id <- shop.carts.user_id
--> ().pieces <- shop.carts.lines aggregation
--> () <- shop.carts.user_id group_by

-- # exploded structs
select id, line.sku, line.qty from shop.carts lateral view outer explode(lines) x as line where line.qty > 1;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation
--> ().qty <- shop.carts.lines.qty transformation
--> () <- shop.carts.lines.qty filter

-- # two lateral views in a row
select id, k, v, label
from shop.carts lateral view explode(props) p as k, v lateral view posexplode(labels) l as at, label
where at < 3;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().k <- shop.carts.props transformation
--> ().v <- shop.carts.props transformation
--> ().label <- shop.carts.labels transformation
--> () <- shop.carts.labels filter

-- # explode in the select list
select id, explode(labels) as label from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().label <- shop.carts.labels transformation

-- # positions and values in the select list
select id, posexplode(lines) as (at, line) from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().at <- shop.carts.lines transformation
--> ().line <- shop.carts.lines transformation

-- # inline makes a column of each field
select id, sku, qty from shop.carts lateral view inline(lines) x;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation
--> ().qty <- shop.carts.lines.qty transformation

-- # inline in the select list
select id, inline(lines) as (s, q) from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().s <- shop.carts.lines.sku transformation
--> ().q <- shop.carts.lines.qty transformation

-- # stack turns columns into rows
select id, k, v from shop.carts lateral view stack(2, 'u', user_id, 'i', id) s as k, v;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().v <- shop.carts.user_id, shop.carts.id

-- # json tuple
select j.a, j.b from raw.events lateral view json_tuple(body, 'a', 'b') j as a, b;
--> raw.events => ()
--> ().a <- raw.events.body transformation
--> ().b <- raw.events.body transformation

-- # lambdas over arrays
select transform(lines, l -> l.qty + user_id) as moved, filter(labels, (l, i) -> i < id) as few,
  aggregate(labels, 0, (acc, l) -> acc + length(l)) as total
from shop.carts;
--> shop.carts => ()
--> ().moved <- shop.carts.lines transformation, shop.carts.user_id transformation
--> ().few <- shop.carts.labels transformation, shop.carts.id transformation
--> ().total <- shop.carts.labels transformation

-- # row as a struct
select s.ship.zip as zip from (select struct(*) as s from shop.carts);
--> shop.carts => ()
--> ().zip <- shop.carts.ship.zip

-- ## pivots

-- # pivot of two columns with two aggregates
select * from (select region, q, r, amt, x from raw.sales)
pivot (sum(amt) as s, avg(x) as a for (q, r) in (('1', 'n') as one_n, ('2', 's') as two_s));
--> raw.sales => ()
--> ().region <- raw.sales.region
--> ().one_n_s <- raw.sales.amt aggregation, raw.sales.q condition, raw.sales.r condition
--> ().one_n_a <- raw.sales.x aggregation, raw.sales.q condition, raw.sales.r condition
--> ().two_s_s <- raw.sales.amt aggregation, raw.sales.q condition, raw.sales.r condition
--> ().two_s_a <- raw.sales.x aggregation, raw.sales.q condition, raw.sales.r condition
--> () <- raw.sales.region group_by

-- # unpivot
select * from (select id, heat, wind from raw.wide) unpivot include nulls (v for k in (heat as h, wind)) as u;
--> raw.wide => ()
--> ().id <- raw.wide.id
--> ().v <- raw.wide.heat, raw.wide.wind

-- ## joins

-- # anti join leaves the right side out
select * from shop.customers c left anti join raw.blocked b on b.email = c.email;
--> shop.customers, raw.blocked => ()
--> ().id <- shop.customers.id
--> ().email <- shop.customers.email
--> () <- raw.blocked.email join, shop.customers.email join

-- ## aggregates

-- # aggregates that pick and collect
select max_by(email, id) as pick, collect_set(email) as all_, count_if(id > 1) as n, any(id > 2) as some,
  percentile_approx(id, 0.5) as mid, sum(id) filter (where email is not null) as s
from shop.customers;
--> shop.customers => ()
--> ().pick <- shop.customers.email aggregation, shop.customers.id condition
--> ().all_ <- shop.customers.email aggregation
--> ().n <- shop.customers.id condition
--> ().some <- shop.customers.id aggregation
--> ().mid <- shop.customers.id aggregation
--> ().s <- shop.customers.id aggregation, shop.customers.email condition

-- ## table functions

-- # transform by a script
select transform(id, email) using 'clean.py' as (a, b) from shop.customers;
--> shop.customers => ()
--> ().a <- shop.customers.id transformation, shop.customers.email transformation
--> ().b <- shop.customers.id transformation, shop.customers.email transformation

-- ## nested

-- # nested rows flattened in steps
create or replace temporary view lines as
select c.id, l.line from shop.carts c lateral view explode(c.lines) l as line;
insert into mart.lines select id, line.sku as sku, line.qty as qty from lines where line.qty > 0;
--> shop.carts => [mart.lines]
--> mart.lines.id <- shop.carts.id
--> mart.lines.sku <- shop.carts.lines.sku transformation
--> mart.lines.qty <- shop.carts.lines.qty transformation
--> mart.lines <- shop.carts.lines.qty filter

-- ## select

-- # the filter does not know aliases (no schema)
select lower(status) as status, total * 2 as twice, twice + 1 as more from raw.orders where status = 'paid' and total > 1;
--> raw.orders => ()
--> ().status <- raw.orders.status transformation
--> ().twice <- raw.orders.total transformation
--> ().more <- raw.orders.total transformation
--> () <- raw.orders.status filter, raw.orders.total filter
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # static and dynamic partitions
insert into w.dst partition (grp) select id, amount, state from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount
--> w.dst.grp <- w.src.state

-- # overwrite of a static partition
insert overwrite table w.dst partition (grp = 3) if not exists select id, sum(amount) from w.src group by id;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount aggregation
--> w.dst <- w.src.id group_by

-- # insert by name
insert into w.dst by name select amount as total, id from w.src;
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst.id <- w.src.id

-- # insert of a table with a list
insert into w.dst (id, grp) table w.pairs;
--> w.pairs => [w.dst]
--> w.dst.* <- w.pairs.*

-- # several inserts of one source
from (select id, grp, amount from w.src where state = 'x') s
insert into w.dst select id, grp, amount where amount > 3
insert overwrite table w.one select distinct id group by id;
--> w.src => w.dst, [w.one]
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount
--> w.one.id <- w.src.id
--> w.dst <- w.src.state filter, w.src.amount filter
--> w.one <- w.src.state filter, w.src.id group_by

-- ## create

-- # temporary view over files
create or replace temporary view raw using csv options (path 's3://lake/raw/', header 'true');
insert into w.dst (id) select id from raw;
--> s3://lake/raw/ => w.dst
--> w.dst.id <- s3://lake/raw/.id

-- # cached query
cache lazy table hot options ('storageLevel' 'DISK_ONLY') as select id, amount from w.src;
insert into w.dst (id, total) select id, amount from hot;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount

-- # global temporary view
create global temporary view g as select id from w.src; select id from global_temp.g;
--> w.src => ()
--> ().id <- w.src.id

-- ## files

-- # overwrite of a directory
insert overwrite directory 's3://out/src' using parquet options (compression 'snappy') select id, amount from w.src;
--> w.src => s3://out/src
--> s3://out/src.id <- w.src.id
--> s3://out/src.amount <- w.src.amount

-- # directory by its options
insert overwrite local directory using csv options (header true, path '/out/src') select id from w.src;
--> w.src => /out/src
--> /out/src.id <- w.src.id

-- # a path as a table
insert into w.dst (id, total) select p.id, p.amount from parquet.`s3a://lake/p` p;
--> s3://lake/p => w.dst
--> w.dst.id <- s3://lake/p.id
--> w.dst.total <- s3://lake/p.amount

-- # load data
load data inpath 's3://in/dst' overwrite into table w.dst partition (grp = 1);
--> s3://in/dst => w.dst

-- ## scripts

-- # two schemas in turn
use w; insert into dst (id) select id from src; use default; insert into dst (id) select id from w.src;
--> w.src => w.dst, default.dst
--> w.dst.id <- w.src.id
--> default.dst.id <- w.src.id

-- # values without a schema have numbers
insert into w.unseen values (1, (select max(amount) from w.src));
--> w.src => [w.unseen]
--> w.unseen._col_1 <- w.src.amount aggregation

-- ## create

-- # replace table
replace table w.made using delta as select id from w.src;
--> w.src => w.made
--> w.made.id <- w.src.id

-- ## nested

-- # explode without an alias
select id, col.sku from (select id, explode(lines) from shop.carts);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation

-- # explode of a map without an alias
select id, key, value from (select id, explode(props) from shop.carts);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().key <- shop.carts.props transformation
--> ().value <- shop.carts.props transformation

-- # exists over an array
select exists(labels, l -> length(l) > user_id) as long from shop.carts;
--> shop.carts => ()
--> ().long <- shop.carts.labels transformation, shop.carts.user_id transformation

-- ## select

-- # hints
select /*+ broadcast(c), repartition(8) */ o.id from shop.orders o join shop.customers c on c.id = o.customer_id;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> () <- shop.customers.id join, shop.orders.customer_id join

-- # double quotes are strings
select id, "x" as letter from shop.orders where amount > "5";
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # time travel
select id from shop.orders version as of 12 where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # alias used in the same select
select amount * 2 as twice, twice + 1 as more from shop.orders;
--> shop.orders => ()
--> ().twice <- shop.orders.amount transformation
--> ().more <- shop.orders.amount transformation

-- # script over a subquery
from (select id, amount from shop.orders where amount > 1) s reduce s.id, s.amount using 'python x.py' as (k string, v int);
--> shop.orders => ()
--> ().k <- shop.orders.id transformation, shop.orders.amount transformation
--> ().v <- shop.orders.id transformation, shop.orders.amount transformation
--> () <- shop.orders.amount filter

-- # pipe syntax
from shop.orders |> where amount > 1 |> aggregate sum(amount) as total group by customer_id |> set total = total * 2 |> drop customer_id;
--> shop.orders => ()
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.amount filter, shop.orders.customer_id group_by

-- # sampled rows
select id from shop.orders tablesample (10 percent) repeatable (5);
--> shop.orders => ()
--> ().id <- shop.orders.id

-- # group by all and an ordinal sort
select customer_id, sum(amount) as total from shop.orders group by all order by 2 desc;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.amount sort, shop.orders.customer_id group_by

-- ## set operations

-- # minus
select id from shop.customers minus select customer_id from shop.orders;
--> shop.customers, shop.orders => ()
--> ().id <- shop.customers.id
--> () <- shop.orders.customer_id filter

-- ## create

-- # table with every option
create table mart.t using delta options (a = 'b') partitioned by (customer_id) clustered by (id) into 4 buckets location 's3://b/x' comment 'c' tblproperties ('p' = 'q')
as select id, customer_id from shop.orders;
--> shop.orders => mart.t
--> mart.t.id <- shop.orders.id
--> mart.t.customer_id <- shop.orders.customer_id

-- ## names

-- # identifier clause
select id from identifier('shop.orders') where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # three parts (no schema)
select o.id from cat.shop.orders o;
--> cat.shop.orders => ()
--> ().id <- cat.shop.orders.id

-- ## other

-- # administration
refresh table shop.orders; cache lazy table shop.orders; uncache table shop.orders; clear cache; msck repair table shop.orders; analyze table shop.orders compute statistics for all columns; add jar '/x.jar'; list jars; describe extended shop.orders; show partitions shop.orders; set spark.sql.shuffle.partitions = 8; reset; explain formatted select 1; create function f as 'com.x.F' using jar '/x.jar';
--> - => ()
-- ## other

-- # repaired: a hint that is not closed well (no schema)
insert into big select o.id, o.amount a a from shop.orders o where o.day = '2024-01-01';
--> shop.orders => [big]
--> big.id <- shop.orders.id
--> big.a <- shop.orders.amount
--> big <- shop.orders.day filter
--> ! repaired

-- ## nested

-- # inline makes columns of the first struct of an array (no schema)
select inline(array(struct(jan as sales, 'jan' as month), struct(feb, 'feb'))) from figures;
--> figures => ()
--> ().sales <- figures.jan transformation, figures.feb transformation

-- ## aggregates

-- # windows of time by which rows are grouped (no schema)
select zone, window.start, max(window.end) as until, sum(km) as km from rides group by zone, window(at, '1 hour', '10 minutes') order by window;
--> rides => ()
--> ().zone <- rides.zone
--> ().start <- rides.at transformation
--> ().until <- rides.at aggregation
--> ().km <- rides.km aggregation
--> () <- rides.zone group_by, rides.at group_by, rides.at sort

-- ## other

-- # procedures of a catalogue (no schema)
call lake.system.rewrite_data_files(table => 'db.t');
call system.expire_snapshots('db.t');
--> - => ()
