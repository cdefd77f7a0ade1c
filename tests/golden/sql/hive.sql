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
