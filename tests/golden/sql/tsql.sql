-- schema dbo.orders(id, customer_id, amount, status)
-- schema dbo.customers(id, email)

-- ## select

-- # alias by equals sign
select total = sum(amount) from dbo.orders;
--> dbo.orders => ()
--> ().total <- dbo.orders.amount aggregation

-- # isnull and convert
select isnull(amount, 0) as a, convert(varchar(10), id) as i from dbo.orders;
--> dbo.orders => ()
--> ().a <- dbo.orders.amount transformation
--> ().i <- dbo.orders.id transformation

-- ## joins

-- # top and apply
select top 5 c.id, x.amount from dbo.customers c cross apply (select top 1 o.amount from dbo.orders o where o.customer_id = c.id order by o.amount desc) x;
--> dbo.customers, dbo.orders => ()
--> ().id <- dbo.customers.id
--> ().amount <- dbo.orders.amount
--> () <- dbo.orders.customer_id filter, dbo.customers.id filter, dbo.orders.amount sort

-- ## ctes

-- # recursive with needs no word
with r as (select id, customer_id from dbo.orders union all select r.id, o.customer_id from dbo.orders o join r on r.id = o.customer_id) select customer_id from r;
--> dbo.orders => ()
--> ().customer_id <- dbo.orders.customer_id
--> () <- dbo.orders.id join, dbo.orders.customer_id join

-- ## create

-- # select into
select id, amount into dbo.big from dbo.orders where status = 'x';
--> dbo.orders => dbo.big
--> dbo.big.id <- dbo.orders.id
--> dbo.big.amount <- dbo.orders.amount
--> dbo.big <- dbo.orders.status filter

-- ## update

-- # update by an alias
update o set o.amount = o.amount + c.id from dbo.orders o join dbo.customers c on c.id = o.customer_id where c.email is null;
--> dbo.customers => dbo.orders
--> dbo.orders.amount <- dbo.orders.amount transformation, dbo.customers.id transformation
--> dbo.orders <- dbo.customers.id join, dbo.orders.customer_id join, dbo.customers.email filter

-- ## delete

-- # delete by an alias
delete o from dbo.orders o join dbo.customers c on c.id = o.customer_id;
--> dbo.customers => dbo.orders
--> dbo.orders <- dbo.customers.id join, dbo.orders.customer_id join

-- ## merge

-- # merge with by source
merge dbo.totals as t using dbo.orders as s on t.id = s.id when matched then update set t.total = s.amount when not matched by target then insert (id, total) values (s.id, s.amount) when not matched by source then delete;
--> dbo.orders => dbo.totals
--> dbo.totals.total <- dbo.orders.amount
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals <- dbo.totals.id join, dbo.orders.id join

-- ## scripts

-- # select into a temporary table
select id, amount into #t from dbo.orders; insert into dbo.totals (id, total) select id, amount from #t;
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- ## names

-- # bracketed identifiers
select [o].[id] from [dbo].[orders] as [o];
--> dbo.orders => ()
--> ().id <- dbo.orders.id

-- # names ignore case
select ID, AMOUNT from DBO.Orders;
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> ().amount <- dbo.orders.amount

-- schema dbo.carts(id, user_id, doc, tags, placed_at)
-- schema dbo.readings(sensor, day, metric, reading)

-- ## table functions

-- # openjson with columns
select c.id, j.sku, j.qty from dbo.carts c
cross apply openjson(c.doc, '$.lines') with (sku nvarchar(20) '$.sku', qty int '$.qty', extra nvarchar(max) as json) as j
where j.qty > 1;
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> ().sku <- dbo.carts.doc transformation
--> ().qty <- dbo.carts.doc transformation
--> () <- dbo.carts.doc filter

-- # openjson without columns
select c.id, j.[key], j.value from dbo.carts c outer apply openjson(c.doc) j;
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> ().key <- dbo.carts.doc transformation
--> ().value <- dbo.carts.doc transformation

-- # split string
select c.id, trim(s.value) as tag from dbo.carts c cross apply string_split(c.tags, ',') s;
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> ().tag <- dbo.carts.tags transformation

-- # values as a table, correlated
select c.id, v.k, v.x from dbo.carts c cross apply (values ('user', c.user_id), ('id', c.id)) as v (k, x);
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> ().x <- dbo.carts.user_id, dbo.carts.id

-- ## pivots

-- # pivot
select p.sensor, p.[heat], p.[wind]
from (select sensor, metric, reading from dbo.readings) as s
pivot (avg(reading) for metric in ([heat], [wind])) as p;
--> dbo.readings => ()
--> ().sensor <- dbo.readings.sensor
--> ().heat <- dbo.readings.reading aggregation, dbo.readings.metric condition
--> ().wind <- dbo.readings.reading aggregation, dbo.readings.metric condition
--> () <- dbo.readings.sensor group_by

-- # unpivot puts the value first
select * from (select sensor, heat, wind from dbo.wide) w unpivot (v for metric in (heat, wind)) as u;
--> dbo.wide => ()
--> ().sensor <- dbo.wide.sensor
--> ().v <- dbo.wide.heat, dbo.wide.wind

-- # pivot into a table
select sensor, heat into dbo.heats
from (select sensor, metric, reading from dbo.readings) s pivot (max(reading) for metric in ([heat])) p;
--> dbo.readings => dbo.heats
--> dbo.heats.sensor <- dbo.readings.sensor
--> dbo.heats.heat <- dbo.readings.reading aggregation, dbo.readings.metric condition
--> dbo.heats <- dbo.readings.sensor group_by

-- ## subqueries

-- # outer apply of the latest row
select c.id, x.reading from dbo.carts c
outer apply (select top 1 r.reading from dbo.readings r where r.sensor = c.id order by r.day desc) x;
--> dbo.carts, dbo.readings => ()
--> ().id <- dbo.carts.id
--> ().reading <- dbo.readings.reading
--> () <- dbo.readings.sensor filter, dbo.carts.id filter, dbo.readings.day sort

-- ## ctes

-- # recursive query without the word
with span as (select id, user_id, 0 as depth from dbo.carts where user_id is null
  union all select c.id, c.user_id, s.depth + 1 from dbo.carts c join span s on c.user_id = s.id)
select id, depth from span option (maxrecursion 50);
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> () <- dbo.carts.user_id filter, dbo.carts.user_id join, dbo.carts.id join

-- ## aggregates

-- # string aggregate, percentile and cube
select metric, string_agg(sensor, ',') within group (order by day) as names, count_big(*) as n, stdev(reading) as s, grouping_id(metric) as g
from dbo.readings group by cube (metric);
--> dbo.readings => ()
--> ().metric <- dbo.readings.metric
--> ().names <- dbo.readings.sensor aggregation, dbo.readings.day window
--> ().s <- dbo.readings.reading aggregation
--> ().g <- dbo.readings.metric aggregation
--> () <- dbo.readings.metric group_by

-- ## nested

-- # rows made into a JSON text
select c.id, (select r.day, r.reading from dbo.readings r where r.sensor = c.id for json path) as readings from dbo.carts c;
--> dbo.carts, dbo.readings => ()
--> ().id <- dbo.carts.id
--> ().readings <- dbo.readings.day transformation, dbo.readings.reading transformation, dbo.readings.sensor condition, dbo.carts.id condition

-- # JSON functions
select json_value(c.doc, '$.a') as a, json_query(c.doc, '$.b') as b, isjson(c.doc) as ok from dbo.carts c where json_value(c.doc, '$.k') = 'x';
--> dbo.carts => ()
--> ().a <- dbo.carts.doc transformation
--> ().b <- dbo.carts.doc transformation
--> ().ok <- dbo.carts.doc transformation
--> () <- dbo.carts.doc filter

-- ## stars

-- # star of an alias beside a window
with ranked as (
  select r.*, row_number() over (partition by r.sensor order by r.day desc) as rn from dbo.readings r
)
select sensor, reading into dbo.latest from ranked where rn = 1;
--> dbo.readings => dbo.latest
--> dbo.latest.sensor <- dbo.readings.sensor
--> dbo.latest.reading <- dbo.readings.reading
--> dbo.latest <- dbo.readings.sensor filter, dbo.readings.day filter
