-- schema shop.carts(id int, props map<string,string>, lines array<struct<sku:string,qty:int>>, ship struct<city:string>)

-- ## nested

-- # lateral views over a map and an array of structs
insert overwrite table mart.flat
select c.id, p.k, p.v, l.line.sku
from shop.carts c
lateral view explode(c.props) p as k, v
lateral view outer explode(c.lines) l as line;
--> shop.carts => [mart.flat]
--> mart.flat.id <- shop.carts.id
--> mart.flat.k <- shop.carts.props transformation
--> mart.flat.v <- shop.carts.props transformation
--> mart.flat.sku <- shop.carts.lines.sku transformation

-- # split, then exploded
select id, word from shop.notes lateral view explode(split(body, ' ')) w as word;
--> shop.notes => ()
--> ().id <- shop.notes.id
--> ().word <- shop.notes.body transformation

-- # struct, map and array access
select ship.city, props['k'] as k, lines[0].qty as q from shop.carts;
--> shop.carts => ()
--> ().city <- shop.carts.ship.city
--> ().k <- shop.carts.props transformation
--> ().q <- shop.carts.lines.qty transformation

-- ## joins

-- # left semi join
select c.id from shop.carts c left semi join shop.paid p on (p.cart_id = c.id);
--> shop.carts, shop.paid => ()
--> ().id <- shop.carts.id
--> () <- shop.paid.cart_id join, shop.carts.id join

-- ## windows

-- # collected over a window
select id, collect_set(city) over (partition by id order by at) as cities from shop.moves distribute by id sort by at;
--> shop.moves => ()
--> ().id <- shop.moves.id
--> ().cities <- shop.moves.city aggregation, shop.moves.id window, shop.moves.at window
--> () <- shop.moves.at sort, shop.moves.id sort
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # multi-insert with a join
from w.src s join w.pairs p on p.id = s.id
insert overwrite table w.dst select s.id, s.grp, p.v
insert into table w.one partition (day = '2024-01-01') select s.state where s.amount > 0;
--> w.src, w.pairs => w.dst, [w.one]
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.pairs.v
--> w.one.state <- w.src.state
--> w.dst <- w.pairs.id join, w.src.id join
--> w.one <- w.pairs.id join, w.src.id join, w.src.amount filter

-- ## create

-- # external table
create external table w.e (id int, v string) row format delimited fields terminated by ',' stored as textfile location 'hdfs://node:8020/lake/e';
--> hdfs://node:8020/lake/e => w.e

-- ## files

-- # export and import
export table w.dst to '/backup/dst';
import table w.dst_back from '/backup/dst';
--> w.dst, /backup/dst => /backup/dst, w.dst_back
--> /backup/dst.id <- w.dst.id
--> /backup/dst.grp <- w.dst.grp
--> /backup/dst.total <- w.dst.total

-- # overwrite of a local directory
insert overwrite local directory '/out/src' row format delimited fields terminated by ',' select id from w.src;
--> w.src => /out/src
--> /out/src.id <- w.src.id

-- ## scripts

-- # exchange of a partition moves rows one way
alter table w.dst exchange partition (grp = 3) with table w.dst_stage;
--> w.dst_stage => [w.dst]
--> w.dst.* <- w.dst_stage.*

-- schema shop.orders(id, customer_id, amount, tags, props)
-- schema shop.customers(id, email)

-- ## select

-- # variables of the session
select id, '${hiveconf:run}' as run from shop.orders where amount > ${hivevar:least};
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # transform by a script
select transform (id, amount) using 'python score.py' as (id, score double) from shop.orders where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id transformation, shop.orders.amount transformation
--> ().score <- shop.orders.id transformation, shop.orders.amount transformation
--> () <- shop.orders.amount filter

-- # map by a script
from shop.orders map id, tags using 'cat' as k, v;
--> shop.orders => ()
--> ().k <- shop.orders.id transformation, shop.orders.tags transformation
--> ().v <- shop.orders.id transformation, shop.orders.tags transformation

-- # script without output names
select transform (id) using 'cat' from shop.orders;
--> shop.orders => ()
--> ().key <- shop.orders.id transformation
--> ().value <- shop.orders.id transformation

-- # double quotes are strings
select id, "a" as letter from shop.orders where tags = "x";
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.tags filter

-- # sorts of hive
select id from shop.orders distribute by customer_id sort by amount desc;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount sort, shop.orders.customer_id sort

-- # bucketed sample
select id from shop.orders tablesample (bucket 1 out of 10 on id) s where s.amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- ## joins

-- # left semi join in parentheses
select o.id from shop.orders o left semi join shop.customers c on (c.id = o.customer_id);
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> () <- shop.customers.id join, shop.orders.customer_id join

-- ## aggregates

-- # rollup of the old form
select customer_id, sum(amount) as total from shop.orders group by customer_id with rollup;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.customer_id group_by

-- ## nested

-- # lateral view of a map
select o.id, p.k, p.v from shop.orders o lateral view outer explode(o.props) p as k, v;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().k <- shop.orders.props transformation
--> ().v <- shop.orders.props transformation

-- ## create

-- # create table stored with a serde
create table mart.big row format serde 'org.x.OrcSerde' with serdeproperties ('a' = 'b') stored as inputformat 'i' outputformat 'o'
as select id, amount from shop.orders;
--> shop.orders => mart.big
--> mart.big.id <- shop.orders.id
--> mart.big.amount <- shop.orders.amount

-- # transactional table
create transactional table mart.t as select id from shop.orders;
--> shop.orders => mart.t
--> mart.t.id <- shop.orders.id

-- # partitioned view with comments
create view mart.v (order_id comment 'x', total) partitioned on (total) as select id, amount from shop.orders;
--> shop.orders => mart.v
--> mart.v.order_id <- shop.orders.id
--> mart.v.total <- shop.orders.amount

-- # materialized view
create materialized view mart.mv disable rewrite stored as orc as select id from shop.orders;
--> shop.orders => mart.mv
--> mart.mv.id <- shop.orders.id

-- ## insert

-- # partition not overwritten if it exists
insert overwrite table mart.big partition (d = '1') if not exists select id, amount from shop.orders;
--> shop.orders => [mart.big]
--> mart.big.id <- shop.orders.id
--> mart.big.amount <- shop.orders.amount

-- ## names

-- # names ignore case
select O.ID from Shop.ORDERS o;
--> shop.orders => ()
--> ().id <- shop.orders.id

-- # back quotes
select `o`.`id` as `order id` from `shop`.`orders` `o`;
--> shop.orders => ()
--> ().order id <- shop.orders.id

-- ## other

-- # administration
msck repair table shop.orders sync partitions; analyze table shop.orders partition (d) compute statistics for columns; add jar /x.jar; set hive.exec.dynamic.partition = true; create temporary function f as 'com.x.F'; reload function; lock table shop.orders shared; unlock table shop.orders; show partitions shop.orders; dfs -ls /x; describe formatted shop.orders;
--> - => ()

-- ## names

-- # virtual columns (no schema)
select input__file__name as f, o.block__offset__inside__file as at, o.id from shop.orders o;
--> shop.orders => ()
--> ().id <- shop.orders.id

-- ## other

-- # macros of an expression
create temporary macro twice (x int) x * 2; create function g as 'com.x.G' using jar 'hdfs:///g.jar';
--> - => ()

-- ## nested

-- # structs of one array match by place (no schema)
select t.id, i.x, i.y from trips t lateral view inline(array(struct(t.a, t.b), struct(t.c, t.d))) i as x, y;
--> trips => ()
--> ().id <- trips.id
--> ().x <- trips.a transformation, trips.c transformation
--> ().y <- trips.b transformation, trips.d transformation

-- ## stars

-- # all columns but those that a pattern names (no schema)
insert overwrite table latest select `(rn|day)?+.+` from (select *, row_number() over (partition by id order by day desc) rn from trips) x where rn = 1;
--> trips => [latest]
--> latest.* <- trips.*
--> latest <- trips.id filter, trips.day filter

-- ## scripts

-- # a line for the shell (no schema)
!sh date
insert into t select a from s;
--> s => [t]
--> t.a <- s.a

-- ## aggregates

-- # which grouping set a row is of is no column (no schema)
select zone, grouping__id as g, sum(km) as km from trips group by zone, day grouping sets ((zone), (zone, day));
--> trips => ()
--> ().zone <- trips.zone
--> ().km <- trips.km aggregation
--> () <- trips.zone group_by, trips.day group_by
