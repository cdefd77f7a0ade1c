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
--> ().readings <- dbo.readings.day aggregation, dbo.readings.reading aggregation, dbo.readings.sensor condition, dbo.carts.id condition

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
-- schema dbo.stage(id, name, qty, price, loaded_at)
-- schema dbo.products(id, name, price, supplier_id, doc, tags)
-- schema dbo.totals(id, total)
-- schema dbo.history(id, amount, was, at)
-- schema dbo.people(id, name, boss_id, city)

-- ## scripts

-- # statements without semicolons
select id, amount into #o from dbo.orders where status = 'open'
insert into dbo.totals (id, total)
select id, sum(amount) from #o group by id
update t set total = 0 from dbo.totals t where t.id < 0
delete from dbo.stage where id in (select id from #o)
--> dbo.orders => dbo.totals, dbo.stage
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount aggregation
--> dbo.totals <- dbo.orders.status filter, dbo.orders.id group_by, dbo.totals.id filter
--> dbo.stage <- dbo.stage.id filter, dbo.orders.id filter, dbo.orders.status filter

-- # set statements and unions without semicolons
set nocount on
set xact_abort on
insert dbo.totals
select id, amount from dbo.orders
union all
select id, price from dbo.products
union
select id, qty from dbo.stage
print 'done'
--> dbo.orders, dbo.products, dbo.stage => dbo.totals
--> dbo.totals.id <- dbo.orders.id, dbo.products.id, dbo.stage.id
--> dbo.totals.total <- dbo.orders.amount, dbo.products.price, dbo.stage.qty

-- # a WITH query behind a statement
declare @x int = 1
;with c as (select id, amount from dbo.orders), unread as (select * from dbo.people)
insert into dbo.totals (id, total) select id, amount from c
select 1 as one
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # GO separates batches and variables end there
declare @m int = (select max(id) from dbo.orders)
go
declare @m int
go 5
insert into dbo.totals (id) values (@m)
--> dbo.orders => dbo.totals

-- # a merge without a semicolon before an insert
merge into dbo.totals with (holdlock) as t
using (select customer_id, sum(amount) as amount from dbo.orders group by customer_id) as s
on t.id = s.customer_id
when matched and t.total <> s.amount then update set t.total = s.amount
when not matched by target then insert (id, total) values (s.customer_id, s.amount)
when not matched by source then delete
output $action, inserted.id, deleted.total into dbo.history (status, id, was)
option (recompile)
insert into dbo.stage (id) select id from dbo.people
--> dbo.orders, dbo.totals, dbo.people => dbo.totals, dbo.history, dbo.stage
--> dbo.totals.total <- dbo.orders.amount aggregation
--> dbo.totals.id <- dbo.orders.customer_id
--> dbo.history.id <- dbo.orders.customer_id
--> dbo.history.was <- dbo.totals.total
--> dbo.stage.id <- dbo.people.id
--> dbo.totals <- dbo.orders.customer_id group_by, dbo.totals.id join, dbo.orders.customer_id join, dbo.totals.total filter, dbo.orders.amount filter
--> dbo.history <- dbo.orders.customer_id group_by, dbo.totals.id join, dbo.orders.customer_id join, dbo.totals.total filter, dbo.orders.amount filter

-- # table variable end to end
declare @t table (id int primary key, amt decimal(10, 2) not null default 0)
insert into @t (id, amt) select o.id, o.amount from dbo.orders as o with (nolock) where o.status = N'paid'
insert into dbo.totals (id, total) select t.id, t.amt from @t as t join dbo.people p on p.id = t.id
--> dbo.orders, dbo.people => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount
--> dbo.totals <- dbo.orders.status filter, dbo.people.id join, dbo.orders.id join

-- # table variable that nobody reads
declare @t table (id int)
insert @t select id from dbo.orders
--> dbo.orders => ()

-- # table variable updated in place
declare @t table (id int, amt int)
insert @t (id, amt) select id, amount from dbo.orders
update @t set amt += 1
update x set amt = p.price from @t x inner join dbo.products p on p.id = x.id
insert dbo.totals (id, total) select id, amt from @t
--> dbo.orders, dbo.products => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount transformation, dbo.products.price
--> dbo.totals <- dbo.products.id join, dbo.orders.id join

-- # global temporary table
create table ##g (i int, n varchar(10))
insert into ##g select id, name from dbo.people
truncate table dbo.stage
insert into dbo.stage (id, name) select i, n from ##g
drop table ##g
--> dbo.people => dbo.stage
--> dbo.stage.id <- dbo.people.id
--> dbo.stage.name <- dbo.people.name

-- # temporary table in tempdb
if object_id('tempdb..#o') is not null drop table #o
select id, amount into tempdb..#o from dbo.orders
insert into dbo.totals (id, total) select id, amount from tempdb.dbo.#o
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # output into a table variable
declare @done table (id int, was int)
update o set o.amount = s.price
output inserted.id, deleted.amount into @done (id, was)
from dbo.orders o inner join dbo.stage s on s.id = o.id
insert into dbo.history (id, was) select id, was from @done
--> dbo.stage, dbo.orders => dbo.orders, dbo.history
--> dbo.orders.amount <- dbo.stage.price
--> dbo.history.id <- dbo.orders.id
--> dbo.history.was <- dbo.orders.amount
--> dbo.orders <- dbo.stage.id join, dbo.orders.id join
--> dbo.history <- dbo.stage.id join, dbo.orders.id join

-- # branches set a variable
declare @a int, @b int
if (select count(*) from dbo.people) > 10
  set @a = (select max(amount) from dbo.orders)
else
begin
  select @a = max(price) from dbo.products where supplier_id = 3
end
set @b = @a * 2
insert into dbo.totals (id, total) values (1, @b)
--> dbo.people, dbo.orders, dbo.products => dbo.totals
--> dbo.totals.total <- dbo.orders.amount aggregation, dbo.products.price aggregation, dbo.products.supplier_id condition

-- # a variable takes values of several columns
declare @id int, @name varchar(50)
select top (1) @id = id, @name = upper(name) from dbo.people where city = 'Ulm' order by boss_id
update dbo.stage set name = @name where id = @id
--> dbo.people => dbo.stage
--> dbo.stage.name <- dbo.people.name transformation, dbo.people.city condition, dbo.people.boss_id condition
--> dbo.stage <- dbo.stage.id filter, dbo.people.id filter, dbo.people.city filter, dbo.people.boss_id filter

-- # a variable gathers the rows of a query
declare @list nvarchar(max) = N''
select @list += name + N', ' from dbo.people
insert into dbo.stage (name) select @list
--> dbo.people => dbo.stage
--> dbo.stage.name <- dbo.people.name transformation

-- # update that sets a variable and a column
declare @v int
update dbo.stage set @v = qty = price + 1 where id = 3
insert into dbo.totals (total) values (@v)
--> dbo.stage => dbo.stage, dbo.totals
--> dbo.stage.qty <- dbo.stage.price transformation
--> dbo.totals.total <- dbo.stage.price transformation
--> dbo.stage <- dbo.stage.id filter

-- # a loop carries a value to its next round
declare @x int = 0, @y int
while @x < 10
begin
  insert into dbo.totals (id, total) values (@x, @y)
  select @y = max(price) from dbo.products
  set @x += 1
end
--> dbo.products => dbo.totals
--> dbo.totals.total <- dbo.products.price aggregation

-- # try and catch
begin try
  begin transaction
  insert into dbo.totals (id) select id from dbo.orders
  commit transaction
end try
begin catch
  if @@trancount > 0 rollback transaction;
  insert into dbo.stage (name) select error_message()
  ;throw
end catch
--> dbo.orders => dbo.totals, dbo.stage
--> dbo.totals.id <- dbo.orders.id

-- # a label and goto
start_here:
insert into dbo.totals (id) select id from dbo.orders
if @@error <> 0 goto start_here
return
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id

-- # synonym
create synonym dbo.o for dbo.orders
insert into dbo.totals (id) select id from dbo.o
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id

-- # table type and its variable
create type dbo.id_list as table (id int, v int)
go
declare @ids dbo.id_list
insert into @ids select id, amount from dbo.orders
insert into dbo.totals (id, total) select id, v from @ids
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # partition switch moves rows (no schema)
alter table dbo.orders switch partition 2 to arch.orders partition 2
--> dbo.orders => [arch.orders]
--> arch.orders.* <- dbo.orders.*

-- # statements that move no data
use sales
grant select, insert, execute on dbo.orders to reader
deny delete on dbo.orders to reader
update statistics dbo.orders
create nonclustered index ix on dbo.orders (customer_id) include (amount) where status = 'x'
alter table dbo.orders with nocheck add constraint fk foreign key (customer_id) references dbo.customers (id) on delete cascade
alter index ix on dbo.orders rebuild
enable trigger t on dbo.orders
waitfor delay '00:00:01'
raiserror(N'x', 16, 1) with nowait
dbcc checkident ('dbo.orders', reseed)
exec sp_updatestats
drop table if exists dbo.gone
drop procedure if exists dbo.gone_too
--> - => ()

-- # use changes the database (no schema)
use sales
go
insert into archive.dbo.old (id) select id from dbo.live
--> sales.dbo.live => archive.dbo.old
--> archive.dbo.old.id <- sales.dbo.live.id

-- ## insert

-- # insert with a hint, top and output
insert top (10) into dbo.totals with (tablockx) (id, total)
output inserted.id, inserted.total into dbo.history (id, amount)
select id, amount from dbo.orders order by amount desc
--> dbo.orders => dbo.totals, dbo.history
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount
--> dbo.history.id <- dbo.orders.id
--> dbo.history.amount <- dbo.orders.amount
--> dbo.totals <- dbo.orders.amount sort
--> dbo.history <- dbo.orders.amount sort

-- # insert of default values
insert into dbo.totals default values
--> - => dbo.totals

-- # values with default and a subquery
insert dbo.totals values (1, default), ((select max(id) from dbo.people), 3)
--> dbo.people => dbo.totals
--> dbo.totals.id <- dbo.people.id aggregation

-- # rows of a nested merge
insert into dbo.history (id, was)
select c.id, c.was from (
  merge dbo.totals as t using dbo.stage as s on t.id = s.id
  when matched then update set total = s.price
  output $action as act, deleted.id, deleted.total as was
) as c where c.act = 'UPDATE'
--> dbo.stage, dbo.totals => dbo.totals, dbo.history
--> dbo.totals.total <- dbo.stage.price
--> dbo.history.id <- dbo.totals.id
--> dbo.history.was <- dbo.totals.total
--> dbo.totals <- dbo.totals.id join, dbo.stage.id join
--> dbo.history <- dbo.totals.id join, dbo.stage.id join

-- # rows of a nested delete
insert into dbo.history (id, amount) select d.id, d.amount from (delete from dbo.orders output deleted.id, deleted.amount where status = 'void') as d
--> dbo.orders => dbo.orders, dbo.history
--> dbo.history.id <- dbo.orders.id
--> dbo.history.amount <- dbo.orders.amount
--> dbo.orders <- dbo.orders.status filter
--> dbo.history <- dbo.orders.status filter

-- # next value of a sequence
insert into dbo.totals (id, total) select next value for dbo.seq over (order by id), amount from dbo.orders
--> dbo.orders => dbo.totals
--> dbo.totals.total <- dbo.orders.amount

-- ## create

-- # create or alter view with options
create or alter view dbo.v (a, b) with schemabinding, view_metadata as
select id, isnull(amount, 0) from dbo.orders where status = 'x' with check option
--> dbo.orders => dbo.v
--> dbo.v.a <- dbo.orders.id
--> dbo.v.b <- dbo.orders.amount transformation
--> dbo.v <- dbo.orders.status filter

-- # alter view
alter view dbo.v as with c as (select id from dbo.orders) select id from c
--> dbo.orders => dbo.v
--> dbo.v.id <- dbo.orders.id

-- # table as a query with distribution
create table dbo.copied with (distribution = hash(id), clustered columnstore index) as select id, amount from dbo.orders option (label = 'x')
--> dbo.orders => dbo.copied
--> dbo.copied.id <- dbo.orders.id
--> dbo.copied.amount <- dbo.orders.amount

-- ## update

-- # update with top, hints and compound assignment
update top (5) o with (rowlock) set o.amount *= s.qty, status = default from dbo.orders as o join dbo.stage as s with (nolock, index(ix)) on s.id = o.id
--> dbo.stage => dbo.orders
--> dbo.orders.amount <- dbo.orders.amount transformation, dbo.stage.qty transformation
--> dbo.orders <- dbo.stage.id join, dbo.orders.id join

-- # update where a cursor stands
declare c cursor for select id, price from dbo.products for update of price
open c
update dbo.products set price = price * 2 where current of c
close c
--> dbo.products => dbo.products
--> dbo.products.price <- dbo.products.price transformation

-- # update with outer apply
update p set p.price = x.price from dbo.products p outer apply (select top 1 s.price from dbo.stage s where s.name = p.name order by s.loaded_at desc) as x
--> dbo.stage => dbo.products
--> dbo.products.price <- dbo.stage.price
--> dbo.products <- dbo.stage.name filter, dbo.products.name filter, dbo.stage.loaded_at sort

-- ## delete

-- # delete without from
delete dbo.orders where status = 'void'
--> - => dbo.orders
--> dbo.orders <- dbo.orders.status filter

-- # delete with two froms
delete from o from dbo.orders o join dbo.customers c on c.id = o.customer_id where c.email is null
--> dbo.customers => dbo.orders
--> dbo.orders <- dbo.customers.id join, dbo.orders.customer_id join, dbo.customers.email filter

-- # delete with output
delete top (100) from dbo.orders output deleted.id, deleted.amount, getdate() into dbo.history (id, amount, at) where status = 'old'
--> dbo.orders => dbo.orders, dbo.history
--> dbo.history.id <- dbo.orders.id
--> dbo.history.amount <- dbo.orders.amount
--> dbo.orders <- dbo.orders.status filter
--> dbo.history <- dbo.orders.status filter

-- ## files

-- # bulk insert
bulk insert dbo.stage from 'C:\in\stage.csv' with (fieldterminator = ',', firstrow = 2)
--> C:\in\stage.csv => dbo.stage

-- ## table functions

-- # openjson with a schema
select p.id, j.sku, j.n from dbo.products p cross apply openjson(p.doc, '$.lines') with (sku varchar(20) '$.sku', n int, rest nvarchar(max) as json) as j
--> dbo.products => ()
--> ().id <- dbo.products.id
--> ().sku <- dbo.products.doc transformation
--> ().n <- dbo.products.doc transformation

-- # openjson without a schema
select j.[key], j.value from dbo.products p cross apply openjson(p.doc) as j where j.type = 1
--> dbo.products => ()
--> ().key <- dbo.products.doc transformation
--> ().value <- dbo.products.doc transformation
--> () <- dbo.products.doc filter

-- # string_split
select p.id, ltrim(s.value) as tag from dbo.products p cross apply string_split(p.tags, ',') s
--> dbo.products => ()
--> ().id <- dbo.products.id
--> ().tag <- dbo.products.tags transformation

-- # cross apply of values
select p.id, v.kind, v.amount from dbo.products p cross apply (values ('price', p.price), ('supplier', p.supplier_id)) as v (kind, amount)
--> dbo.products => ()
--> ().id <- dbo.products.id
--> ().amount <- dbo.products.price, dbo.products.supplier_id

-- # nodes of an XML column
select p.id, n.x.value('(@sku)[1]', 'varchar(20)') as sku from dbo.products p cross apply p.doc.nodes('/order/line') as n(x) where p.doc.exist('/order') = 1
--> dbo.products => ()
--> ().id <- dbo.products.id
--> ().sku <- dbo.products.doc transformation
--> () <- dbo.products.doc filter

-- # full-text search
select p.id, k.rank from containstable(dbo.products, name, 'x') as k join dbo.products p on p.id = k.[key]
--> dbo.products => ()
--> ().id <- dbo.products.id
--> ().rank <- dbo.products.name transformation
--> () <- dbo.products.id join

-- # rows from another server's query
insert into dbo.totals (id, total) select q.id, q.total from openquery(far, 'select id, total from t') as q
--> - => dbo.totals

-- # temporal table
select o.id from dbo.orders for system_time between @from and dateadd(day, 1, @from) as o where o.amount > 1
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> () <- dbo.orders.amount filter

-- ## aggregates

-- # names joined by FOR XML
select c.id, stuff((select ',' + o.status from dbo.orders o where o.customer_id = c.id order by o.id for xml path(''), type).value('.', 'nvarchar(max)'), 1, 1, '') as all_statuses from dbo.customers c
--> dbo.customers, dbo.orders => ()
--> ().id <- dbo.customers.id
--> ().all_statuses <- dbo.orders.status aggregation, dbo.orders.customer_id condition, dbo.customers.id condition, dbo.orders.id condition

-- # a document by FOR JSON
insert into dbo.products (id, doc) select c.id, (select o.id, o.amount from dbo.orders o where o.customer_id = c.id for json path, root('orders')) from dbo.customers c
--> dbo.customers, dbo.orders => dbo.products
--> dbo.products.id <- dbo.customers.id
--> dbo.products.doc <- dbo.orders.id aggregation, dbo.orders.amount aggregation, dbo.orders.customer_id condition, dbo.customers.id condition

-- # string_agg in an order
select customer_id, string_agg(cast(status as nvarchar(max)), ';') within group (order by amount desc) as s from dbo.orders group by customer_id
--> dbo.orders => ()
--> ().customer_id <- dbo.orders.customer_id
--> ().s <- dbo.orders.status aggregation, dbo.orders.amount window
--> () <- dbo.orders.customer_id group_by

-- ## names

-- # four parts and a default schema (no schema)
select a.id, b.x from far.sales.dbo.orders a join sales..other b on b.id = a.id
--> far.sales.dbo.orders, sales.dbo.other => ()
--> ().id <- far.sales.dbo.orders.id
--> ().x <- sales.dbo.other.x
--> () <- sales.dbo.other.id join, far.sales.dbo.orders.id join

-- # keywords and bracket in names (no schema)
select [o].[select], [o].[a]]b] as [from] from [dbo].[my orders] as [o]
--> dbo.my orders => ()
--> ().select <- dbo.my orders.select
--> ().from <- dbo.my orders.a]b

-- # a temporary table beside one of the same name
select id into #orders from dbo.orders
insert into dbo.totals (id, total) select #orders.id, orders.amount from #orders join dbo.orders on orders.id = #orders.id
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount
--> dbo.totals <- dbo.orders.id join

-- # nested comments and strings that look like statements
select id /* outer /* select 1 from x */ still */ , 'it''s; insert into y' as s -- delete from z
from dbo.orders
--> dbo.orders => ()
--> ().id <- dbo.orders.id

-- ## procedures

-- # procedure with parameters, variables and branches
create or alter procedure dbo.load_totals
    @from date,
    @n int = 5,
    @note nvarchar(200) = N'as select'
with execute as owner
as
begin
    set nocount on;
    declare @last int, @rate decimal(9, 4) = 1.5;
    select @last = max(id) from dbo.history where at >= @from;
    if @last is null
        set @last = 0;
    else
        select @last = @last + isnull(supplier_id, 0) from dbo.products;
    with fresh as (
        select o.id, o.amount, c.email
        from dbo.orders as o
        inner join dbo.customers as c on c.id = o.customer_id
        where o.id > @last
    )
    insert into dbo.totals (id, total)
    select f.id, case when f.email is null then 0 else f.amount * @rate end
    from fresh as f;
    update t set total = 0 from dbo.totals as t where t.id = @n;
    return 0;
end
--> dbo.history, dbo.products, dbo.orders, dbo.customers => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.customers.email condition, dbo.orders.amount transformation
--> dbo.totals <- dbo.customers.id join, dbo.orders.customer_id join, dbo.orders.id filter, dbo.history.id filter, dbo.history.at filter, dbo.products.supplier_id filter, dbo.totals.id filter

-- # procedure without a block
create proc dbo.p @a int as
select id into #x from dbo.orders where amount > @a
insert into dbo.totals (id) select id from #x
select count(*) as n from dbo.totals
--> dbo.orders, dbo.totals => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals <- dbo.orders.amount filter

-- # statements behind a procedure without GO
create procedure dbo.p as begin insert into dbo.totals (id) select case when id > 1 then 1 else id end from dbo.orders end
insert into dbo.stage (id) select id from dbo.people
--> dbo.orders, dbo.people => dbo.totals, dbo.stage
--> dbo.totals.id <- dbo.orders.id condition, dbo.orders.id transformation
--> dbo.stage.id <- dbo.people.id

-- # insert of what a procedure returns
create procedure dbo.open_orders @status varchar(10) as
select o.id, o.amount from dbo.orders o where o.status = @status
go
create table #r (i int, a int)
insert into #r (i, a) exec dbo.open_orders 'open'
insert into dbo.totals (id, total) select i, a from #r
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount
--> dbo.totals <- dbo.orders.status filter

-- # insert of two result sets
create procedure dbo.both as
begin
  select id, amount from dbo.orders
  select id, price from dbo.products
end
go
insert into dbo.totals exec dbo.both
--> dbo.orders, dbo.products => dbo.totals
--> dbo.totals.id <- dbo.orders.id, dbo.products.id
--> dbo.totals.total <- dbo.orders.amount, dbo.products.price

-- # insert of what an unknown procedure returns
insert into dbo.totals (id, total) exec far.dbo.report @day = '2024-01-01'
--> - => [dbo.totals]
--> ! unknown_routine

-- # output parameter
create procedure dbo.newest @status varchar(10), @id int output as
select @id = max(id) from dbo.orders where status = @status
go
declare @n int
exec dbo.newest @status = 'open', @id = @n output
insert into dbo.totals (id) values (@n)
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id aggregation, dbo.orders.status condition

-- # arguments reach the body of a procedure that is defined later
create procedure dbo.outer_one as
declare @m int = (select min(price) from dbo.products)
exec dbo.inner_one @m, 'x'
go
create procedure dbo.inner_one @low int, @mark varchar(5) as
insert into dbo.totals (id, total) select id, @low from dbo.orders
--> dbo.products, dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.products.price aggregation

-- # procedures that call each other
create procedure dbo.ping as insert into dbo.totals (id) select id from dbo.orders exec dbo.pong
go
create procedure dbo.pong as insert into dbo.stage (id) select id from dbo.people exec dbo.ping
--> dbo.orders, dbo.people => dbo.totals, dbo.stage
--> dbo.totals.id <- dbo.orders.id
--> dbo.stage.id <- dbo.people.id

-- # table-valued parameter
create type dbo.pairs as table (id int, v int)
go
create procedure dbo.take @rows dbo.pairs readonly as insert into dbo.totals (id, total) select id, v from @rows
go
declare @p dbo.pairs
insert into @p (id, v) select id, amount from dbo.orders
exec dbo.take @rows = @p
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # a caller's temporary table in a procedure
create procedure dbo.fill as insert into #work (id, v) select id, amount from dbo.orders
go
create table #work (id int, v int)
exec dbo.fill
insert into dbo.totals (id, total) select id, v from #work
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # cursor loop
create procedure dbo.walk as
begin
  declare @id int, @name varchar(50)
  declare people_cursor cursor local fast_forward for
    select p.id, p.name from dbo.people p where p.city = 'Ulm'
  open people_cursor
  fetch next from people_cursor into @id, @name
  while @@fetch_status = 0
  begin
    insert into dbo.stage (id, name) values (@id, lower(@name))
    fetch next from people_cursor into @id, @name
  end
  close people_cursor
  deallocate people_cursor
end
--> dbo.people => dbo.stage
--> dbo.stage.id <- dbo.people.id, dbo.people.city condition
--> dbo.stage.name <- dbo.people.name transformation, dbo.people.city condition

-- # cursor variable
declare @c cursor, @id int
set @c = cursor forward_only for select id from dbo.orders
open @c
fetch @c into @id
delete from dbo.stage where id = @id
--> dbo.orders => dbo.stage
--> dbo.stage <- dbo.stage.id filter, dbo.orders.id filter

-- # inline table function
create function dbo.of_customer (@c int) returns table with schemabinding as
return (
  with x as (select id, amount from dbo.orders where customer_id = @c)
  select id, amount from x
)
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> ().amount <- dbo.orders.amount
--> () <- dbo.orders.customer_id filter

-- # table function of several statements
create function dbo.report (@city varchar(20))
returns @out table (id int not null, top_price int)
as
begin
  declare @m int = (select max(price) from dbo.products)
  insert into @out (id, top_price) select id, @m from dbo.people where city = @city
  return
end
--> dbo.products, dbo.people => ()
--> ().id <- dbo.people.id
--> ().top_price <- dbo.products.price aggregation
--> () <- dbo.people.city filter

-- # scalar function
create function dbo.boss (@id int) returns varchar(50) as
begin
  declare @r varchar(50)
  select @r = b.name from dbo.people p join dbo.people b on b.id = p.boss_id where p.id = @id
  return @r
end
--> dbo.people => ()

-- # trigger writes an audit
create trigger dbo.orders_audit on dbo.orders after insert, update, delete not for replication as
begin
  set nocount on
  if update(amount) or update(status)
    insert into dbo.history (id, amount, was)
    select coalesce(i.id, d.id), i.amount, d.amount
    from inserted i full outer join deleted d on d.id = i.id
end
--> dbo.orders => dbo.history
--> dbo.history.id <- dbo.orders.id transformation
--> dbo.history.amount <- dbo.orders.amount
--> dbo.history.was <- dbo.orders.amount
--> dbo.history <- dbo.orders.id join

-- # trigger instead of
create trigger dbo.v_insert on dbo.stage instead of insert as
merge dbo.products as p using inserted as i on p.id = i.id
when matched then update set price = i.price
when not matched then insert (id, name, price) values (i.id, i.name, i.price);
--> dbo.stage => dbo.products
--> dbo.products.price <- dbo.stage.price
--> dbo.products.id <- dbo.stage.id
--> dbo.products.name <- dbo.stage.name
--> dbo.products <- dbo.products.id join, dbo.stage.id join

-- # trigger of the database
create trigger no_drop on database for drop_table as begin print 'no' rollback end
--> - => ()

-- # one bad statement in a body costs only itself
create procedure dbo.p as
begin
  insert into dbo.totals (id) select id from dbo.orders
  update dbo.stage set name = = 'x' where
  delete from dbo.people where id = 1
end
--> dbo.orders => [dbo.totals], [dbo.stage], [dbo.people]
--> dbo.totals.id <- dbo.orders.id
--> dbo.people <- dbo.people.id filter
--> ! repaired

-- # slowly changing dimension
create procedure dbo.scd2 @run datetime as
begin
  set nocount, xact_abort on
  begin try
    begin tran
      select s.id, s.name, s.price, hashbytes('SHA2_256', concat(s.name, '|', s.price)) as h
      into #incoming
      from dbo.stage as s
      where s.loaded_at >= @run

      update d
      set d.supplier_id = null
      output deleted.id, deleted.price into dbo.history (id, was)
      from dbo.products as d
      join #incoming as i on i.id = d.id
      where i.name <> d.name

      insert into dbo.products (id, name, price)
      select i.id, i.name, i.price
      from #incoming i
      where not exists (select 1 from dbo.products d where d.id = i.id)
    commit tran
  end try
  begin catch
    if xact_state() <> 0 rollback tran
    declare @msg nvarchar(2000) = error_message()
    raiserror(@msg, 16, 1)
    return -1
  end catch
end
--> dbo.stage, dbo.products => dbo.products, dbo.history
--> dbo.products.id <- dbo.stage.id
--> dbo.products.name <- dbo.stage.name
--> dbo.products.price <- dbo.stage.price
--> dbo.history.id <- dbo.products.id
--> dbo.history.was <- dbo.products.price
--> dbo.products <- dbo.stage.loaded_at filter, dbo.stage.id join, dbo.products.id join, dbo.stage.name filter, dbo.products.name filter, dbo.products.id filter, dbo.stage.id filter
--> dbo.history <- dbo.stage.loaded_at filter, dbo.stage.id join, dbo.products.id join, dbo.stage.name filter, dbo.products.name filter

-- ## dynamic sql

-- # exec of constants
declare @t sysname = N'totals', @sql nvarchar(max)
set @sql = N'insert into dbo.' + quotename(@t) + N' (id, total) '
set @sql += N'select id, amount from dbo.orders'
exec (@sql)
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # values that only the run knows do not matter
create procedure dbo.p @status nvarchar(10), @min int as
declare @sql nvarchar(max) = concat(N'insert into dbo.totals (id) select id from dbo.orders where status = ''', @status, N''' and amount > ', cast(@min as nvarchar(12)))
exec sp_executesql @sql
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals <- dbo.orders.status filter, dbo.orders.amount filter

-- # sp_executesql with parameters both ways
declare @low int = (select min(price) from dbo.products), @n int
exec sp_executesql
  N'select @count = count(*), @top = max(id) from dbo.orders where amount > @low; insert into dbo.stage (id, qty) select id, @low from dbo.people',
  N'@low int, @count int output, @top int output',
  @low = @low, @count = 0, @top = @n output
insert into dbo.totals (id) values (@n)
--> dbo.products, dbo.orders, dbo.people => dbo.stage, dbo.totals
--> dbo.stage.id <- dbo.people.id
--> dbo.stage.qty <- dbo.products.price aggregation
--> dbo.totals.id <- dbo.orders.id aggregation, dbo.orders.amount condition, dbo.products.price condition

-- # a table that either branch chooses
declare @src sysname, @sql nvarchar(max)
if day(getdate()) = 1 set @src = N'orders' else set @src = N'products'
set @sql = N'insert into dbo.totals (id) select ' + @src + N'.id from dbo.' + @src
exec sp_executesql @stmt = @sql
--> dbo.orders, dbo.products => dbo.totals
--> dbo.totals.id <- dbo.orders.id, dbo.products.id

-- # a filter that only the run knows
create procedure dbo.p @where nvarchar(max) as
declare @sql nvarchar(max) = N'insert into dbo.totals (id, total) select id, amount from dbo.orders where ' + @where
exec (@sql)
--> dbo.orders => [dbo.totals]
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount
--> ! dynamic_sql

-- # a target that only the run knows
create procedure dbo.p @target sysname as
exec (N'insert into dbo.' + @target + N' (id) select id from dbo.orders')
insert into dbo.stage (id) select id from dbo.people
--> dbo.orders, dbo.people => [dbo.stage]
--> dbo.stage.id <- dbo.people.id
--> ! dynamic_sql

-- # a text that only the run knows
exec (@everything)
--> - => ()
--> ! dynamic_sql

-- # a template with replaced names
declare @sql varchar(max) = 'insert into {to} (id) select id from {from}'
set @sql = replace(replace(@sql, '{to}', 'dbo.totals'), '{from}', 'dbo.orders')
execute (@sql)
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id

-- # insert of what a dynamic text returns
insert into dbo.totals (id, total) exec (N'select id, amount from dbo.orders where status = ''x''')
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount
--> dbo.totals <- dbo.orders.status filter

-- # temporary tables are seen by dynamic texts
select id, amount into #o from dbo.orders
exec ('insert into dbo.totals (id, total) select id, amount from #o')
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # a procedure named by a variable
create procedure dbo.work @x int as insert into dbo.totals (id) select id from dbo.orders
go
declare @p nvarchar(100) = N'dbo.work'
exec @p @x = 1
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id

-- ## update

-- # update from a derived table and the target under an alias
update dbo.totals set total = s.amount from dbo.totals as t inner join (select customer_id, sum(amount) as amount from dbo.orders group by customer_id) as s on s.customer_id = t.id
--> dbo.orders => dbo.totals
--> dbo.totals.total <- dbo.orders.amount aggregation
--> dbo.totals <- dbo.orders.customer_id group_by, dbo.orders.customer_id join, dbo.totals.id join

-- # update through a WITH query
with late as (select id, total, row_number() over (partition by id order by total) as n from dbo.totals)
update late set total = total + 1 where n > 1
--> - => dbo.totals
--> dbo.totals.total <- dbo.totals.total transformation
--> dbo.totals <- dbo.totals.id filter, dbo.totals.total filter

-- ## delete

-- # delete of the joined table by its alias
delete c from dbo.orders o join dbo.customers c on c.id = o.customer_id where o.status = 'void'
--> dbo.orders => dbo.customers
--> dbo.customers <- dbo.customers.id join, dbo.orders.customer_id join, dbo.orders.status filter

-- # delete duplicates through a WITH query
;with numbered as (select *, row_number() over (partition by customer_id order by id desc) as rn from dbo.orders)
delete from numbered where rn > 1
--> - => dbo.orders
--> dbo.orders <- dbo.orders.customer_id filter, dbo.orders.id filter

-- ## procedures

-- # call of an inline table function
create function dbo.big_orders (@min int) returns table as return select id, amount from dbo.orders where amount > @min
go
insert into dbo.totals (id, total) select p.id, b.amount from dbo.people p cross apply dbo.big_orders(p.boss_id) as b where b.id = p.id
--> dbo.people, dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.people.id
--> dbo.totals.total <- dbo.orders.amount
--> dbo.totals <- dbo.orders.amount filter, dbo.people.boss_id filter, dbo.orders.id filter, dbo.people.id filter

-- # call of a table function of several statements
create function dbo.report2 (@city varchar(20)) returns @out table (id int, top_price int) as
begin
  insert into @out (id, top_price) select p.id, (select max(price) from dbo.products) from dbo.people p where p.city = @city
  return
end
go
select r.id, r.top_price into dbo.kept from dbo.report2('Ulm') r
--> dbo.people, dbo.products => dbo.kept
--> dbo.kept.id <- dbo.people.id
--> dbo.kept.top_price <- dbo.products.price aggregation
--> dbo.kept <- dbo.people.city filter

-- # call of a scalar function
create function dbo.name_of (@id int) returns varchar(50) as
begin
  declare @n varchar(50)
  select @n = name from dbo.people where id = @id
  return isnull(@n, 'nobody')
end
go
update dbo.stage set name = dbo.name_of(qty)
--> dbo.people => dbo.stage
--> dbo.stage.name <- dbo.people.name transformation, dbo.people.id condition, dbo.stage.qty condition
-- schema dbo.Tickets(TicketId, AgentId, OpenedAt, ClosedAt, Priority, Topic)
-- schema dbo.Agents(AgentId, FullName, TeamId, LeftAt)
-- schema dbo.Teams(TeamId, TeamName, Region)
-- schema dbo.TicketNotes(TicketId, WrittenAt, Body)

-- ## ctes

-- # warehouse: tickets by team with the last note
with open_tickets as (
    select t.TicketId, t.AgentId, t.Priority, datediff(hour, t.OpenedAt, isnull(t.ClosedAt, getdate())) as Hours
    from dbo.Tickets as t with (nolock)
    where t.Topic <> N'spam' and not exists (select * from dbo.Agents a where a.AgentId = t.AgentId and a.LeftAt is not null)
),
last_note as (
    select n.TicketId, n.Body, row_number() over (partition by n.TicketId order by n.WrittenAt desc) as rn
    from dbo.TicketNotes n
)
select m.TeamName as [Team],
       coalesce(a.FullName, 'nobody') as Agent,
       o.Priority,
       sum(o.Hours) as [Total Hours],
       string_agg(left(l.Body, 20), '; ') as Notes,
       [Share] = 1.0 * sum(o.Hours) / nullif(sum(sum(o.Hours)) over (partition by m.TeamName), 0)
into dbo.TeamHours
from open_tickets o
left join dbo.Agents a on a.AgentId = o.AgentId
cross apply (select top (1) x.TeamName, x.Region from dbo.Teams x where x.TeamId = a.TeamId order by x.Region) m
left join last_note l on l.TicketId = o.TicketId and l.rn = 1
group by m.TeamName, coalesce(a.FullName, 'nobody'), o.Priority
having sum(o.Hours) > 0;
--> dbo.Tickets, dbo.Agents, dbo.Teams, dbo.TicketNotes => dbo.teamhours
--> dbo.teamhours.team <- dbo.Teams.TeamName
--> dbo.teamhours.agent <- dbo.Agents.FullName transformation
--> dbo.teamhours.priority <- dbo.Tickets.Priority
--> dbo.teamhours.total hours <- dbo.Tickets.ClosedAt aggregation, dbo.Tickets.OpenedAt aggregation
--> dbo.teamhours.notes <- dbo.TicketNotes.Body aggregation
--> dbo.teamhours.share <- dbo.Tickets.ClosedAt aggregation, dbo.Tickets.OpenedAt aggregation, dbo.Teams.TeamName window
--> dbo.teamhours <- dbo.Tickets.Topic filter, dbo.Agents.AgentId filter, dbo.Tickets.AgentId filter, dbo.Agents.LeftAt filter, dbo.Agents.AgentId join, dbo.Tickets.AgentId join, dbo.Teams.TeamId filter, dbo.Agents.TeamId filter, dbo.Teams.Region sort, dbo.TicketNotes.TicketId join, dbo.Tickets.TicketId join, dbo.TicketNotes.WrittenAt join, dbo.Tickets.ClosedAt filter, dbo.Tickets.OpenedAt filter, dbo.Teams.TeamName group_by, dbo.Agents.FullName group_by, dbo.Tickets.Priority group_by

-- ## create

-- # table as the management studio scripts it
CREATE TABLE [dbo].[sales](
	[id] [int] IDENTITY(1,1) NOT NULL,
	[name] [nvarchar](50) COLLATE Latin1_General_CI_AS NULL,
	[amount] [decimal](18, 2) NOT NULL CONSTRAINT [df_amount] DEFAULT ((0)),
	[twice] AS ([amount]*(2)) PERSISTED,
 CONSTRAINT [pk_sales] PRIMARY KEY CLUSTERED ([id] ASC) WITH (PAD_INDEX = OFF, IGNORE_DUP_KEY = OFF) ON [PRIMARY],
 INDEX [ix] NONCLUSTERED ([name])
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
GO
insert into dbo.sales (name, amount) select name, price from dbo.products
insert into dbo.totals select id, twice from dbo.sales
--> dbo.products, dbo.sales => dbo.sales, dbo.totals
--> dbo.sales.name <- dbo.products.name
--> dbo.sales.amount <- dbo.products.price
--> dbo.totals.id <- dbo.sales.id
--> dbo.totals.total <- dbo.sales.twice

-- ## table functions

-- # nodes of an XML variable
declare @x xml
select @x = doc from dbo.products where id = 1
insert into dbo.stage (name, qty) select n.v.value('@sku', 'varchar(20)'), @x.value('(/n)[1]', 'int') from @x.nodes('/lines/line') as n(v)
--> dbo.products => dbo.stage
--> dbo.stage.name <- dbo.products.doc transformation, dbo.products.id condition
--> dbo.stage.qty <- dbo.products.doc transformation, dbo.products.id condition

-- # openjson of a variable
declare @j nvarchar(max) = (select doc from dbo.products where id = 1)
insert into dbo.stage (name, qty) select j.sku, j.n from openjson(@j) with (sku varchar(20) '$.sku', n int '$.n') j
--> dbo.products => dbo.stage
--> dbo.stage.name <- dbo.products.doc transformation, dbo.products.id condition
--> dbo.stage.qty <- dbo.products.doc transformation, dbo.products.id condition

-- ## dynamic sql

-- # a number that is a part of a name
declare @day date = getdate()
declare @sql nvarchar(max) = N'insert into dbo.totals (id) select id from dbo.sales_' + convert(nvarchar(6), @day, 112)
exec sp_executesql @sql
--> - => [dbo.totals]
--> ! dynamic_sql

-- # a list that only the run knows
declare @cols nvarchar(max), @sql nvarchar(max)
select @cols = string_agg(quotename(city), ',') from (select distinct city from dbo.people) c
set @sql = N'insert into dbo.totals (id) select p.id from dbo.people p where p.city in (' + @cols + N')'
exec (@sql)
--> dbo.people => [dbo.totals]
--> dbo.totals.id <- dbo.people.id
--> dbo.totals <- dbo.people.city filter
--> ! dynamic_sql

-- ## scripts

-- # rename of a temporary and of a lasting table
create table #a (id int)
insert into #a select id from dbo.orders
exec tempdb..sp_rename '#a', '#b'
insert into dbo.totals_new (id) select id from #b
exec sp_rename 'dbo.totals_new', 'totals_now'
--> dbo.orders => dbo.totals_now
--> dbo.totals_now.id <- dbo.orders.id

-- # transfer to another schema
select id into dbo.made from dbo.orders
alter schema arch transfer dbo.made
insert into dbo.totals (id) select id from arch.made
--> dbo.orders, arch.made => arch.made, dbo.totals
--> arch.made.id <- dbo.orders.id
--> dbo.totals.id <- arch.made.id

-- # a statement cut off in the middle
insert into dbo.totals (id) select id from dbo.orders
select id, from where
update dbo.stage set name = 'x'
--> dbo.orders => [dbo.totals], [dbo.stage]
--> dbo.totals.id <- dbo.orders.id
--> ! syntax

-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## files

-- # rows of a file
insert into w.dst (id, total) select r.id, r.amount * 2 from openrowset(bulk 'https://acc.blob.core.windows.net/in/x.parquet', format = 'parquet') as r;
--> https://acc.blob.core.windows.net/in/x.parquet => w.dst
--> w.dst.id <- https://acc.blob.core.windows.net/in/x.parquet.id
--> w.dst.total <- https://acc.blob.core.windows.net/in/x.parquet.amount transformation

-- # copy into from blob storage
copy into w.dst (id, total) from 'https://acc.blob.core.windows.net/in/dst.csv' with (file_type = 'CSV', firstrow = 2);
--> https://acc.blob.core.windows.net/in/dst.csv => w.dst

-- ## delete

-- # through a WITH query of ranked rows
with d as (select *, row_number() over (partition by grp order by total desc) as place from w.dst) delete from d where place > 1;
--> - => w.dst
--> w.dst <- w.dst.grp filter, w.dst.total filter

-- ## update

-- # through a WITH query over a join
with c as (select d.total, s.amount from w.dst d join w.src s on s.id = d.id) update c set total = amount;
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst <- w.src.id join, w.dst.id join
-- ## files

-- # openrowset of files with a schema
insert into dbo.stage (id, name) select r.id, r.name from openrowset(bulk 'https://lake.dfs.core.windows.net/raw/stage/*.parquet', format = 'parquet') with (id int, name varchar(50)) as r where r.id > 0
--> https://lake.dfs.core.windows.net/raw/stage/*.parquet => dbo.stage
--> dbo.stage.id <- https://lake.dfs.core.windows.net/raw/stage/*.parquet.id
--> dbo.stage.name <- https://lake.dfs.core.windows.net/raw/stage/*.parquet.name
--> dbo.stage <- https://lake.dfs.core.windows.net/raw/stage/*.parquet.id filter

-- # bulk insert into a temporary table of the caller
bulk insert #in from 'C:\in\people.txt' with (rowterminator = '\n')
insert into dbo.people (id) select id from #in
--> C:\in\people.txt => dbo.people

-- # copy into from storage
copy into dbo.stage (id, name) from 'https://acc.blob.core.windows.net/c/in/*.csv' with (file_type = 'csv', firstrow = 2)
--> https://acc.blob.core.windows.net/c/in/*.csv => dbo.stage

-- ## scripts

-- # a temporary table that the caller made
insert into #work (id, v) select id, amount from dbo.orders
insert into dbo.totals (id, total) select id, v from #work
--> dbo.orders => dbo.totals
--> dbo.totals.id <- dbo.orders.id
--> dbo.totals.total <- dbo.orders.amount

-- # create, load and count in one procedure
create procedure dbo.refresh as
begin
  declare @rows int
  ;with src as (select id, name, price from dbo.stage where qty > 0) select * into #s from src
  set @rows = @@rowcount
  alter table dbo.products disable trigger all
  truncate table dbo.products
  insert dbo.products (id, name, price) select * from #s
  alter table dbo.products enable trigger all
  insert into dbo.history (id, amount, at) values (@rows, (select count(price) from #s), sysutcdatetime())
end
--> dbo.stage => dbo.products, dbo.history
--> dbo.products.id <- dbo.stage.id
--> dbo.products.name <- dbo.stage.name
--> dbo.products.price <- dbo.stage.price
--> dbo.history.amount <- dbo.stage.price aggregation, dbo.stage.qty condition
--> dbo.products <- dbo.stage.qty filter

-- ## table functions

-- # a function that is not known
select p.id, f.z from dbo.people p outer apply dbo.unknown_rows(p.city) as f
--> dbo.people => ()
--> ().id <- dbo.people.id
--> ().z <- dbo.people.city transformation

-- ## procedures

-- # scalar function of one expression
create function dbo.top_amount (@customer int) returns int begin return (select max(amount) from dbo.orders where customer_id = @customer) end
go
select c.id, dbo.top_amount(c.id) as top_amount from dbo.customers c
--> dbo.orders, dbo.customers => ()
--> ().id <- dbo.customers.id
--> ().top_amount <- dbo.orders.amount aggregation, dbo.orders.customer_id condition, dbo.customers.id condition

-- # output parameters by position and a chain of else if
create procedure dbo.pick (@id int out, @name varchar(10)) as
if @name = 'a' select @id = min(id) from dbo.people
else if @name = 'b' select @id = max(id) from dbo.products
else set @id = 0
go
declare @x int
exec dbo.pick @x out, 'b'
update dbo.stage set qty = @x
--> dbo.people, dbo.products => dbo.stage
--> dbo.stage.qty <- dbo.people.id aggregation, dbo.products.id aggregation

-- ## insert

-- # a counted temporary table
select identity(int, 1, 1) as n, name into #n from dbo.people
insert into dbo.stage (id, name) select n, name from #n
--> dbo.people => dbo.stage
--> dbo.stage.name <- dbo.people.name
-- ## table functions

-- # XML nodes
select c.id, n.c.value('@sku', 'nvarchar(20)') as sku from dbo.carts c cross apply c.doc.nodes('/cart/line') as n(c);
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> ().sku <- dbo.carts.doc transformation

-- # unknown function applied to each row
select c.id, f.* from dbo.carts c cross apply dbo.split_doc(c.doc) f;
--> dbo.carts => ()
--> ().id <- dbo.carts.id
--> ().* <- dbo.carts.doc transformation
-- ## select

-- # brackets with blanks
select [o].[id] as [Order Id], o.amount 'Total' from [dbo].[orders] as [o] where [o].[status] = N'paid';
--> dbo.orders => ()
--> ().order id <- dbo.orders.id
--> ().total <- dbo.orders.amount
--> () <- dbo.orders.status filter

-- # table hints and query options
select o.id from dbo.orders o with (nolock, index (ix)) inner hash join dbo.customers c with (readpast) on c.id = o.customer_id option (recompile, maxdop 4);
--> dbo.orders, dbo.customers => ()
--> ().id <- dbo.orders.id
--> () <- dbo.customers.id join, dbo.orders.customer_id join

-- # offset and fetch
select id from dbo.orders order by amount desc offset 10 rows fetch next 5 rows only;
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> () <- dbo.orders.amount sort

-- # top with ties and percent
select top (5) percent with ties id, status from dbo.orders order by amount;
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> ().status <- dbo.orders.status
--> () <- dbo.orders.amount sort

-- # outer join of the old style
select o.id, c.email from dbo.orders o, dbo.customers c where o.customer_id *= c.id;
--> dbo.orders, dbo.customers => ()
--> ().id <- dbo.orders.id
--> ().email <- dbo.customers.email
--> () <- dbo.orders.customer_id filter, dbo.customers.id filter

-- # choose and iif
select iif(amount > 0, id, customer_id) as x, try_convert(int, status) as s from dbo.orders;
--> dbo.orders => ()
--> ().x <- dbo.orders.amount condition, dbo.orders.id transformation, dbo.orders.customer_id transformation
--> ().s <- dbo.orders.status transformation

-- # parse with a culture
select parse(status as date using 'en-US') as d from dbo.orders;
--> dbo.orders => ()
--> ().d <- dbo.orders.status transformation

-- # system time
select id from dbo.orders for system_time as of '2024-01-01' where amount > 1;
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> () <- dbo.orders.amount filter

-- # for json
select id, amount from dbo.orders for json path, root('orders');
--> dbo.orders => ()
--> ().id <- dbo.orders.id
--> ().amount <- dbo.orders.amount

-- # xml namespaces before with
with xmlnamespaces ('urn:x' as n), c as (select id from dbo.orders) select id from c;
--> dbo.orders => ()
--> ().id <- dbo.orders.id

-- # full text table
select o.id, k.rank from dbo.orders o join containstable(dbo.customers, email, 'x') k on k.[key] = o.customer_id;
--> dbo.orders, dbo.customers => ()
--> ().id <- dbo.orders.id
--> ().rank <- dbo.customers.email transformation
--> () <- dbo.orders.customer_id join

-- # change tracking
select ct.id, ct.sys_change_operation from changetable(changes dbo.orders, 10) as ct;
--> dbo.orders => ()
--> ().id <- dbo.orders.id

-- ## ctes

-- # cte with names
with paid (order_id, total) as (select id, amount from dbo.orders where status = 'paid'), big as (select order_id from paid where total > 10)
select order_id from big option (maxrecursion 0);
--> dbo.orders => ()
--> ().order_id <- dbo.orders.id
--> () <- dbo.orders.status filter, dbo.orders.amount filter

-- ## create

-- # view with schema binding and options
create or alter view dbo.v (order_id, total) with schemabinding, view_metadata as select id, amount from dbo.orders with check option;
--> dbo.orders => dbo.v
--> dbo.v.order_id <- dbo.orders.id
--> dbo.v.total <- dbo.orders.amount

-- # synapse table as
create table dbo.big with (distribution = hash(id), clustered columnstore index) as select id, amount from dbo.orders;
--> dbo.orders => dbo.big
--> dbo.big.id <- dbo.orders.id
--> dbo.big.amount <- dbo.orders.amount

-- # select into on a file group
select id, amount into dbo.copy on [archive] from dbo.orders;
--> dbo.orders => dbo.copy
--> dbo.copy.id <- dbo.orders.id
--> dbo.copy.amount <- dbo.orders.amount

-- ## delete

-- # delete of a table without from
delete dbo.orders where status = 'x';
--> - => dbo.orders
--> dbo.orders <- dbo.orders.status filter

-- ## names

-- # linked server of four parts
select o.id, c.email from srv.crm.dbo.customers c join dbo.orders o on o.customer_id = c.id;
--> srv.crm.dbo.customers, dbo.orders => ()
--> ().id <- dbo.orders.id
--> ().email <- srv.crm.dbo.customers.email
--> () <- dbo.orders.customer_id join, srv.crm.dbo.customers.id join

-- # database without schema
select c.email from crm..customers c;
--> crm.dbo.customers => ()
--> ().email <- crm.dbo.customers.email

-- # column qualified by the schema
select dbo.orders.id from dbo.orders;
--> dbo.orders => ()
--> ().id <- dbo.orders.id

-- ## other

-- # administration
grant select on dbo.orders to bi; deny select on dbo.orders to x; dbcc checkdb; update statistics dbo.orders; create index ix on dbo.orders (id) include (amount); create statistics s on dbo.orders (id); backup database d to disk = 'x'; print 'done'; waitfor delay '00:00:01'; set nocount on; checkpoint; create type t as table (id int); disable trigger tr on dbo.orders;
--> - => ()
-- ## other

-- # repaired: a value too many in a condition (no schema)
select a.x, b.y into dbo.result from dbo.a a inner join dbo.b b on a.id = b.id
where a.k = 1 1 and b.z > 1;
--> dbo.a, dbo.b => [dbo.result]
--> dbo.result.x <- dbo.a.x
--> dbo.result.y <- dbo.b.y
--> dbo.result <- dbo.a.id join, dbo.b.id join, dbo.a.k filter, dbo.b.z filter
--> ! repaired

-- # scan: an update by alias names its table (no schema)
update a set x = = from dbo.t a join dbo.u u on u.id = a.id where ((( ;
--> dbo.u => [dbo.t]
--> ! syntax
--> ! token_scan

-- ## update

-- # a derived table is updated through its alias (no schema)
update t set t.rn = t.new_rn from (select rn, row_number() over (order by ts) as new_rn from dbo.q) t;
--> - => dbo.q
--> dbo.q.rn <- dbo.q.ts window

-- ## delete

-- # duplicates deleted from a derived table, beside a table that is read (no schema)
delete x from (select *, row_number() over (partition by k order by ts) as rn from dbo.q) as x
join dbo.gone g on g.id = x.id where x.rn > 1;
--> dbo.gone => dbo.q
--> dbo.q <- dbo.gone.id join, dbo.q.id join, dbo.q.k filter, dbo.q.ts filter

-- ## names

-- # a string before the equals sign is an alias (no schema)
select 'y' = b, x = a from t where 'q' = z;
--> t => ()
--> ().y <- t.b
--> ().x <- t.a
--> () <- t.z filter

-- ## set operations

-- # select into before a union takes all branches (no schema)
select a into #n from dbo.t union all select b from dbo.u; insert into dbo.x (a) select a from #n;
select c into dbo.new from dbo.v union select d from dbo.w;
--> dbo.t, dbo.u, dbo.v, dbo.w => dbo.x, dbo.new
--> dbo.x.a <- dbo.t.a, dbo.u.b
--> dbo.new.c <- dbo.v.c, dbo.w.d
