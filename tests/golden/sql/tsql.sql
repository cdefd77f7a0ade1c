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
