-- schema orders(id, customer_id, amount)

-- ## select

-- # alias in the same select
select amount * 2 as twice, twice + 1 as more from orders;
--> orders => ()
--> ().twice <- orders.amount transformation
--> ().more <- orders.amount transformation

-- ## create

-- # create table as with distribution
create table big distkey (id) sortkey (id) as select id, amount from orders;
--> orders => big
--> big.id <- orders.id
--> big.amount <- orders.amount

-- ## files

-- # copy from s3
copy orders from 's3://bucket/x' iam_role 'arn:x' format as parquet;
--> s3://bucket/x => orders

-- schema readings(sensor, day, metric, reading)

-- ## nested

-- # path into a SUPER column
select c.doc.ship.city, c.doc.lines[0].sku as sku from carts c;
--> carts => ()
--> ().city <- carts.doc.ship.city
--> ().sku <- carts.doc.lines.sku transformation

-- # array of a SUPER column in FROM
select c.id, line.sku, at from carts as c, c.lines as line at at;
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.lines.sku transformation
--> ().at <- carts.lines transformation

-- # object of a SUPER column taken apart
select attr, val from carts as c, unpivot c.doc as val at attr;
--> carts => ()
--> ().attr <- carts.doc transformation
--> ().val <- carts.doc transformation

-- ## pivots

-- # pivot
select * from (select sensor, metric, reading from readings) pivot (max(reading) for metric in ('Heat', 'wind' as w));
--> readings => ()
--> ().sensor <- readings.sensor
--> ().heat <- readings.reading aggregation, readings.metric condition
--> ().w <- readings.reading aggregation, readings.metric condition
--> () <- readings.sensor group_by

-- # unpivot
select * from (select sensor, heat, wind from wide) unpivot (v for metric in (heat, wind));
--> wide => ()
--> ().sensor <- wide.sensor
--> ().v <- wide.heat, wide.wind

-- ## aggregates

-- # listagg and approximate count
select listagg(distinct metric, ',') within group (order by day) as names, approximate count(distinct sensor) as n, median(reading) as m from readings;
--> readings => ()
--> ().names <- readings.metric aggregation, readings.day window
--> ().n <- readings.sensor aggregation
--> ().m <- readings.reading aggregation
-- ## procedures

-- # stored procedure with a temporary table
create or replace procedure load_totals(in day date, out n int) as $$
declare
  rec record;
begin
  create temp table picked as select id, customer_id, amount from orders;
  insert into totals (customer_id, total) select customer_id, sum(amount) from picked group by customer_id;
  select into n count(*) from totals;
end;
$$ language plpgsql;
--> orders, totals => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount aggregation
--> totals <- orders.customer_id group_by

-- # cursor and loop
create procedure walk() as $$
declare c cursor for select id, amount from orders; a int; b float;
begin
  open c;
  fetch c into a, b;
  loop
    exit when not found;
    insert into lines (k, v) values (a, b);
    fetch c into a, b;
  end loop;
  close c;
end $$ language plpgsql nonatomic;
--> orders => lines
--> lines.k <- orders.id
--> lines.v <- orders.amount

-- # call of a procedure of the script
create procedure keep(v int) as $$ begin insert into lines (k) values (v); end $$ language plpgsql;
call keep(4);
--> - => lines

-- # SQL function with positional parameters
create function f_sum (int, int) returns int stable as $$ select $1 + $2 $$ language sql;
select f_sum(id, customer_id) as s from orders;
--> orders => ()
--> ().s <- orders.id transformation, orders.customer_id transformation

-- ## dynamic sql

-- # execute of a joined text
create procedure swap(t varchar) as $$
begin
  execute 'create table ' || 'next_lines' || ' as select id from orders';
  execute 'drop table if exists ' || t;
end $$ language plpgsql;
--> orders => [next_lines]
--> next_lines.id <- orders.id
--> ! dynamic_sql

-- schema wh.visits(visit_id, visitor_id, page_id, started_at, seconds, device)
-- schema wh.visitors(visitor_id, country, joined_at, plan_id)
-- schema wh.plans(plan_id, title, fee, currency)
-- schema wh.rates(currency, day, to_eur)
-- schema wh.visit_facts(day, country, plan, device, visits, visitors, seconds, fee_eur, rank_in_country)

-- ## ctes

-- # warehouse: a fact table from ranked rates and grouped visits
insert into wh.visit_facts (day, country, plan, device, visits, visitors, seconds, fee_eur, rank_in_country)
with latest_rate as (
    select currency, to_eur
    from (
        select r.currency, r.to_eur, row_number() over (partition by r.currency order by r.day desc) as newest
        from wh.rates r
    ) ranked
    where newest = 1
),
priced as (
    select p.plan_id, p.title, p.fee * coalesce(l.to_eur, 1) as fee_eur
    from wh.plans p
    left join latest_rate l on l.currency = p.currency
),
daily as (
    select trunc(v.started_at) as day,
           c.country,
           pr.title as plan,
           case when v.device in ('phone', 'tablet') then 'mobile' else v.device end as device,
           count(*) as visits,
           count(distinct v.visitor_id) as visitors,
           sum(v.seconds) as seconds,
           max(pr.fee_eur) as fee_eur
    from wh.visits v
    join wh.visitors c using (visitor_id)
    left join priced pr on pr.plan_id = c.plan_id
    where v.started_at >= c.joined_at and v.seconds > 0
    group by 1, 2, 3, 4
)
select day, country, plan, device, visits, visitors, seconds, fee_eur,
       rank() over (partition by country order by seconds desc, visits desc)
from daily
where exists (select 1 from wh.visitors x where x.country = daily.country and x.plan_id is not null);
--> wh.visits, wh.visitors, wh.plans, wh.rates => wh.visit_facts
--> wh.visit_facts.day <- wh.visits.started_at transformation
--> wh.visit_facts.country <- wh.visitors.country
--> wh.visit_facts.plan <- wh.plans.title
--> wh.visit_facts.device <- wh.visits.device condition, wh.visits.device transformation
--> wh.visit_facts.visitors <- wh.visits.visitor_id aggregation
--> wh.visit_facts.seconds <- wh.visits.seconds aggregation
--> wh.visit_facts.fee_eur <- wh.plans.fee aggregation, wh.rates.to_eur aggregation
--> wh.visit_facts.rank_in_country <- wh.visitors.country window, wh.visits.seconds window
--> wh.visit_facts <- wh.visits.visitor_id join, wh.visitors.visitor_id join, wh.rates.currency filter, wh.rates.day filter, wh.rates.currency join, wh.plans.currency join, wh.plans.plan_id join, wh.visitors.plan_id join, wh.visits.started_at filter, wh.visitors.joined_at filter, wh.visits.seconds filter, wh.visits.started_at group_by, wh.visitors.country group_by, wh.plans.title group_by, wh.visits.device group_by, wh.visitors.country filter, wh.visitors.plan_id filter

-- ## windows

-- # share and qualify
select sensor, ratio_to_report(reading) over (partition by metric) as share from readings
qualify row_number() over (partition by sensor order by day desc) = 1;
--> readings => ()
--> ().sensor <- readings.sensor
--> ().share <- readings.reading aggregation, readings.metric window
--> () <- readings.sensor filter, readings.day filter
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## create

-- # external table as
create external table w.lake stored as parquet location 's3://lake/x/' as select id, amount from w.src;
--> w.src => w.lake
--> w.lake.id <- w.src.id
--> w.lake.amount <- w.src.amount

-- # late binding view
create or replace view w.v as select id from w.src with no schema binding;
--> w.src => w.v
--> w.v.id <- w.src.id

-- # materialized view with options
create materialized view w.m backup no diststyle key distkey (grp) auto refresh yes as select grp, max(amount) as most from w.src group by grp;
--> w.src => w.m
--> w.m.grp <- w.src.grp
--> w.m.most <- w.src.amount aggregation
--> w.m <- w.src.grp group_by

-- ## update

-- # update from a joined source
update w.dst set total = s.amount from w.src s join w.extra e on e.k = s.grp where s.id = dst.id;
--> w.src, w.extra => w.dst
--> w.dst.total <- w.src.amount
--> w.dst <- w.extra.k join, w.src.grp join, w.src.id filter, w.dst.id filter

-- ## merge

-- # remove duplicates
merge into w.dst using w.dst_stage s on dst.id = s.id remove duplicates;
--> w.dst_stage => [w.dst]
--> w.dst.* <- w.dst_stage.*
--> w.dst <- w.dst.id join, w.dst_stage.id join

-- # insert without a list
merge into w.dst using w.src s on dst.id = s.id when matched then update set total = s.amount when not matched then insert values (s.id, s.grp, s.amount);
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst <- w.dst.id join, w.src.id join

-- ## files

-- # unload of a quoted query
unload ('select id, amount from w.src where state = ''x'' order by at') to 's3://out/src_' iam_role 'arn:aws:iam::1:role/r' format as parquet partition by (id);
--> w.src => s3://out/src_
--> s3://out/src_.id <- w.src.id
--> s3://out/src_.amount <- w.src.amount
--> s3://out/src_ <- w.src.state filter, w.src.at sort

-- # unload in dollars
unload ($$ select id from w.src $$) to 's3://out/ids_' iam_role default header;
--> w.src => s3://out/ids_
--> s3://out/ids_.id <- w.src.id

-- # copy of listed columns
copy w.dst (id, total) from 's3://in/dst/part' iam_role 'arn:x' csv gzip ignoreheader 1 delimiter '|' timeformat 'auto' region 'eu-west-1';
--> s3://in/dst/part => w.dst

-- # appended rows
alter table w.dst append from w.dst_stage ignoreextra;
--> w.dst_stage => [w.dst]
--> w.dst.* <- w.dst_stage.*

-- ## scripts

-- # temporary table, delete and insert
create temp table stage (like w.dst);
copy stage from 's3://in/dst.csv' iam_role 'arn:x' csv;
begin transaction;
delete from w.dst using stage where dst.id = stage.id;
insert into w.dst select * from stage;
end transaction;
--> s3://in/dst.csv => w.dst
--> w.dst <- w.dst.id filter
-- ## procedures

-- # transaction control and a record loop
create procedure archive_old() as $$
declare r record;
begin
  for r in select id, amount from orders where amount > 0 loop
    insert into archive (k, v) values (r.id, r.amount);
    commit;
  end loop;
  truncate staging;
exception when others then
  raise info 'failed %', sqlerrm;
end $$ language plpgsql;
--> orders => archive, staging
--> archive.k <- orders.id
--> archive.v <- orders.amount
--> archive <- orders.amount filter

-- ## select

-- # top and approximate count
select top 5 customer_id, approximate count(distinct id) as n from orders group by customer_id;
--> orders => ()
--> ().customer_id <- orders.customer_id
--> ().n <- orders.id aggregation
--> () <- orders.customer_id group_by

-- # decode and nvl
select decode(customer_id, 1, amount, 2, id) as x, nvl(amount, 0) as a, getdate() as now from orders;
--> orders => ()
--> ().x <- orders.customer_id condition, orders.amount transformation, orders.id transformation
--> ().a <- orders.amount transformation

-- # qualify
select id from orders qualify row_number() over (partition by customer_id order by amount desc) = 1;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.customer_id filter, orders.amount filter

-- # exclude
select * exclude (amount) from orders;
--> orders => ()
--> ().id <- orders.id
--> ().customer_id <- orders.customer_id

-- # json path text (no schema)
select json_extract_path_text(doc, 'a', 'b') as b, is_valid_json(doc) as ok from raw;
--> raw => ()
--> ().b <- raw.doc transformation
--> ().ok <- raw.doc transformation

-- ## create

-- # late binding view over an external schema (no schema)
create or replace view mart.v as select id, amount from spectrum.sales where d = '1' with no schema binding;
--> spectrum.sales => mart.v
--> mart.v.id <- spectrum.sales.id
--> mart.v.amount <- spectrum.sales.amount
--> mart.v <- spectrum.sales.d filter

-- # table with every option
create table mart.t backup no diststyle key distkey (id) compound sortkey (id, amount) as select id, amount from orders;
--> orders => mart.t
--> mart.t.id <- orders.id
--> mart.t.amount <- orders.amount

-- # materialized view with auto refresh
create materialized view mart.m backup no diststyle all sortkey (id) auto refresh yes as select id from orders where amount > 1;
--> orders => mart.m
--> mart.m.id <- orders.id
--> mart.m <- orders.amount filter

-- # temporary table by its hash sign
create table #t as select id, amount from orders; insert into mart.t (id, amount) select id, amount from #t;
--> orders => mart.t
--> mart.t.id <- orders.id
--> mart.t.amount <- orders.amount

-- ## merge

-- # merge that removes duplicates
merge into mart.t using orders on t.id = orders.id remove duplicates;
--> orders => mart.t
--> mart.t.id <- orders.id
--> mart.t.customer_id <- orders.customer_id
--> mart.t.amount <- orders.amount
--> mart.t <- mart.t.id join, orders.id join

-- ## delete

-- # delete without from
delete orders where amount is null;
--> - => orders
--> orders <- orders.amount filter

-- ## names

-- # three parts, quoted (no schema)
select t.id from "dev-db"."Public".orders t;
--> dev-db.public.orders => ()
--> ().id <- dev-db.public.orders.id

-- ## other

-- # administration
analyze compression orders; vacuum delete only orders to 75 percent; create external schema s from data catalog database 'd' iam_role 'x'; attach rls policy p on orders to role r; cancel 123; create library l language plpythonu from 's3://x'; show table orders; set query_group to 'x'; lock orders; create group g; desc datashare d;
--> - => ()

-- ## scripts

-- # a temporary table like one whose columns are not known may have any (no schema)
create temp table stage (like target including defaults);
copy stage from 's3://in/target.csv' iam_role 'arn:x' csv;
update stage set name = trim(name);
delete from target using stage where target.id = stage.id;
insert into target select * from stage;
--> s3://in/target.csv => [target]
--> target <- target.id filter

-- ## select

-- # a unit in front of a date function is no column (no schema)
select datepart(year, sold_on) as y, datediff(day, ordered, shipped) as days, dateadd(month, n, sold_on) as due from sales;
--> sales => ()
--> ().y <- sales.sold_on transformation
--> ().days <- sales.shipped transformation, sales.ordered transformation
--> ().due <- sales.sold_on transformation, sales.n transformation
