-- schema dbo.orders(id, customer_id, amount, status)
-- schema dbo.customers(id, email)

-- ## select

-- # warehouse of three parts
select top 5 o.id from wh.dbo.orders o where o.amount > 1 option (label = 'x');
--> wh.dbo.orders => ()
--> ().id <- wh.dbo.orders.id
--> () <- wh.dbo.orders.amount filter

-- # brackets and an alias by equals
select [total] = sum(o.amount), o.[status] from [dbo].[orders] o group by o.[status];
--> dbo.orders => ()
--> ().total <- dbo.orders.amount aggregation
--> ().status <- dbo.orders.status
--> () <- dbo.orders.status group_by

-- ## create

-- # table as
create table dbo.big as select id, amount from dbo.orders;
--> dbo.orders => dbo.big
--> dbo.big.id <- dbo.orders.id
--> dbo.big.amount <- dbo.orders.amount

-- # view
create or alter view dbo.v (order_id) as select id from dbo.orders;
--> dbo.orders => dbo.v
--> dbo.v.order_id <- dbo.orders.id

-- ## other

-- # administration
grant select on dbo.orders to bi; update statistics dbo.orders; create statistics s on dbo.orders (id); create schema mart;
--> - => ()

-- ## scripts

-- # build, then rename
create table dbo.fresh as select id from dbo.orders; rename object dbo.fresh to kept;
--> dbo.orders => dbo.kept
--> dbo.kept.id <- dbo.orders.id
