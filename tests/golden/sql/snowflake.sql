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

-- schema CARTS(ID, USER_ID, DOC VARIANT, LABELS ARRAY, PLACED_AT)
-- schema READINGS(SENSOR, DAY, METRIC, READING)
-- schema TICKS(SYMBOL, TS, PRICE, VOLUME)
-- schema STAFF(ID, BOSS_ID, NAME, PAY)

-- ## nested

-- # paths, subscripts and casts
select doc:ship.city::string as city, doc['lines'][0]['sku']::string as sku, get_path(doc, 'a.b') as p from carts;
--> CARTS => ()
--> ().CITY <- CARTS.DOC transformation
--> ().SKU <- CARTS.DOC transformation
--> ().P <- CARTS.DOC transformation

-- # flatten in flatten
select c.id, line.value:sku::string as sku, tag.value::string as tag, line.index as n
from carts c,
  lateral flatten(input => c.doc:lines, outer => true) line,
  lateral flatten(input => line.value:tags) tag
where tag.key is null;
--> CARTS => ()
--> ().ID <- CARTS.ID
--> ().SKU <- CARTS.DOC transformation
--> ().TAG <- CARTS.DOC transformation
--> ().N <- CARTS.DOC transformation
--> () <- CARTS.DOC filter

-- # flatten as a table function
select c.id, f.value from carts c, table(flatten(c.labels)) f;
--> CARTS => ()
--> ().ID <- CARTS.ID
--> ().VALUE <- CARTS.LABELS transformation

-- # split to table
select c.id, s.index, s.value as label from carts c, lateral split_to_table(c.labels, ',') s;
--> CARTS => ()
--> ().ID <- CARTS.ID
--> ().INDEX <- CARTS.LABELS transformation
--> ().LABEL <- CARTS.LABELS transformation

-- # key out of an object that the query builds
select o:who::int as who, o:what as what from (select object_construct('who', user_id, 'what', placed_at) as o from carts);
--> CARTS => ()
--> ().WHO <- CARTS.USER_ID transformation
--> ().WHAT <- CARTS.PLACED_AT transformation

-- # object of a whole row
select object_construct(*) as o from staff;
--> STAFF => ()
--> ().O <- STAFF.ID transformation, STAFF.BOSS_ID transformation, STAFF.NAME transformation, STAFF.PAY transformation

-- # lambda over an array
select filter(labels, x -> x:n > user_id) as kept, transform(labels, a int -> a + id) as moved from carts;
--> CARTS => ()
--> ().KEPT <- CARTS.LABELS transformation, CARTS.USER_ID transformation
--> ().MOVED <- CARTS.LABELS transformation, CARTS.ID transformation

-- ## table functions

-- # generator has no source
select seq4() as n from table(generator(rowcount => 10));
--> - => ()

-- # values with names
select v.a, v.b from values (1, 'x'), (2, 'y') as v (a, b) join staff s on s.id = v.a;
--> STAFF => ()
--> () <- STAFF.ID join

-- ## pivots

-- # pivot with renamed columns
select * from (select sensor, metric, reading from readings)
pivot (avg(reading) for metric in ('heat', 'wind')) as p (device, heat, wind);
--> READINGS => ()
--> ().DEVICE <- READINGS.SENSOR
--> ().HEAT <- READINGS.READING aggregation, READINGS.METRIC condition
--> ().WIND <- READINGS.READING aggregation, READINGS.METRIC condition
--> () <- READINGS.SENSOR group_by

-- # pivot names a column by its quoted value
select "'heat'" as heat from (select sensor, metric, reading from readings) pivot (avg(reading) for metric in ('heat'));
--> READINGS => ()
--> ().HEAT <- READINGS.READING aggregation, READINGS.METRIC condition
--> () <- READINGS.SENSOR group_by

-- # pivot over any value
select * from (select sensor, metric, reading from readings) pivot (avg(reading) for metric in (any order by metric));
--> READINGS => ()
--> ().SENSOR <- READINGS.SENSOR
--> ().* <- READINGS.READING aggregation, READINGS.METRIC condition
--> () <- READINGS.SENSOR group_by
--> ! pivot_columns

-- # unpivot
select id, kind, amount from (select id, pay, boss_id from staff) unpivot (amount for kind in (pay, boss_id));
--> STAFF => ()
--> ().ID <- STAFF.ID
--> ().AMOUNT <- STAFF.PAY, STAFF.BOSS_ID

-- # unpivot without a schema (no schema)
select id, kind, amount from scores unpivot include nulls (amount for kind in (math, art as a, music));
--> SCORES => ()
--> ().ID <- SCORES.ID
--> ().AMOUNT <- SCORES.MATH, SCORES.ART, SCORES.MUSIC

-- ## patterns

-- # match recognize, one row per match
select * from ticks match_recognize (
  partition by symbol order by ts
  measures first(down.price) as top_price, last(up.price) as end_price, sum(up.volume) as traded, match_number() as n
  one row per match
  after match skip past last row
  pattern (down+ up+)
  define down as down.price < lag(down.price), up as up.volume > 5
);
--> TICKS => ()
--> ().SYMBOL <- TICKS.SYMBOL
--> ().TOP_PRICE <- TICKS.PRICE transformation
--> ().END_PRICE <- TICKS.PRICE transformation
--> ().TRADED <- TICKS.VOLUME aggregation
--> () <- TICKS.SYMBOL group_by, TICKS.TS sort, TICKS.PRICE filter, TICKS.VOLUME filter

-- # hierarchy from the top
select level as depth, connect_by_root name as head, sys_connect_by_path(name, '/') as path, id
from staff start with boss_id is null connect by boss_id = prior id;
--> STAFF => ()
--> ().HEAD <- STAFF.NAME transformation
--> ().PATH <- STAFF.NAME transformation
--> ().ID <- STAFF.ID
--> () <- STAFF.BOSS_ID filter, STAFF.ID filter

-- # recursive query without the word
with chain (id, depth) as (
  select id, 1 from staff where boss_id is null
  union all
  select s.id, c.depth + 1 from staff s join chain c on s.boss_id = c.id
)
select id, depth from chain;
--> STAFF => ()
--> ().ID <- STAFF.ID
--> () <- STAFF.BOSS_ID filter, STAFF.BOSS_ID join, STAFF.ID join

-- ## windows

-- # frames, defaults and ignored nulls
select lag(price, 1, volume) ignore nulls over (partition by symbol order by ts) as before,
  ratio_to_report(volume) over (partition by symbol) as share,
  conditional_true_event(price > 9) over (order by ts) as n
from ticks qualify row_number() over (partition by symbol order by ts desc) = 1;
--> TICKS => ()
--> ().BEFORE <- TICKS.PRICE transformation, TICKS.VOLUME transformation, TICKS.SYMBOL window, TICKS.TS window
--> ().SHARE <- TICKS.VOLUME aggregation, TICKS.SYMBOL window
--> ().N <- TICKS.PRICE transformation, TICKS.TS window
--> () <- TICKS.SYMBOL filter, TICKS.TS filter

-- ## aggregates

-- # aggregates that pick, count and sketch
select max_by(name, pay) as richest, count_if(pay > 9) as n, hll(name) as h, object_agg(name, pay) as o,
  array_agg(name) within group (order by id) as a, approx_percentile(pay, 0.5) as mid
from staff;
--> STAFF => ()
--> ().RICHEST <- STAFF.NAME aggregation, STAFF.PAY condition
--> ().N <- STAFF.PAY condition
--> ().H <- STAFF.NAME aggregation
--> ().O <- STAFF.NAME aggregation, STAFF.PAY aggregation
--> ().A <- STAFF.NAME aggregation, STAFF.ID window
--> ().MID <- STAFF.PAY aggregation

-- # grouped and sorted by all
select boss_id, max(pay) as top from staff group by all order by all;
--> STAFF => ()
--> ().BOSS_ID <- STAFF.BOSS_ID
--> ().TOP <- STAFF.PAY aggregation
--> () <- STAFF.BOSS_ID sort, STAFF.PAY sort, STAFF.BOSS_ID group_by

-- ## stars

-- # star by a name pattern
select * ilike '%id%' rename (id as staff_id) from staff;
--> STAFF => ()
--> ().STAFF_ID <- STAFF.ID
--> ().BOSS_ID <- STAFF.BOSS_ID

-- # star of one table with replace
select s.* exclude (boss_id) replace (s.pay * 12 as pay), b.name as boss from staff s join staff b on b.id = s.boss_id;
--> STAFF => ()
--> ().ID <- STAFF.ID
--> ().NAME <- STAFF.NAME
--> ().PAY <- STAFF.PAY transformation
--> ().BOSS <- STAFF.NAME
--> () <- STAFF.ID join, STAFF.BOSS_ID join

-- ## joins

-- # asof join
select t.symbol, q.price from ticks t asof join quotes q match_condition (t.ts >= q.ts) on t.symbol = q.symbol;
--> TICKS, QUOTES => ()
--> ().SYMBOL <- TICKS.SYMBOL
--> ().PRICE <- QUOTES.PRICE
--> () <- TICKS.SYMBOL join, QUOTES.SYMBOL join, TICKS.TS join, QUOTES.TS join

-- # natural join counts shared columns once
select * from (select id, name from staff) a natural join (select id, pay from staff) b;
--> STAFF => ()
--> ().ID <- STAFF.ID
--> ().NAME <- STAFF.NAME
--> ().PAY <- STAFF.PAY
--> () <- STAFF.ID join

-- ## subqueries

-- # lateral with a correlated filter
select s.id, x.top from staff s, lateral (select max(t.pay) as top from staff t where t.boss_id = s.id) x;
--> STAFF => ()
--> ().ID <- STAFF.ID
--> ().TOP <- STAFF.PAY aggregation
--> () <- STAFF.BOSS_ID filter, STAFF.ID filter

-- ## nested

-- # warehouse load from semi-structured rows (no schema)
insert into mart.order_lines (order_id, line_no, sku, qty, amount, loaded_at)
with src as (
  select r.payload:order_id::number as order_id, r.payload:lines as lines, r.loaded_at
  from raw.orders r
  where r.payload:type::string = 'order'
  qualify row_number() over (partition by r.payload:order_id order by r.loaded_at desc) = 1
)
select
  s.order_id,
  l.index + 1,
  l.value:sku::string,
  l.value:qty::number,
  l.value:qty::number * coalesce(l.value:price::number(10, 2), 0),
  s.loaded_at
from src s, lateral flatten(input => s.lines) l;
--> RAW.ORDERS => MART.ORDER_LINES
--> MART.ORDER_LINES.ORDER_ID <- RAW.ORDERS.PAYLOAD transformation
--> MART.ORDER_LINES.LINE_NO <- RAW.ORDERS.PAYLOAD transformation
--> MART.ORDER_LINES.SKU <- RAW.ORDERS.PAYLOAD transformation
--> MART.ORDER_LINES.QTY <- RAW.ORDERS.PAYLOAD transformation
--> MART.ORDER_LINES.AMOUNT <- RAW.ORDERS.PAYLOAD transformation
--> MART.ORDER_LINES.LOADED_AT <- RAW.ORDERS.LOADED_AT
--> MART.ORDER_LINES <- RAW.ORDERS.PAYLOAD filter, RAW.ORDERS.LOADED_AT filter

-- ## select

-- # chain of aliases through every clause (no schema)
select id, amount * 2 as dbl, dbl + 1 as p, sum(dbl) over (partition by id order by p) as w
from t where dbl > 3 group by id, amount having p > 1 qualify w > 5 order by w;
--> T => ()
--> ().ID <- T.ID
--> ().DBL <- T.AMOUNT transformation
--> ().P <- T.AMOUNT transformation
--> ().W <- T.AMOUNT aggregation, T.ID window, T.AMOUNT window
--> () <- T.AMOUNT filter, T.ID filter, T.ID group_by, T.AMOUNT group_by, T.AMOUNT sort, T.ID sort
-- ## procedures

-- # Snowflake Scripting with binds and a cursor
create or replace procedure load_big(p_min number)
returns varchar
language sql
execute as caller
as
$$
declare
  total number default 0;
  c1 cursor for select id, amount from orders where amount > 10;
  oops exception (-20002, 'bad; day');
begin
  let twice number := (select max(amount) * 2 from orders);
  for r in c1 do
    insert into big (id, total) values (r.id, r.amount + :twice);
  end for;
  select count(id) into :total from customers;
  update big set total = :total where id > :p_min;
  return 'done';
exception
  when oops then
    return sqlerrm;
  when other then
    insert into errors (msg) select :sqlerrm;
    raise;
end;
$$;
--> ORDERS, CUSTOMERS => BIG, ERRORS
--> BIG.ID <- ORDERS.ID
--> BIG.TOTAL <- ORDERS.AMOUNT aggregation, CUSTOMERS.ID aggregation
--> BIG <- ORDERS.AMOUNT filter, BIG.ID filter

-- # body without quotes
create procedure p() returns int language sql as
declare
  n int;
begin
  insert into big (id) select id from orders;
  n := sqlrowcount;
  return n;
end;
select email from customers;
--> CUSTOMERS, ORDERS => BIG
--> ().EMAIL <- CUSTOMERS.EMAIL
--> BIG.ID <- ORDERS.ID

-- # body in single quotes
create procedure p() returns int language sql as 'begin
  insert into notes (txt, id) select ''it''''s'', id from orders;
  return 1;
end';
--> ORDERS => NOTES
--> NOTES.ID <- ORDERS.ID

-- # anonymous block with a result set
declare
  rs resultset default (select id, email from customers where email is not null);
  cur cursor for rs;
  x int;
  y varchar;
begin
  open cur;
  fetch cur into x, y;
  insert into big (id) values (:x);
  return table(rs);
end;
--> CUSTOMERS => BIG
--> ().ID <- CUSTOMERS.ID
--> ().EMAIL <- CUSTOMERS.EMAIL
--> BIG.ID <- CUSTOMERS.ID, CUSTOMERS.EMAIL condition
--> () <- CUSTOMERS.EMAIL filter

-- # return of a table under declared names
create procedure top() returns table (k int, v number) language sql as $$
begin
  let res resultset := (select customer_id, sum(amount) from orders group by 1);
  return table(res);
end $$;
--> ORDERS => ()
--> ().K <- ORDERS.CUSTOMER_ID
--> ().V <- ORDERS.AMOUNT aggregation
--> () <- ORDERS.CUSTOMER_ID group_by

-- # a bare name in SQL is a column
create procedure p(amount int) returns int language sql as $$
begin
  insert into big (id, total) select id, amount from somewhere where k = :amount;
  return 1;
end $$;
--> SOMEWHERE => BIG
--> BIG.ID <- SOMEWHERE.ID
--> BIG.TOTAL <- SOMEWHERE.AMOUNT
--> BIG <- SOMEWHERE.K filter

-- # branches and loops
begin
  let i := 0;
  if ((select count(*) from orders) > 5) then
    insert into big (id) select id from orders;
  elseif (i = 2) then
    delete from big;
  else
    let j := 1;
  end if;
  while (i < 3) do
    i := i + 1;
    case (i)
      when 1 then insert into one (c) select email from customers;
      else null;
    end case;
  end while;
  repeat
    i := i - 1;
  until (i = 0) end repeat;
  for k in 1 to 3 do
    insert into ticks (k) values (:k);
  end for;
  loop
    break;
  end loop;
end;
--> ORDERS, CUSTOMERS => BIG, ONE, TICKS
--> BIG.ID <- ORDERS.ID
--> ONE.C <- CUSTOMERS.EMAIL

-- # call with arguments and a returned value
create procedure newest() returns int language sql as $$
begin
  let m int := (select max(id) from orders);
  return m;
end $$;
declare
  n int;
begin
  call newest() into :n;
  insert into big (id) values (:n);
end;
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID aggregation

-- # call of a procedure made for it
with mk as procedure (t varchar) returns int language sql as $$
begin
  insert into big (id) select id from orders;
  return 1;
end $$
call mk('x');
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID

-- # SQL function inlined
create function area(w float, h float) returns float as 'w * h';
select area(amount, id) as a from orders;
--> ORDERS => ()
--> ().A <- ORDERS.AMOUNT transformation, ORDERS.ID transformation

-- # table function inlined
create function of_customer(c int) returns table (oid int, amt number) as $$ select id, amount from orders where customer_id = c $$;
create table t as select f.oid, f.amt from table(of_customer(3)) f;
--> ORDERS => T
--> T.OID <- ORDERS.ID
--> T.AMT <- ORDERS.AMOUNT
--> T <- ORDERS.CUSTOMER_ID filter

-- # JavaScript body with a constant statement
create procedure js() returns string language javascript as $$
  var s = snowflake.createStatement({sqlText: "insert into big (id) select id from orders"});
  s.execute();
  snowflake.execute({sqlText: `delete from stale where x > 1`});
  return "ok";
$$;
--> ORDERS => [BIG], [STALE]
--> BIG.ID <- ORDERS.ID
--> STALE <- STALE.X filter
--> ! unsupported_language

-- # task
create or replace task nightly
  warehouse = wh
  schedule = 'USING CRON 0 3 * * * UTC'
  when system$stream_has_data('s')
as
  insert into big (id, total) select id, amount from orders;
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID
--> BIG.TOTAL <- ORDERS.AMOUNT

-- # task with a block
create task t2 warehouse = wh as
begin
  insert into big (id) select id from orders;
  insert into other (e) select email from customers;
end;
--> ORDERS, CUSTOMERS => BIG, OTHER
--> BIG.ID <- ORDERS.ID
--> OTHER.E <- CUSTOMERS.EMAIL

-- ## scripts

-- # session variables
set top = (select max(amount) from orders);
insert into big (total) select $top;
--> ORDERS => BIG
--> BIG.TOTAL <- ORDERS.AMOUNT aggregation

-- ## dynamic sql

-- # execute immediate of a block
execute immediate $$
begin
  insert into big (id) select id from orders;
  insert into other (e) select email from customers;
end;
$$;
--> ORDERS, CUSTOMERS => BIG, OTHER
--> BIG.ID <- ORDERS.ID
--> OTHER.E <- CUSTOMERS.EMAIL

-- # execute immediate of a joined text with binds
declare
  tab varchar default 'big';
  q varchar;
  low int;
begin
  select min(id) into :low from customers;
  q := 'insert into ' || tab || ' (id) select id from orders where amount > ?';
  execute immediate :q using (low);
end;
--> CUSTOMERS, ORDERS => BIG
--> BIG.ID <- ORDERS.ID
--> BIG <- ORDERS.AMOUNT filter, CUSTOMERS.ID filter

-- # execute immediate into a result set
declare
  rs resultset;
begin
  rs := (execute immediate 'select id, email from customers');
  for r in rs do
    insert into pairs (a, b) values (r.id, r.email);
  end for;
end;
--> CUSTOMERS => PAIRS
--> PAIRS.A <- CUSTOMERS.ID
--> PAIRS.B <- CUSTOMERS.EMAIL

-- # identifier of a constant
declare
  src varchar default 'orders';
begin
  let dst := 'big';
  insert into identifier(:dst) (id) select id from identifier(:src);
  truncate table identifier(:dst);
end;
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID

-- # table of a constant
create procedure p() returns int language sql as $$
begin
  let t := 'prod.core.orders_' || 'eu';
  insert into big (id) select id from table(:t);
  return 1;
end $$;
--> PROD.CORE.ORDERS_EU => BIG
--> BIG.ID <- PROD.CORE.ORDERS_EU.ID

-- # identifier that only the run knows
create procedure p(t varchar) returns int language sql as $$
begin
  insert into big (id) select id from identifier(:t);
  insert into other (e) select email from customers;
  return 1;
end $$;
--> CUSTOMERS => [BIG], OTHER
--> OTHER.E <- CUSTOMERS.EMAIL
--> ! dynamic_sql

-- # session variable names a table
set target = 'big';
insert into identifier($target) (id) select id from orders;
--> ORDERS => BIG
--> BIG.ID <- ORDERS.ID
-- schema MART.SHIPMENTS(SHIPMENT_ID, ORDER_ID, CARRIER, SENT_AT, ARRIVED_AT, WEIGHT_G)
-- schema MART.PARCELS(PARCEL_ID, ORDER_ID, SKU, QUANTITY, UNIT_PRICE)
-- schema MART.CARRIER_TERMS(CARRIER, VALID_FROM, VALID_TO, FEE_PER_KG)

-- ## ctes

-- # warehouse: newest shipment by order with costs and shares
create or replace table mart.order_costs as
with newest as (
    select s.order_id, s.carrier, s.weight_g / 1000 as kg, datediff('day', s.sent_at, s.arrived_at) as days
    from mart.shipments s
    where s.arrived_at is not null
    qualify row_number() over (partition by s.order_id order by s.sent_at desc) = 1
),
goods as (
    select order_id, sum(quantity * unit_price) as value, listagg(distinct sku, ',') within group (order by sku) as skus
    from mart.parcels
    group by all
),
costed as (
    select n.order_id,
           g.value,
           g.skus,
           n.kg * t.fee_per_kg as cost,
           cost / nullif(g.value, 0) as cost_share,
           iff(n.days > 3, 'late', n.carrier) as remark
    from newest n
    join goods g on g.order_id = n.order_id
    left join mart.carrier_terms t
      on t.carrier = n.carrier and n.days between t.valid_from and t.valid_to
)
select c.*, avg(c.cost_share) over (partition by c.remark) as usual_share
from costed c
union all by name
select order_id, 0 as value, null as skus, 0 as cost, 0 as cost_share, 'lost' as remark, 0 as usual_share
from mart.shipments
where arrived_at is null
order by order_id;
--> MART.SHIPMENTS, MART.PARCELS, MART.CARRIER_TERMS => MART.ORDER_COSTS
--> MART.ORDER_COSTS.ORDER_ID <- MART.SHIPMENTS.ORDER_ID
--> MART.ORDER_COSTS.VALUE <- MART.PARCELS.QUANTITY aggregation, MART.PARCELS.UNIT_PRICE aggregation
--> MART.ORDER_COSTS.SKUS <- MART.PARCELS.SKU aggregation, MART.PARCELS.SKU window
--> MART.ORDER_COSTS.COST <- MART.SHIPMENTS.WEIGHT_G transformation, MART.CARRIER_TERMS.FEE_PER_KG transformation
--> MART.ORDER_COSTS.COST_SHARE <- MART.SHIPMENTS.WEIGHT_G transformation, MART.CARRIER_TERMS.FEE_PER_KG transformation, MART.PARCELS.QUANTITY aggregation, MART.PARCELS.UNIT_PRICE aggregation
--> MART.ORDER_COSTS.REMARK <- MART.SHIPMENTS.ARRIVED_AT condition, MART.SHIPMENTS.SENT_AT condition, MART.SHIPMENTS.CARRIER transformation
--> MART.ORDER_COSTS.USUAL_SHARE <- MART.SHIPMENTS.WEIGHT_G aggregation, MART.CARRIER_TERMS.FEE_PER_KG aggregation, MART.PARCELS.QUANTITY aggregation, MART.PARCELS.UNIT_PRICE aggregation, MART.SHIPMENTS.ARRIVED_AT window, MART.SHIPMENTS.SENT_AT window, MART.SHIPMENTS.CARRIER window
--> MART.ORDER_COSTS <- MART.SHIPMENTS.ARRIVED_AT filter, MART.SHIPMENTS.ORDER_ID filter, MART.SHIPMENTS.SENT_AT filter, MART.PARCELS.ORDER_ID group_by, MART.PARCELS.ORDER_ID join, MART.SHIPMENTS.ORDER_ID join, MART.CARRIER_TERMS.CARRIER join, MART.SHIPMENTS.CARRIER join, MART.SHIPMENTS.ARRIVED_AT join, MART.SHIPMENTS.SENT_AT join, MART.CARRIER_TERMS.VALID_FROM join, MART.CARRIER_TERMS.VALID_TO join, MART.SHIPMENTS.ORDER_ID sort

-- ## stars

-- # columns that only a star holds, renamed and replaced (no schema)
create table d as select * exclude (x) replace (a + 1 as a) rename (c as e) from t;
--> T => [D]
--> D.* <- T.*
--> D.E <- T.C
--> D.A <- T.A transformation

-- ## pivots

-- # pivot whose values a query lists
select * from (select sensor, metric, reading from readings) pivot (max(reading) for metric in (select m.name from metrics m));
--> READINGS, METRICS => ()
--> ().SENSOR <- READINGS.SENSOR
--> ().* <- READINGS.READING aggregation, READINGS.METRIC condition, METRICS.NAME condition
--> () <- READINGS.SENSOR group_by
--> ! pivot_columns

-- # pivot straight from a table (no schema)
select sensor, heat from readings pivot (max(reading) for metric in ('heat' as heat));
--> READINGS => ()
--> ().SENSOR <- READINGS.SENSOR
--> ().HEAT <- READINGS.READING aggregation, READINGS.METRIC condition
-- schema W.SRC(ID, GRP, AMOUNT, STATE, AT)
-- schema W.DST(ID, GRP, TOTAL)
-- ## insert

-- # insert all without conditions
insert all into w.a (id) values (id) into w.b (total, id) values (amount, id) select id, amount from w.src where state = 'x';
--> W.SRC => W.A, W.B
--> W.A.ID <- W.SRC.ID
--> W.B.TOTAL <- W.SRC.AMOUNT
--> W.B.ID <- W.SRC.ID
--> W.A <- W.SRC.STATE filter
--> W.B <- W.SRC.STATE filter

-- # insert first with conditions
insert overwrite first when amount > 100 then into w.big (id) values (id) when grp = 1 then into w.one (id) values (id) else into w.dst select id, grp, amount from w.src;
--> W.SRC => W.BIG, W.ONE, W.DST
--> W.BIG.ID <- W.SRC.ID
--> W.ONE.ID <- W.SRC.ID
--> W.DST.ID <- W.SRC.ID
--> W.DST.GRP <- W.SRC.GRP
--> W.DST.TOTAL <- W.SRC.AMOUNT
--> W.BIG <- W.SRC.AMOUNT filter
--> W.ONE <- W.SRC.AMOUNT filter, W.SRC.GRP filter
--> W.DST <- W.SRC.AMOUNT filter, W.SRC.GRP filter

-- # overwrite from itself
insert overwrite into w.dst select id, grp, max(total) from w.dst group by id, grp;
--> W.DST => W.DST
--> W.DST.ID <- W.DST.ID
--> W.DST.GRP <- W.DST.GRP
--> W.DST.TOTAL <- W.DST.TOTAL aggregation
--> W.DST <- W.DST.ID group_by, W.DST.GRP group_by

-- ## create

-- # clone of the past
create or replace transient table w.dst_copy clone w.dst at (offset => -3600);
--> W.DST => W.DST_COPY
--> W.DST_COPY.ID <- W.DST.ID
--> W.DST_COPY.GRP <- W.DST.GRP
--> W.DST_COPY.TOTAL <- W.DST.TOTAL

-- # dynamic table
create or replace dynamic table w.d target_lag = '20 minutes' warehouse = wh refresh_mode = auto initialize = on_create as select grp, sum(amount) as total from w.src group by grp;
--> W.SRC => W.D
--> W.D.GRP <- W.SRC.GRP
--> W.D.TOTAL <- W.SRC.AMOUNT aggregation
--> W.D <- W.SRC.GRP group_by

-- # view with column comments and policies
create or replace secure view w.v (k comment 'the key', v with masking policy hide) copy grants as select id, amount from w.src;
--> W.SRC => W.V
--> W.V.K <- W.SRC.ID
--> W.V.V <- W.SRC.AMOUNT

-- # stream on a table
create or replace stream w.s on table w.src append_only = true;
--> W.SRC => W.S
--> W.S.ID <- W.SRC.ID
--> W.S.GRP <- W.SRC.GRP
--> W.S.AMOUNT <- W.SRC.AMOUNT
--> W.S.STATE <- W.SRC.STATE
--> W.S.AT <- W.SRC.AT

-- # task with a condition
create or replace task w.k warehouse = wh schedule = 'using cron 0 * * * * UTC' when system$stream_has_data('w.s') as insert into w.dst (id, total) select id, amount from w.s;
--> W.S => W.DST
--> W.DST.ID <- W.S.ID
--> W.DST.TOTAL <- W.S.AMOUNT

-- # pipe from a stage
create pipe w.p auto_ingest = true as copy into w.dst from @w.inbox/dst/ file_format = (type = 'json');
--> @W.INBOX/dst/ => W.DST

-- # external table
create external table w.e (id int as (value:c1::int)) with location = @w.lake/e/ auto_refresh = true file_format = (type = parquet);
--> @W.LAKE/e/ => W.E

-- ## update

-- # update from a subquery
update w.dst t set total = s.amount, grp = default from (select id, sum(amount) as amount from w.src group by id) s where s.id = t.id;
--> W.SRC => W.DST
--> W.DST.TOTAL <- W.SRC.AMOUNT aggregation
--> W.DST <- W.SRC.ID group_by, W.SRC.ID filter, W.DST.ID filter

-- ## delete

-- # delete using two tables
delete from w.dst using w.src s, w.extra e where dst.id = s.id and e.k = s.grp;
--> W.SRC, W.EXTRA => W.DST
--> W.DST <- W.DST.ID filter, W.SRC.ID filter, W.EXTRA.K filter, W.SRC.GRP filter

-- ## merge

-- # merge with a deletion marker
merge into w.dst t using (select * from w.src qualify row_number() over (partition by id order by at desc) = 1) s on t.id = s.id
when matched and s.state = 'deleted' then delete
when matched and s.amount <> t.total then update set t.total = s.amount, t.grp = coalesce(s.grp, t.grp)
when not matched and s.state <> 'deleted' then insert values (s.id, s.grp, s.amount);
--> W.SRC => W.DST
--> W.DST.TOTAL <- W.SRC.AMOUNT
--> W.DST.GRP <- W.SRC.GRP transformation, W.DST.GRP transformation
--> W.DST.ID <- W.SRC.ID
--> W.DST <- W.SRC.ID filter, W.SRC.AT filter, W.DST.ID join, W.SRC.ID join, W.SRC.STATE filter, W.SRC.AMOUNT filter, W.DST.TOTAL filter

-- # merge all by name
merge into w.dst t using w.src s on t.id = s.id when matched then update all by name when not matched then insert all by name;
--> W.SRC => W.DST
--> W.DST.ID <- W.SRC.ID
--> W.DST.GRP <- W.SRC.GRP
--> W.DST <- W.DST.ID join, W.SRC.ID join

-- ## files

-- # copy from a stage
copy into w.dst from @w.inbox/dst/2024/ pattern = '.*[.]csv' file_format = (format_name = w.csv) on_error = 'continue';
--> @W.INBOX/dst/2024/ => W.DST

-- # copy with a transformation
copy into w.dst (id, total) from (select $1, t.$2::number from @w.inbox (file_format => w.csv) t);
--> @W.INBOX => W.DST

-- # copy from a url
copy into w.dst from 's3://lake/dst/' storage_integration = lake file_format = (type = parquet) match_by_column_name = case_insensitive;
--> s3://lake/dst/ => W.DST

-- # unload of a query
copy into @w.outbox/src/ from (select id, amount from w.src where state = 'x') file_format = (type = parquet) header = true;
--> W.SRC => @W.OUTBOX/src/
--> @W.OUTBOX/src/.ID <- W.SRC.ID
--> @W.OUTBOX/src/.AMOUNT <- W.SRC.AMOUNT
--> @W.OUTBOX/src/ <- W.SRC.STATE filter

-- # unload of a table to a url
copy into 'gcs://lake/dst/' from w.dst;
--> W.DST => gcs://lake/dst/
--> gcs://lake/dst/.ID <- W.DST.ID
--> gcs://lake/dst/.GRP <- W.DST.GRP
--> gcs://lake/dst/.TOTAL <- W.DST.TOTAL

-- # query over a user stage
select $1 as a, t.$2 as b from @~/raw.csv.gz t;
--> @~/raw.csv.gz => ()

-- # put to the stage of a table
put file:///tmp/dst.csv @%dst auto_compress = true;
--> file:///tmp/dst.csv => @%dst

-- # get names no tables
get @w.outbox file:///tmp;
--> - => ()

-- ## scripts

-- # build and swap names
create or replace table w.dst_new as select id, grp, amount as total from w.src;
alter table w.dst swap with w.dst_new;
drop table if exists w.dst_new;
--> W.SRC => W.DST
--> W.DST.ID <- W.SRC.ID
--> W.DST.GRP <- W.SRC.GRP
--> W.DST.TOTAL <- W.SRC.AMOUNT

-- # stage, temporary table and merge
use role loader; use warehouse wh; use schema w;
create or replace temporary table batch as select $1 as id, $2 as amount from @inbox/b.csv;
merge into dst t using (select b.id, s.grp, b.amount from batch b join src s on s.id = b.id) x on x.id = t.id when matched then update set grp = x.grp when not matched then insert (id, grp) values (x.id, x.grp);
--> @W.INBOX/b.csv, W.SRC => W.DST
--> W.DST.GRP <- W.SRC.GRP
--> W.DST <- W.SRC.ID join, W.DST.ID join
-- ## procedures

-- # nightly load in Snowflake Scripting
create or replace procedure etl.load_orders(run_date date)
returns table (customer number, total number)
language sql
as
$$
declare
  res resultset;
  n integer default 0;
begin
  create or replace temporary table etl.staged as
    select o.customer_id, o.amount, c.email
    from orders o
    join customers c on c.id = o.customer_id
    where o.ordered_at = :run_date;

  merge into etl.totals t using etl.staged s on t.customer_id = s.customer_id
    when matched then update set t.total = t.total + s.amount
    when not matched then insert (customer_id, total) values (s.customer_id, s.amount);

  n := sqlrowcount;
  if (n > 0) then
    insert into etl.runs (day, rows_written) values (:run_date, :n);
  end if;

  res := (select customer_id, sum(amount) from etl.staged group by customer_id);
  return table(res);
end;
$$;
--> ORDERS, CUSTOMERS => ETL.TOTALS, ETL.RUNS
--> ETL.TOTALS.TOTAL <- ETL.TOTALS.TOTAL transformation, ORDERS.AMOUNT transformation
--> ETL.TOTALS.CUSTOMER_ID <- ORDERS.CUSTOMER_ID
--> ().CUSTOMER <- ORDERS.CUSTOMER_ID
--> ().TOTAL <- ORDERS.AMOUNT aggregation
--> ETL.TOTALS <- CUSTOMERS.ID join, ORDERS.CUSTOMER_ID join, ORDERS.ORDERED_AT filter, ETL.TOTALS.CUSTOMER_ID join
--> () <- CUSTOMERS.ID join, ORDERS.CUSTOMER_ID join, ORDERS.ORDERED_AT filter, ORDERS.CUSTOMER_ID group_by

-- ## table functions

-- # table function over a partition
select h.label from carts c, table(label_rows(c.doc) over (partition by c.user_id order by c.placed_at)) h;
--> CARTS => ()
--> ().LABEL <- CARTS.DOC transformation, CARTS.USER_ID window, CARTS.PLACED_AT window

-- ## pivots

-- # pivot of an unknown table under a column list (no schema)
select emp_id, jan from monthly pivot (sum(amount) for month in ('JAN', 'FEB')) as p (emp_id, jan, feb);
--> MONTHLY => ()
--> ().EMP_ID <- MONTHLY.*
--> ().JAN <- MONTHLY.AMOUNT aggregation, MONTHLY.MONTH condition

-- ## select

-- # identifier of a string
select o.id from identifier('prod.core.orders') o join table('prod.core.customers') c on c.id = o.customer_id;
--> PROD.CORE.ORDERS, PROD.CORE.CUSTOMERS => ()
--> ().ID <- PROD.CORE.ORDERS.ID
--> () <- PROD.CORE.CUSTOMERS.ID join, PROD.CORE.ORDERS.CUSTOMER_ID join

-- # time travel and sample
select id from orders at (timestamp => '2024-01-01'::timestamp) as o sample (10) where o.amount > 1;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
--> () <- ORDERS.AMOUNT filter

-- # before a statement
select id from orders before (statement => '8e5d0ca9-005e-44e6-b858-a8f5b37c5726');
--> ORDERS => ()
--> ().ID <- ORDERS.ID

-- # changes
select id from orders changes (information => append_only) at (offset => -60);
--> ORDERS => ()
--> ().ID <- ORDERS.ID

-- # columns of values by position
select column1 as a, $2 as b from values (1, 'x'), (2, 'y');
--> - => ()

-- # comments by slashes
select id // the key
from orders -- all
/* of them */ where amount > 1;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
--> () <- ORDERS.AMOUNT filter

-- # like any and decode
select decode(customer_id, 1, amount, id) as x from orders where payload like any ('a%', 'b%');
--> ORDERS => ()
--> ().X <- ORDERS.CUSTOMER_ID condition, ORDERS.AMOUNT transformation, ORDERS.ID transformation
--> () <- ORDERS.PAYLOAD filter

-- # session variables beside columns
select id, $run_id as run from orders where amount > $least;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
--> () <- ORDERS.AMOUNT filter

-- ## joins

-- # outer join by plus signs
select o.id, c.email from orders o, customers c where o.customer_id = c.id (+);
--> ORDERS, CUSTOMERS => ()
--> ().ID <- ORDERS.ID
--> ().EMAIL <- CUSTOMERS.EMAIL
--> () <- ORDERS.CUSTOMER_ID filter, CUSTOMERS.ID filter

-- # asof join over a time
select o.id, c.email from orders o asof join customers c match_condition (o.ordered_at >= c.id) on o.customer_id = c.id;
--> ORDERS, CUSTOMERS => ()
--> ().ID <- ORDERS.ID
--> ().EMAIL <- CUSTOMERS.EMAIL
--> () <- ORDERS.CUSTOMER_ID join, CUSTOMERS.ID join, ORDERS.ORDERED_AT join

-- ## set operations

-- # minus and union by name
select id from orders minus select id from customers;
--> ORDERS, CUSTOMERS => ()
--> ().ID <- ORDERS.ID
--> () <- CUSTOMERS.ID filter

-- ## create

-- # dynamic table by group by all
create or replace dynamic table mart.d target_lag = '1 minute' warehouse = w refresh_mode = auto as
select customer_id, sum(amount) as total from orders group by all;
--> ORDERS => MART.D
--> MART.D.CUSTOMER_ID <- ORDERS.CUSTOMER_ID
--> MART.D.TOTAL <- ORDERS.AMOUNT aggregation
--> MART.D <- ORDERS.CUSTOMER_ID group_by

-- # hybrid and iceberg tables
create hybrid table h (id int primary key) as select id from orders;
create iceberg table i external_volume = 'v' catalog = 'snowflake' base_location = 'x' as select id from customers;
--> ORDERS, CUSTOMERS => H, I
--> H.ID <- ORDERS.ID
--> I.ID <- CUSTOMERS.ID

-- # view with policies and comments
create or replace secure view v (id comment 'the key', mail with masking policy p) copy grants comment = 'x' with row access policy r on (id) as select id, email from customers;
--> CUSTOMERS => V
--> V.ID <- CUSTOMERS.ID
--> V.MAIL <- CUSTOMERS.EMAIL

-- # recursive view
create or replace recursive view chain (id, next_id) as
select id, customer_id from orders where amount > 1
union all
select c.id, o.customer_id from chain c join orders o on o.id = c.next_id;
--> ORDERS => CHAIN
--> CHAIN.ID <- ORDERS.ID
--> CHAIN.NEXT_ID <- ORDERS.CUSTOMER_ID
--> CHAIN <- ORDERS.AMOUNT filter, ORDERS.ID join, ORDERS.CUSTOMER_ID join

-- ## names

-- # database without schema
select o.id from prod..orders o;
--> PROD.PUBLIC.ORDERS => ()
--> ().ID <- PROD.PUBLIC.ORDERS.ID

-- # quoted names keep their case (no schema)
select "Weird Id", id, t."id" from "My Table" t;
--> My Table => ()
--> ().Weird Id <- My Table.Weird Id
--> ().ID <- My Table.ID
--> ().id <- My Table.id

-- # views of the account (no schema)
select query_text from snowflake.account_usage.query_history;
--> SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY => ()
--> ().QUERY_TEXT <- SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY.QUERY_TEXT

-- ## other

-- # objects without rows
create stage s url = 's3://x'; create file format f type = csv; create warehouse w warehouse_size = small; create masking policy p as (v string) returns string -> '*'; create row access policy r as (v string) returns boolean -> exists (select 1 from customers where email = v); create tag t; create function py(a int) returns int language python runtime_version = '3.11' handler = 'f' as $$ def f(a): return a $$; call system$wait(1); undrop table x; alter session set timezone = 'utc'; use warehouse w; list @s; unset x; execute task k;
--> - => ()
-- ## patterns

-- # matches joined to another table
select m.symbol, s.name, m.top_price from ticks match_recognize (
  partition by symbol order by ts measures max(up.price) as top_price
  one row per match pattern (up+) define up as up.volume > 1
) as m join staff s on s.name = m.symbol where m.top_price > 2;
--> TICKS, STAFF => ()
--> ().SYMBOL <- TICKS.SYMBOL
--> ().NAME <- STAFF.NAME
--> ().TOP_PRICE <- TICKS.PRICE aggregation
--> () <- TICKS.SYMBOL group_by, TICKS.TS sort, TICKS.VOLUME filter, STAFF.NAME join, TICKS.SYMBOL join, TICKS.PRICE filter

-- ## names

-- # columns by their place in a subquery
select $1 as a, q.$2 as b from (select id, amount * 2 as twice from orders) q where $1 > 5;
--> ORDERS => ()
--> ().A <- ORDERS.ID
--> ().B <- ORDERS.AMOUNT transformation
--> () <- ORDERS.ID filter

-- # metadata of a file and a sequence
select metadata$filename as f, numbers.nextval as n, id from orders where metadata$file_row_number > 1;
--> ORDERS => ()
--> ().ID <- ORDERS.ID
-- ## other

-- # repaired: a broken condition in the source of a merge (no schema)
merge into tgt t using (select id, v from src s where s.q qq qqq) s on t.id = s.id
when matched then update set t.v = s.v
when not matched then insert (id, v) values (s.id, s.v);
--> SRC => [TGT]
--> TGT.V <- SRC.V
--> TGT.ID <- SRC.ID
--> TGT <- SRC.Q filter, TGT.ID join, SRC.ID join
--> ! repaired

-- ## scripts

-- # a temporary table like one that is not known may have any column (no schema)
create temporary table stage_trips like prod.trips;
copy into stage_trips from @landing/trips;
insert into prod.trips (id, km) select s.id, s.km + x.km from stage_trips s join extras x on s.id = x.id;
--> @LANDING/trips, EXTRAS => PROD.TRIPS
--> PROD.TRIPS.KM <- EXTRAS.KM transformation
--> PROD.TRIPS <- EXTRAS.ID join

-- # columns of a temporary table may come from anywhere in a star (no schema)
create temporary table s (id int, km int);
insert into s select * from late;
insert into t (km) select km from s;
--> LATE => [T]
--> T.KM <- LATE.*

-- # an alert has its condition and its action (no schema)
create or replace alert late_trips warehouse = w schedule = '1 minute'
  if (exists (select 1 from trips where eta < current_timestamp()))
  then insert into warnings (trip) select max(id) from trips;
--> TRIPS => WARNINGS
--> WARNINGS.TRIP <- TRIPS.ID aggregation
--> () <- TRIPS.ETA filter

-- ## table functions

-- # an argument of a table function of SQL (no schema)
create function near(p number) returns table (id number, km number) as $$ select id, km from places where zone = p $$;
select t.id, n.km from trips t, table(near(t.zone)) n;
--> TRIPS, PLACES => ()
--> ().ID <- TRIPS.ID
--> ().KM <- PLACES.KM
--> () <- PLACES.ZONE filter, TRIPS.ZONE filter

-- ## other

-- # an event table is no event (no schema)
create event table if not exists ops.events;
--> - => OPS.EVENTS

-- ## files

-- # files copied from stage to stage (no schema)
copy files into @done/2024/ from @ops.raw.landing/in/ files = ('a.csv');
--> @OPS.RAW.LANDING/in/ => @DONE/2024/

-- ## scripts

-- # a temporary table filled several times, with stars (no schema)
create temporary table m as select * from a;
insert into m select * from b;
insert into m (id) select k from c;
delete from t where id in (select id from m);
--> A, B, C => T
--> T <- T.ID filter, A.ID filter, B.ID filter, C.K filter

-- ## other

-- # placeholders of a Python driver (no schema)
insert into t (a, b, c) select x % y, %(kind)s, z from s where day between %(from)s and %s and name like %s limit %(n)s;
--> S => T
--> T.A <- S.X transformation, S.Y transformation
--> T.C <- S.Z
--> T <- S.DAY filter, S.NAME filter
