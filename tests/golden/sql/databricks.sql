-- schema shop.carts(id int, doc string, lines array<struct<sku:string,qty:int>>, labels array<string>, ship struct<city:string>)

-- ## nested

-- # colon paths into a string of JSON
select doc:ship.city::string as city, doc:lines[0].sku as sku from shop.carts;
--> shop.carts => ()
--> ().city <- shop.carts.doc transformation
--> ().sku <- shop.carts.doc transformation

-- # lateral explode in FROM
select c.id, t.line.sku from shop.carts c, lateral explode(c.lines) as t(line);
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().sku <- shop.carts.lines.sku transformation

-- # explode of a variant
select c.id, v.key, v.value from shop.carts c, lateral variant_explode(parse_json(c.doc)) as v;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().key <- shop.carts.doc transformation
--> ().value <- shop.carts.doc transformation

-- ## stars

-- # star except
select * except (doc, labels) from shop.carts;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().lines <- shop.carts.lines
--> ().ship <- shop.carts.ship

-- ## windows

-- # qualify
select id, size(lines) as n from shop.carts qualify row_number() over (partition by ship.city order by n desc) = 1;
--> shop.carts => ()
--> ().id <- shop.carts.id
--> ().n <- shop.carts.lines transformation
--> () <- shop.carts.ship.city filter, shop.carts.lines filter

-- ## pivots

-- # pivot of a table expression
with m as (select id, month(placed) as mon, total from shop.bills)
select * from m pivot (sum(total) for mon in (1 as jan, 2 as feb));
--> shop.bills => ()
--> ().id <- shop.bills.id
--> ().jan <- shop.bills.total aggregation, shop.bills.placed condition
--> ().feb <- shop.bills.total aggregation, shop.bills.placed condition
--> () <- shop.bills.id group_by
-- schema shop.purchases(id, customer_id, amount)

-- ## scripts

-- # scripting block
BEGIN
  DECLARE top INT DEFAULT (SELECT MAX(amount) FROM shop.purchases);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    INSERT INTO shop.errors (n) VALUES (1);
  END;
  FOR r AS SELECT id, amount FROM shop.purchases DO
    INSERT INTO shop.copies (id, amount, top) VALUES (r.id, r.amount, top);
  END FOR;
  lbl: WHILE top > 1 DO
    SET top = top - 1;
    IF top = 2 THEN LEAVE lbl; END IF;
  END WHILE;
END;
--> shop.purchases => shop.errors, shop.copies
--> shop.copies.id <- shop.purchases.id
--> shop.copies.amount <- shop.purchases.amount
--> shop.copies.top <- shop.purchases.amount aggregation

-- # session variables and execute immediate
DECLARE OR REPLACE VARIABLE q STRING DEFAULT 'INSERT INTO shop.copies (id) ';
SET VAR q = q || 'SELECT id FROM shop.purchases';
EXECUTE IMMEDIATE q;
--> shop.purchases => shop.copies
--> shop.copies.id <- shop.purchases.id

-- ## procedures

-- # procedure with a body
CREATE OR REPLACE PROCEDURE shop.fill(IN low INT) LANGUAGE SQL SQL SECURITY INVOKER AS
BEGIN
  INSERT INTO shop.copies (id) SELECT id FROM shop.purchases WHERE amount > low;
END;
--> shop.purchases => shop.copies
--> shop.copies.id <- shop.purchases.id
--> shop.copies <- shop.purchases.amount filter

-- # SQL functions inlined
CREATE FUNCTION gross(x DECIMAL) RETURNS DECIMAL RETURN x * 1.2;
CREATE FUNCTION of(c INT) RETURNS TABLE (oid INT, amt DECIMAL) RETURN SELECT id, amount FROM shop.purchases WHERE customer_id = c;
CREATE TABLE shop.t AS SELECT oid, gross(amt) AS g FROM of(4);
--> shop.purchases => shop.t
--> shop.t.oid <- shop.purchases.id
--> shop.t.g <- shop.purchases.amount transformation
--> shop.t <- shop.purchases.customer_id filter
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## create

-- # streaming table
create or refresh streaming table w.bronze (constraint ok expect (id is not null) on violation drop row) comment 'raw' as select id, amount from stream(w.src);
--> w.src => w.bronze
--> w.bronze.id <- w.src.id
--> w.bronze.amount <- w.src.amount

-- # pipeline of live tables
create or refresh streaming live table raw as select * from cloud_files('s3://lake/raw', 'json');
create or refresh live table clean (constraint ok expect (amount > 0)) as select id, amount from live.raw where id is not null;
--> s3://lake/raw, raw => [raw], clean
--> raw.* <- s3://lake/raw.*
--> clean.id <- raw.id
--> clean.amount <- raw.amount
--> clean <- raw.id filter

-- # applied changes
apply changes into live.dst from stream(live.src_feed) keys (id) apply as delete when op = 'D' sequence by at columns * except (op, at) stored as scd type 1;
--> src_feed => [dst]
--> dst.* <- src_feed.*

-- # deep clone
create or replace table w.dst_copy deep clone w.dst version as of 12;
--> w.dst => w.dst_copy
--> w.dst_copy.id <- w.dst.id
--> w.dst_copy.grp <- w.dst.grp
--> w.dst_copy.total <- w.dst.total

-- ## insert

-- # replaced rows
insert into w.dst replace where grp = 3 select id, grp, amount from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount

-- ## merge

-- # schema evolution
merge with schema evolution into w.dst t using w.feed s on t.id = s.id when matched and s.op = 'D' then delete when matched then update set * when not matched then insert * when not matched by source then update set t.total = 0;
--> w.feed => [w.dst]
--> w.dst.* <- w.feed.*
--> w.dst <- w.dst.id join, w.feed.id join, w.feed.op filter

-- # stars over known tables
merge into w.dst t using w.src s on t.id = s.id when not matched then insert *;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst <- w.dst.id join, w.src.id join

-- ## files

-- # copy into from a query over files
copy into w.dst from (select id::int, grp, amount * 2 as total from 's3://in/dst') fileformat = parquet copy_options ('mergeSchema' = 'true');
--> s3://in/dst => w.dst
--> w.dst.id <- s3://in/dst.id transformation
--> w.dst.grp <- s3://in/dst.grp
--> w.dst.total <- s3://in/dst.amount transformation

-- # read files
create table w.made as select id, _metadata.file_path as f from read_files('abfss://box@acc.dfs.core.windows.net/in', format => 'csv');
--> abfss://box@acc.dfs.core.windows.net/in => w.made
--> w.made.id <- abfss://box@acc.dfs.core.windows.net/in.id

-- ## scripts

-- # catalog and schema
use catalog main; use schema w; create table made as select id from src;
--> main.w.src => main.w.made
--> main.w.made.id <- main.w.src.id

-- schema main.shop.orders(id, customer_id, amount, status, ordered_at)
-- schema main.shop.customers(id, email)

-- ## select

-- # time travel by an at sign
select id from main.shop.orders@v12 where amount > 1;
--> main.shop.orders => ()
--> ().id <- main.shop.orders.id
--> () <- main.shop.orders.amount filter

-- # time travel by timestamp
select o.id from main.shop.orders timestamp as of date_sub(current_date(), 1) as o;
--> main.shop.orders => ()
--> ().id <- main.shop.orders.id

-- # qualify and except
select * except (status, ordered_at) from main.shop.orders qualify row_number() over (partition by customer_id order by ordered_at desc) = 1;
--> main.shop.orders => ()
--> ().id <- main.shop.orders.id
--> ().customer_id <- main.shop.orders.customer_id
--> ().amount <- main.shop.orders.amount
--> () <- main.shop.orders.customer_id filter, main.shop.orders.ordered_at filter

-- # stream of a table
select id from stream(main.shop.orders) where amount > 1;
--> main.shop.orders => ()
--> ().id <- main.shop.orders.id
--> () <- main.shop.orders.amount filter

-- # casts by name and by colons
select int(amount) as whole, amount::string as s, try_cast(status as date) as d from main.shop.orders;
--> main.shop.orders => ()
--> ().whole <- main.shop.orders.amount transformation
--> ().s <- main.shop.orders.amount transformation
--> ().d <- main.shop.orders.status transformation

-- ## create

-- # streaming table of a pipeline
create or refresh streaming table mart.s comment 'x' as select id, amount from stream main.shop.orders;
--> main.shop.orders => mart.s
--> mart.s.id <- main.shop.orders.id
--> mart.s.amount <- main.shop.orders.amount

-- # live table of the old form
create or refresh live table totals as select customer_id, sum(amount) as total from main.shop.orders group by customer_id;
--> main.shop.orders => totals
--> totals.customer_id <- main.shop.orders.customer_id
--> totals.total <- main.shop.orders.amount aggregation
--> totals <- main.shop.orders.customer_id group_by

-- # view with schema evolution
create or replace view mart.v with schema evolution as select id from main.shop.orders;
--> main.shop.orders => mart.v
--> mart.v.id <- main.shop.orders.id

-- ## merge

-- # merge with schema evolution
merge with schema evolution into main.mart.t as t using main.shop.orders as s on t.id = s.id when matched then update set t.amount = s.amount when not matched then insert (id, amount) values (s.id, s.amount);
--> main.shop.orders => main.mart.t
--> main.mart.t.amount <- main.shop.orders.amount
--> main.mart.t.id <- main.shop.orders.id
--> main.mart.t <- main.mart.t.id join, main.shop.orders.id join

-- ## names

-- # metastore of hive (no schema)
select id from hive_metastore.shop.orders;
--> hive_metastore.shop.orders => ()
--> ().id <- hive_metastore.shop.orders.id

-- # catalog and schema in force
use catalog main; use schema shop; select O.ID from Orders o join customers c on c.id = o.customer_id;
--> main.shop.orders, main.shop.customers => ()
--> ().id <- main.shop.orders.id
--> () <- main.shop.customers.id join, main.shop.orders.customer_id join

-- # back quotes with a blank (no schema)
select `order id` from main.`my shop`.`all orders`;
--> main.my shop.all orders => ()
--> ().order id <- main.my shop.all orders.order id

-- ## other

-- # administration
optimize main.shop.orders zorder by (id); vacuum main.shop.orders retain 168 hours; describe history main.shop.orders; restore table main.shop.orders to version as of 3; fsck repair table main.shop.orders; convert to delta parquet.`s3://b/x`; create volume v; create connection c type mysql; create share s; grant select on table main.shop.orders to bi; undrop table main.shop.x; sync schema a from b;
--> - => ()

-- ## files

-- # a path is the target of CREATE and MERGE (no schema)
create or replace table delta.`/mnt/gold/trips` as select id, km from trips;
merge into delta.`/mnt/gold/trips` t using late_trips s on t.id = s.id when matched then update set km = s.km;
--> trips, late_trips => /mnt/gold/trips
--> /mnt/gold/trips.id <- trips.id
--> /mnt/gold/trips.km <- trips.km, late_trips.km
--> /mnt/gold/trips <- /mnt/gold/trips.id join, late_trips.id join

-- ## table functions

-- # the changes of a table are its rows (no schema)
insert into audit (id, kind, at) select id, _change_type, _commit_timestamp from table_changes('main.ops.trips', 2, 5);
--> main.ops.trips => audit
--> audit.id <- main.ops.trips.id
