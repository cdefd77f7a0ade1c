-- schema orders(id, customer_id, amount, status, ordered_at)
-- schema customers(id, email, first_name, last_name)
-- schema items(order_id, product_id, price, quantity)
-- schema products(id, name, price, tags)
-- schema invoices(customer_id, due)
-- schema totals(customer_id, total)
-- schema events(id, payload)
-- schema sales(region, city, amount)
-- schema nodes(id, parent_id, name)
-- schema status(status)
-- schema Mixed("Weird Name", id)

-- ## select

-- # copy of columns
select id, amount from orders;
--> orders => ()
--> ().id <- orders.id
--> ().amount <- orders.amount

-- # column aliases
select o.id as order_id, o.amount a from orders as o;
--> orders => ()
--> ().order_id <- orders.id
--> ().a <- orders.amount

-- # several sources in one expression
select price * quantity as total from items;
--> items => ()
--> ().total <- items.price transformation, items.quantity transformation

-- # a constant has no source
select 1 as one, 'x' as x, now() as at from orders;
--> orders => ()

-- # cast keeps the name
select amount::int, cast(id as text) from orders;
--> orders => ()
--> ().amount <- orders.amount transformation
--> ().id <- orders.id transformation

-- # concatenation
select first_name || ' ' || last_name as full_name from customers;
--> customers => ()
--> ().full_name <- customers.first_name transformation, customers.last_name transformation

-- # json operators
select payload -> 'a' ->> 'b' as b from events;
--> events => ()
--> ().b <- events.payload transformation

-- # array subscript and slice
select tags[1] as first_tag, tags[2:3] as few from products;
--> products => ()
--> ().first_tag <- products.tags transformation
--> ().few <- products.tags transformation

-- # alias hides the table
select orders.id from customers as orders;
--> customers => ()
--> ().id <- customers.id

-- # quoted and folded identifiers
select "Weird Name", ID, "id" from "Mixed";
--> Mixed => ()
--> ().Weird Name <- Mixed.Weird Name
--> ().id <- Mixed.id

-- # a column that shadows a table alias
select status from status;
--> status => ()
--> ().status <- status.status

-- # whole row as json
select to_jsonb(c) as doc from customers c;
--> customers => ()
--> ().doc <- customers.id transformation, customers.email transformation, customers.first_name transformation, customers.last_name transformation

-- # field of a row
select (c).email from customers c;
--> customers => ()
--> ().email <- customers.email

-- # system column
select ctid, id from orders;
--> orders => ()
--> ().id <- orders.id

-- # no from clause
select 1 + 1;
--> - => ()

-- # case expression
select case when status = 'paid' then amount else 0 end as paid from orders;
--> orders => ()
--> ().paid <- orders.status condition, orders.amount transformation

-- # simple case expression
select case status when 'paid' then amount when 'open' then id end as x from orders;
--> orders => ()
--> ().x <- orders.status condition, orders.amount transformation, orders.id transformation

-- # coalesce and nullif
select coalesce(amount, 0) as a, nullif(status, '') as s from orders;
--> orders => ()
--> ().a <- orders.amount transformation
--> ().s <- orders.status transformation

-- # condition inside an aggregate
select sum(case when status = 'paid' then amount end) as paid from orders;
--> orders => ()
--> ().paid <- orders.status condition, orders.amount aggregation

-- # values as a table
select v.x, v.y from (values (1, 'a'), (2, 'b')) as v(x, y);
--> - => ()

-- # table command
table invoices;
--> invoices => ()
--> ().customer_id <- invoices.customer_id
--> ().due <- invoices.due

-- # filter
select id from orders where amount > 10 and status in ('a', 'b');
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount filter, orders.status filter

-- # sort
select id from orders order by ordered_at, amount desc;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.ordered_at sort, orders.amount sort

-- # sort by an alias
select amount * 2 as twice from orders order by twice;
--> orders => ()
--> ().twice <- orders.amount transformation
--> () <- orders.amount sort

-- # distinct on
select distinct on (customer_id) customer_id, amount from orders order by customer_id, ordered_at desc;
--> orders => ()
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> () <- orders.customer_id group_by, orders.customer_id sort, orders.ordered_at sort

-- # for update and limit
select id from orders order by id limit 5 for update;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.id sort

-- ## joins

-- # inner join
select o.id, c.email from orders o join customers c on c.id = o.customer_id;
--> orders, customers => ()
--> ().id <- orders.id
--> ().email <- customers.email
--> () <- customers.id join, orders.customer_id join

-- # unqualified columns by the schema
select email, amount from orders join customers on customers.id = orders.customer_id;
--> orders, customers => ()
--> ().email <- customers.email
--> ().amount <- orders.amount
--> () <- customers.id join, orders.customer_id join

-- # comma join with filter
select o.id, c.email from orders o, customers c where o.customer_id = c.id;
--> orders, customers => ()
--> ().id <- orders.id
--> ().email <- customers.email
--> () <- orders.customer_id filter, customers.id filter

-- # using merges a column
select customer_id, amount, due from orders join invoices using (customer_id);
--> orders, invoices => ()
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> ().due <- invoices.due
--> () <- orders.customer_id join, invoices.customer_id join

-- # using in a right join
select customer_id from orders right join invoices using (customer_id);
--> orders, invoices => ()
--> ().customer_id <- invoices.customer_id
--> () <- orders.customer_id join, invoices.customer_id join

-- # using in a full join
select customer_id from orders full join invoices using (customer_id);
--> orders, invoices => ()
--> ().customer_id <- orders.customer_id, invoices.customer_id
--> () <- orders.customer_id join, invoices.customer_id join

-- # star over using
select * from orders join invoices using (customer_id);
--> orders, invoices => ()
--> ().customer_id <- orders.customer_id
--> ().id <- orders.id
--> ().amount <- orders.amount
--> ().status <- orders.status
--> ().ordered_at <- orders.ordered_at
--> ().due <- invoices.due
--> () <- orders.customer_id join, invoices.customer_id join

-- # natural join
select customer_id, amount, due from orders natural join invoices;
--> orders, invoices => ()
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> ().due <- invoices.due
--> () <- orders.customer_id join, invoices.customer_id join

-- # parenthesised joins
select a.id, c.due from (orders a join invoices c on a.customer_id = c.customer_id);
--> orders, invoices => ()
--> ().id <- orders.id
--> ().due <- invoices.due
--> () <- orders.customer_id join, invoices.customer_id join

-- # aliased parenthesised join
select j.amount, j.due from (orders a join invoices c on a.customer_id = c.customer_id) as j;
--> orders, invoices => ()
--> ().amount <- orders.amount
--> ().due <- invoices.due
--> () <- orders.customer_id join, invoices.customer_id join

-- # self join
select a.id, b.id as other from orders a join orders b on a.customer_id = b.customer_id and a.id < b.id;
--> orders => ()
--> ().id <- orders.id
--> ().other <- orders.id
--> () <- orders.customer_id join, orders.id join

-- # cross join
select o.id, p.name from orders o cross join products p;
--> orders, products => ()
--> ().id <- orders.id
--> ().name <- products.name

-- # joins as pg_get_viewdef writes them
SELECT o.id, (o.amount)::numeric(10,2) AS amount, COALESCE(c.email, 'x'::text) AS email, t.s
   FROM ((orders o JOIN customers c ON ((c.id = o.customer_id)))
     LEFT JOIN ( SELECT i.order_id, sum((i.quantity * i.price)) AS s FROM items i GROUP BY i.order_id) t ON ((t.order_id = o.id)))
  WHERE ((o.amount > (0)::numeric) AND (NOT (EXISTS ( SELECT 1 FROM invoices b WHERE (b.customer_id = c.id)))));
--> orders, customers, items, invoices => ()
--> ().id <- orders.id
--> ().amount <- orders.amount transformation
--> ().email <- customers.email transformation
--> ().s <- items.quantity aggregation, items.price aggregation
--> () <- customers.id join, orders.customer_id join, items.order_id group_by, items.order_id join, orders.id join, orders.amount filter, invoices.customer_id filter, customers.id filter

-- # nested parenthesised joins under an alias
select j.due from ((orders o join customers c on c.id = o.customer_id) join invoices i on i.customer_id = c.id) as j;
--> orders, customers, invoices => ()
--> ().due <- invoices.due
--> () <- customers.id join, orders.customer_id join, invoices.customer_id join

-- ## aggregates

-- # aggregate with grouping
select customer_id, sum(amount) as total from orders group by customer_id;
--> orders => ()
--> ().customer_id <- orders.customer_id
--> ().total <- orders.amount aggregation
--> () <- orders.customer_id group_by

-- # grouping by position
select customer_id as c, count(id) as n from orders group by 1 order by 2 desc;
--> orders => ()
--> ().c <- orders.customer_id
--> ().n <- orders.id aggregation
--> () <- orders.customer_id group_by, orders.id sort

-- # grouping by alias
select date_trunc('month', ordered_at) as month, count(*) as n from orders group by month;
--> orders => ()
--> ().month <- orders.ordered_at transformation
--> () <- orders.ordered_at group_by

-- # grouping sets, rollup and cube
select region, city, sum(amount) s from sales group by grouping sets ((region), (city)), rollup (region);
--> sales => ()
--> ().region <- sales.region
--> ().city <- sales.city
--> ().s <- sales.amount aggregation
--> () <- sales.region group_by, sales.city group_by

-- # having
select customer_id from orders group by customer_id having sum(amount) > 10;
--> orders => ()
--> ().customer_id <- orders.customer_id
--> () <- orders.amount filter, orders.customer_id group_by

-- # filtered aggregate
select sum(amount) filter (where status = 'paid') as paid from orders;
--> orders => ()
--> ().paid <- orders.amount aggregation, orders.status condition

-- # ordered aggregate
select string_agg(name, ',' order by price) as names from products;
--> products => ()
--> ().names <- products.name aggregation, products.price window

-- # ordered-set aggregate
select percentile_cont(0.5) within group (order by amount) as median from orders;
--> orders => ()
--> ().median <- orders.amount aggregation

-- # count of everything
select count(*) as n from orders;
--> orders => ()

-- # distinct count
select count(distinct customer_id) as n from orders;
--> orders => ()
--> ().n <- orders.customer_id aggregation

-- # user-known json aggregate
select jsonb_object_agg(name, price) as m from products;
--> products => ()
--> ().m <- products.name aggregation, products.price aggregation

-- # aggregate of an aggregate through a subquery
select max(total) as m from (select sum(amount) as total from orders group by customer_id) t;
--> orders => ()
--> ().m <- orders.amount aggregation
--> () <- orders.customer_id group_by

-- ## windows

-- # rank window
select id, row_number() over (partition by customer_id order by ordered_at desc) as n from orders;
--> orders => ()
--> ().id <- orders.id
--> ().n <- orders.customer_id window, orders.ordered_at window

-- # aggregate window
select sum(amount) over (partition by customer_id) as total from orders;
--> orders => ()
--> ().total <- orders.amount aggregation, orders.customer_id window

-- # navigation window
select lag(amount) over (order by ordered_at) as before from orders;
--> orders => ()
--> ().before <- orders.amount transformation, orders.ordered_at window

-- # named windows that build on each other
select avg(amount) over w2 as a from orders window w as (partition by customer_id), w2 as (w order by ordered_at);
--> orders => ()
--> ().a <- orders.amount aggregation, orders.ordered_at window, orders.customer_id window

-- # window key from a subquery
select rank() over (order by total) as r from (select sum(amount) as total from orders) t;
--> orders => ()
--> ().r <- orders.amount window

-- ## set operations

-- # union all
select id from orders union all select customer_id from invoices;
--> orders, invoices => ()
--> ().id <- orders.id, invoices.customer_id

-- # union keeps the first names
select email as contact from customers union select name from products order by contact;
--> customers, products => ()
--> ().contact <- customers.email, products.name
--> () <- customers.email sort, products.name sort

-- # chain of set operations
select id from orders union select id from customers union all select id from products;
--> orders, customers, products => ()
--> ().id <- orders.id, customers.id, products.id

-- # except filters
select id from customers except select customer_id from orders;
--> customers, orders => ()
--> ().id <- customers.id
--> () <- orders.customer_id filter

-- # intersect
select id from customers intersect select customer_id from orders;
--> customers, orders => ()
--> ().id <- customers.id, orders.customer_id

-- # union of stars without a schema (no schema)
select x from (select * from a union all select * from b) t;
--> a, b => ()
--> ().x <- a.x, b.x

-- # union of a star and columns (no schema)
select id, name from a union all select * from b;
--> a, b => ()
--> ().id <- a.id, b.*
--> ().name <- a.name, b.*

-- # union of unequal width
select id, amount from orders union all select id from customers;
--> orders, customers => ()
--> ().id <- orders.id, customers.id
--> ().amount <- orders.amount
--> ! column_count

-- ## ctes

-- # common table expression
with t as (select id, amount from orders) select id, amount from t where amount > 3;
--> orders => ()
--> ().id <- orders.id
--> ().amount <- orders.amount
--> () <- orders.amount filter

-- # chained common table expressions
with a as (select id, amount from orders), b as (select id, sum(amount) as s from a group by id) select s from b;
--> orders => ()
--> ().s <- orders.amount aggregation
--> () <- orders.id group_by

-- # unread common table expression is no input
with unused as (select * from products) select id from orders;
--> orders => ()
--> ().id <- orders.id

-- # common table expression with a column list
with t(x, y) as (select id, amount from orders) select y from t;
--> orders => ()
--> ().y <- orders.amount

-- # common table expression that hides a table
with orders as (select due as id from invoices) select id from orders;
--> invoices => ()
--> ().id <- invoices.due

-- # common table expression that reads the table it hides
with orders as (select id, amount from orders) select amount from orders;
--> orders => ()
--> ().amount <- orders.amount

-- # nested with
with a as (with b as (select id from orders) select id from b) select id from a;
--> orders => ()
--> ().id <- orders.id

-- # with inside a subquery
select x.id from (with b as (select id from orders) select id from b) x;
--> orders => ()
--> ().id <- orders.id

-- # recursive walk
with recursive tree as (select id, parent_id, name from nodes where parent_id is null union all select n.id, n.parent_id, tree.name from nodes n join tree on tree.id = n.parent_id) select id, name from tree;
--> nodes => ()
--> ().id <- nodes.id
--> ().name <- nodes.name
--> () <- nodes.parent_id filter, nodes.id join, nodes.parent_id join

-- # recursive columns that change places
with recursive r(a, b) as (select id, customer_id from orders union all select b, a from r) select a from r;
--> orders => ()
--> ().a <- orders.id, orders.customer_id

-- # recursive counter
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select i from n;
--> - => ()

-- # writable common table expression
with moved as (delete from orders where status = 'old' returning id, amount) insert into archive (id, amount) select id, amount from moved;
--> orders => orders, archive
--> archive.id <- orders.id
--> archive.amount <- orders.amount
--> orders <- orders.status filter
--> archive <- orders.status filter

-- # writable common table expression that nobody reads
with gone as (delete from orders where amount is null) select id from customers;
--> customers => orders
--> ().id <- customers.id
--> orders <- orders.amount filter

-- # update returning into a query
with u as (update orders set amount = amount + 1 returning id, amount) select sum(amount) as s from u;
--> orders => orders
--> orders.amount <- orders.amount transformation
--> ().s <- orders.amount aggregation

-- ## subqueries

-- # in subquery
select id from orders where customer_id in (select id from customers where email like '%x');
--> orders, customers => ()
--> ().id <- orders.id
--> () <- orders.customer_id filter, customers.id filter, customers.email filter

-- # exists subquery
select id from customers c where exists (select 1 from orders o where o.customer_id = c.id);
--> customers, orders => ()
--> ().id <- customers.id
--> () <- orders.customer_id filter, customers.id filter

-- # any subquery
select id from orders where amount > all (select due from invoices);
--> orders, invoices => ()
--> ().id <- orders.id
--> () <- orders.amount filter, invoices.due filter

-- # scalar subquery
select id, (select max(amount) from orders o where o.customer_id = c.id) as top from customers c;
--> customers, orders => ()
--> ().id <- customers.id
--> ().top <- orders.amount aggregation, orders.customer_id condition, customers.id condition

-- # exists in the select list
select exists (select 1 from orders o where o.customer_id = c.id) as buys from customers c;
--> customers, orders => ()
--> ().buys <- orders.customer_id condition, customers.id condition

-- # array of a subquery
select array(select amount from orders o where o.customer_id = c.id) as amounts from customers c;
--> customers, orders => ()
--> ().amounts <- orders.amount transformation, orders.customer_id condition, customers.id condition

-- # unqualified outer column in a subquery
select email from customers where exists (select 1 from invoices where invoices.customer_id = customers.id and email is not null);
--> customers, invoices => ()
--> ().email <- customers.email
--> () <- invoices.customer_id filter, customers.id filter, customers.email filter

-- # derived table
select t.e from (select email as e from customers) t where t.e <> '';
--> customers => ()
--> ().e <- customers.email
--> () <- customers.email filter

-- # two levels of derived tables
select x from (select y as x from (select lower(email) as y from customers) a) b;
--> customers => ()
--> ().x <- customers.email transformation

-- # what EXISTS selects does not matter
select id from orders o where exists (select * from invoices i where i.customer_id = o.customer_id);
--> orders, invoices => ()
--> ().id <- orders.id
--> () <- invoices.customer_id filter, orders.customer_id filter

-- ## stars

-- # star
select * from customers;
--> customers => ()
--> ().id <- customers.id
--> ().email <- customers.email
--> ().first_name <- customers.first_name
--> ().last_name <- customers.last_name

-- # qualified star among columns
select o.*, c.email from orders o join customers c on c.id = o.customer_id;
--> orders, customers => ()
--> ().id <- orders.id
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> ().status <- orders.status
--> ().ordered_at <- orders.ordered_at
--> ().email <- customers.email
--> () <- customers.id join, orders.customer_id join

-- # star of a subquery
select * from (select id, amount * 2 as twice from orders) t;
--> orders => ()
--> ().id <- orders.id
--> ().twice <- orders.amount transformation

-- # star without a schema (no schema)
select * from customers;
--> customers => ()
--> ().* <- customers.*

-- # star through a subquery without a schema (no schema)
select t.email from (select * from customers) t;
--> customers => ()
--> ().email <- customers.email

-- # star of two tables without a schema (no schema)
select x from (select * from a, b) t;
--> a, b => ()
--> ().x <- ?(a b).x

-- # star with one known table
select * from orders join elsewhere on elsewhere.id = orders.id;
--> orders, elsewhere => ()
--> ().id <- orders.id
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> ().status <- orders.status
--> ().ordered_at <- orders.ordered_at
--> ().* <- elsewhere.*
--> () <- elsewhere.id join, orders.id join

-- ## table functions

-- # lateral subquery
select c.id, l.amount from customers c cross join lateral (select o.amount from orders o where o.customer_id = c.id order by o.ordered_at desc limit 1) l;
--> customers, orders => ()
--> ().id <- customers.id
--> ().amount <- orders.amount
--> () <- orders.customer_id filter, customers.id filter, orders.ordered_at sort

-- # unnest with ordinality
select p.id, u.tag, u.n from products p, unnest(p.tags) with ordinality as u(tag, n);
--> products => ()
--> ().id <- products.id
--> ().tag <- products.tags transformation
--> ().n <- products.tags transformation

-- # set-returning function
select d::date as day from generate_series('2024-01-01'::date, '2024-12-31', '1 day') as d;
--> - => ()

-- # function over a column
select e.id, x.key, x.value from events e, jsonb_each(e.payload) x;
--> events => ()
--> ().id <- events.id
--> ().key <- events.payload transformation
--> ().value <- events.payload transformation

-- # records of a function
select r.a, r.b from events e, jsonb_to_recordset(e.payload) as r(a int, b text);
--> events => ()
--> ().a <- events.payload transformation
--> ().b <- events.payload transformation

-- # rows from
select z.a, z.b from rows from (generate_series(1, 3), unnest(array[1])) as z(a, b);
--> - => ()

-- # unnest in the select list
select id, unnest(tags) as tag from products;
--> products => ()
--> ().id <- products.id
--> ().tag <- products.tags transformation

-- # column list on a table alias
select t.a, t.c from orders as t(a, b, c);
--> orders => ()
--> ().a <- orders.id
--> ().c <- orders.amount

-- ## insert

-- # insert with a column list
insert into totals (total, customer_id) select sum(amount), customer_id from orders group by customer_id;
--> orders => totals
--> totals.total <- orders.amount aggregation
--> totals.customer_id <- orders.customer_id
--> totals <- orders.customer_id group_by

-- # insert without a list goes by the schema
insert into totals select id, amount from orders;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount

-- # insert without a list or schema (no schema)
insert into totals select id as customer_id, amount from orders;
--> orders => [totals]
--> totals.customer_id <- orders.id
--> totals.amount <- orders.amount

-- # insert of a star by position
insert into totals (customer_id, total) select * from (select id, amount from orders) t;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount

-- # insert of an open star (no schema)
insert into totals (customer_id, total) select * from orders;
--> orders => [totals]
--> totals.* <- orders.*

-- # insert of values
insert into totals (customer_id, total) values (1, 2), (3, (select max(amount) from orders));
--> orders => totals
--> totals.total <- orders.amount aggregation

-- # insert default values
insert into totals default values;
--> - => totals

-- # insert with a common table expression
with t as (select id from orders) insert into totals (customer_id) select id from t;
--> orders => totals
--> totals.customer_id <- orders.id

-- # insert from a union
insert into totals (customer_id) select id from orders union all select id from customers;
--> orders, customers => totals
--> totals.customer_id <- orders.id, customers.id

-- # upsert
insert into totals as t (customer_id, total) select customer_id, amount from orders on conflict (customer_id) do update set total = t.total + excluded.total where t.total < 100;
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount transformation, totals.total transformation
--> totals <- totals.total filter

-- # insert with returning at the top
insert into totals (customer_id) select id from orders returning customer_id;
--> orders => totals
--> totals.customer_id <- orders.id

-- # insert that hands on what it wrote
with a as (insert into totals (customer_id, total) select customer_id, amount from orders returning *) insert into log (c) select customer_id from a;
--> orders => totals, log
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount
--> log.c <- orders.customer_id

-- ## create

-- # create table as
create table big as select id, amount from orders where amount > 100;
--> orders => big
--> big.id <- orders.id
--> big.amount <- orders.amount
--> big <- orders.amount filter

-- # create table as with column names
create table big (a, b) as select id, amount from orders;
--> orders => big
--> big.a <- orders.id
--> big.b <- orders.amount

-- # create table as with an unnamed column
create table n as select count(id) from orders;
--> orders => n
--> n._col_0 <- orders.id aggregation

-- # create unlogged table if not exists
create unlogged table if not exists big as table invoices;
--> invoices => big
--> big.customer_id <- invoices.customer_id
--> big.due <- invoices.due

-- # create table as with data
create table big as select id from orders with no data;
--> orders => big
--> big.id <- orders.id

-- # select into
select id, amount into big from orders where amount > 100;
--> orders => big
--> big.id <- orders.id
--> big.amount <- orders.amount
--> big <- orders.amount filter

-- # create view
create or replace view v as select o.id, c.email from orders o left join customers c on c.id = o.customer_id;
--> orders, customers => v
--> v.id <- orders.id
--> v.email <- customers.email
--> v <- customers.id join, orders.customer_id join

-- # create view with a column list
create view v (a, b) as select id, amount from orders;
--> orders => v
--> v.a <- orders.id
--> v.b <- orders.amount

-- # create materialised view
create materialized view mv as select customer_id, sum(amount) as total from orders group by customer_id with no data;
--> orders => mv
--> mv.customer_id <- orders.customer_id
--> mv.total <- orders.amount aggregation
--> mv <- orders.customer_id group_by

-- # create view over a star without a schema (no schema)
create view v as select * from orders;
--> orders => [v]
--> v.* <- orders.*

-- # create table makes its table known
create table fresh (a int, b int); insert into fresh select id, amount from orders;
--> orders => fresh
--> fresh.a <- orders.id
--> fresh.b <- orders.amount

-- # create table like another
create table copy (like totals); insert into copy select id, amount from orders;
--> orders => copy
--> copy.customer_id <- orders.id
--> copy.total <- orders.amount

-- ## update

-- # update from a constant
update orders set status = 'x' where amount > 5;
--> - => orders
--> orders <- orders.amount filter

-- # update in place
update orders set amount = amount * 2;
--> - => orders
--> orders.amount <- orders.amount transformation

-- # update from another table
update totals set total = o.amount from orders o where o.customer_id = totals.customer_id;
--> orders => totals
--> totals.total <- orders.amount
--> totals <- orders.customer_id filter, totals.customer_id filter

-- # update from a subquery
update totals t set total = s.s from (select customer_id, sum(amount) as s from orders group by customer_id) s where s.customer_id = t.customer_id;
--> orders => totals
--> totals.total <- orders.amount aggregation
--> totals <- orders.customer_id group_by, orders.customer_id filter, totals.customer_id filter

-- # update of a row
update totals set (customer_id, total) = (select id, amount from orders where orders.customer_id = totals.customer_id);
--> orders => totals
--> totals.customer_id <- orders.id, orders.customer_id condition, totals.customer_id condition
--> totals.total <- orders.amount, orders.customer_id condition, totals.customer_id condition

-- # update with a row of expressions
update totals set (customer_id, total) = (customer_id + 1, 0);
--> - => totals
--> totals.customer_id <- totals.customer_id transformation

-- # update with a common table expression
with t as (select customer_id, amount from orders) update totals set total = t.amount from t where t.customer_id = totals.customer_id;
--> orders => totals
--> totals.total <- orders.amount
--> totals <- orders.customer_id filter, totals.customer_id filter

-- ## delete

-- # delete with a filter
delete from orders where status = 'old';
--> - => orders
--> orders <- orders.status filter

-- # delete with a subquery
delete from orders where customer_id in (select id from customers where email is null);
--> customers => orders
--> orders <- orders.customer_id filter, customers.id filter, customers.email filter

-- # delete using
delete from orders using customers c where c.id = orders.customer_id and c.email is null;
--> customers => orders
--> orders <- customers.id filter, orders.customer_id filter, customers.email filter

-- # truncate
truncate table totals, orders;
--> - => totals, orders

-- ## merge

-- # merge with every branch
merge into totals t using (select customer_id, sum(amount) as s from orders group by customer_id) o on t.customer_id = o.customer_id when matched and o.s = 0 then delete when matched then update set total = t.total + o.s when not matched then insert (customer_id, total) values (o.customer_id, o.s);
--> orders => totals
--> totals.total <- totals.total transformation, orders.amount aggregation
--> totals.customer_id <- orders.customer_id
--> totals <- orders.customer_id group_by, totals.customer_id join, orders.customer_id join, orders.amount filter

-- # merge without a column list
merge into totals using invoices i on i.customer_id = totals.customer_id when not matched then insert values (i.customer_id, i.due);
--> invoices => totals
--> totals.customer_id <- invoices.customer_id
--> totals.total <- invoices.due
--> totals <- invoices.customer_id join, totals.customer_id join

-- # merge that does nothing
merge into totals using invoices i on i.customer_id = totals.customer_id when matched then do nothing;
--> invoices => totals
--> totals <- invoices.customer_id join, totals.customer_id join

-- ## files

-- # copy from a file
copy orders (id, amount) from '/data/orders.csv' with (format csv);
--> /data/orders.csv => orders

-- # copy of a query
copy (select id, amount from orders where status = 'x') to stdout;
--> orders => ()
--> ().id <- orders.id
--> ().amount <- orders.amount
--> () <- orders.status filter

-- # copy of a table
copy invoices to '/data/out.csv';
--> invoices => /data/out.csv
--> /data/out.csv.customer_id <- invoices.customer_id
--> /data/out.csv.due <- invoices.due

-- ## scripts

-- # temporary table is passed through
create temp table t as select id, amount from orders; insert into totals select id, amount from t;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount

-- # temporary table filled in two steps
create temp table t (a int, b numeric); insert into t select id, amount from orders; insert into t (b) select due from invoices; insert into totals select a, b from t;
--> orders, invoices => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount, invoices.due

-- # temporary table that stays unread
create temporary table t as select id from orders;
--> orders => t
--> t.id <- orders.id

-- # temporary table behind a filter
create temp table t as select customer_id, amount from orders where status = 'paid'; create table paid as select sum(amount) as s from t;
--> orders => paid
--> paid.s <- orders.amount aggregation
--> paid <- orders.status filter

-- # chain of temporary tables
create temp table a as select id, amount from orders; create temp table b as select id, amount * 2 as twice from a; create table final as select twice from b;
--> orders => final
--> final.twice <- orders.amount transformation

-- # update of a temporary table
create temp table t as select id, amount from orders; update t set amount = i.due from invoices i where i.customer_id = t.id; insert into totals select id, amount from t;
--> orders, invoices => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount, invoices.due
--> totals <- invoices.customer_id filter, orders.id filter

-- # temporary table without a schema (no schema)
create temp table t as select * from src; create table dst as select a from t;
--> src => dst
--> dst.a <- src.a

-- # dropped and made anew
create temp table t as select id from orders; drop table t; create temp table t as select id from customers; create table out1 as select id from t;
--> customers => out1
--> out1.id <- customers.id

-- # renamed table
create temp table t as select id from orders; alter table t rename to t2; create table out1 as select id from t2;
--> orders => out1
--> out1.id <- orders.id

-- # made table is known by its columns
create table a1 as select id, amount from orders; create table a2 as select * from a1;
--> orders, a1 => a1, a2
--> a1.id <- orders.id
--> a1.amount <- orders.amount
--> a2.id <- a1.id
--> a2.amount <- a1.amount

-- # search path
set search_path to mart, public; create table x as select id from core.things;
--> core.things => mart.x
--> mart.x.id <- core.things.id

-- # transaction around a load
begin; delete from totals; insert into totals select id, amount from orders; commit;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount

-- ## procedures

-- # PL/pgSQL procedure
create procedure load() language plpgsql as $$ begin insert into totals (customer_id, total) select customer_id, sum(amount) from orders group by 1; end $$;
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount aggregation
--> totals <- orders.customer_id group_by

-- # PL/pgSQL variables are no columns
create function f(p_id int) returns void language plpgsql as $$ declare v_rate numeric := 2; begin insert into totals (customer_id, total) select id, amount * v_rate from orders where customer_id = p_id; end $$;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount transformation
--> totals <- orders.customer_id filter

-- # PL/pgSQL select into a variable
do $$ declare m numeric; begin select max(amount) into strict m from orders where status = 'paid'; update totals set total = m; end $$;
--> orders => totals
--> totals.total <- orders.amount aggregation, orders.status condition

-- # PL/pgSQL loop over a query
do $$ declare r record; begin for r in select c.email, o.amount from customers c join orders o on o.customer_id = c.id loop insert into mails (address, amount) values (lower(r.email), r.amount); end loop; end $$;
--> customers, orders => mails
--> mails.address <- customers.email transformation
--> mails.amount <- orders.amount
--> mails <- orders.customer_id join, customers.id join

-- # PL/pgSQL branches
do $$ declare v int; begin if (select count(*) from products) > 3 then v := (select max(id) from orders); elsif 1 > case when true then 2 else 3 end then v := (select max(id) from customers); else v := 0; end if; insert into log (c) values (v); end $$;
--> products, orders, customers => log
--> log.c <- orders.id aggregation, customers.id aggregation

-- # PL/pgSQL temporary table in a body
create or replace procedure p() as $body$ begin create temp table t on commit drop as select id, amount from orders; insert into totals select id, amount from t; drop table t; end; $body$ language plpgsql;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount

-- # PL/pgSQL perform and raise
do $$ begin perform refresh(o.id) from orders o; raise notice 'done %', 1; null; end $$;
--> orders => ()

-- # PL/pgSQL cursor
do $$ declare c cursor for select id, amount from orders; a int; b numeric; begin open c; loop fetch c into a, b; exit when not found; insert into totals (customer_id, total) values (a, b); end loop; close c; end $$;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount

-- # PL/pgSQL return query
create function top() returns table (cust int, amt numeric) language plpgsql as $$ begin return query select customer_id, amount from orders order by amount desc; end $$;
--> orders => ()
--> ().cust <- orders.customer_id
--> ().amt <- orders.amount
--> () <- orders.amount sort

-- # PL/pgSQL exception block
do $$ begin begin insert into totals (total) select amount from orders; exception when unique_violation then insert into log (c) select id from orders; end; end $$;
--> orders => totals, log
--> totals.total <- orders.amount
--> log.c <- orders.id

-- # PL/pgSQL trigger function
create function trg() returns trigger language plpgsql as $$ begin new.updated_at := now(); insert into log (c) values (new.id); return new; end $$;
--> - => log

-- # PL/pgSQL for over integers and arrays
do $$ declare x int; begin for i in reverse 10..1 by 2 loop insert into log (c) values (i); end loop; foreach x in array (select tags from products) loop insert into log (c) values (x); end loop; end $$;
--> products => log
--> log.c <- products.tags

-- # PL/pgSQL insert returning into
do $$ declare v int; begin insert into totals (customer_id) select id from orders returning customer_id into v; insert into log (c) values (v); end $$;
--> orders => totals, log
--> totals.customer_id <- orders.id
--> log.c <- orders.id

-- # SQL function with parameters
create function f(p int) returns setof int language sql stable as $$ select amount + p from orders where id = p $$;
--> orders => ()
--> ()._col_0 <- orders.amount transformation
--> () <- orders.id filter

-- # SQL-standard body
create function f() returns void begin atomic insert into totals (total) select amount from orders; delete from log; end;
--> orders => totals, log
--> totals.total <- orders.amount

-- # function in another language
create function f() returns int language plpython3u as $$ return 1 $$;
--> - => ()
--> ! unsupported_language

-- # function as pg_get_functiondef writes it
CREATE OR REPLACE FUNCTION public.f(a integer DEFAULT 3, OUT b text) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path TO 'public' AS $function$ BEGIN SELECT email INTO b FROM customers WHERE id = a; END $function$;
--> customers => ()

-- # call after its definition
create procedure p() language sql as 'insert into log (c) select id from orders'; call p();
--> orders => log
--> log.c <- orders.id

-- ## dynamic sql

-- # PL/pgSQL constant dynamic SQL
do $$ declare q text := 'insert into totals (total) '; begin execute q || 'select amount from orders'; execute format('truncate %I', 'staging'); end $$;
--> orders => totals, staging
--> totals.total <- orders.amount

-- # PL/pgSQL dynamic SQL with quoted values
create procedure p(d date) language plpgsql as $$ begin execute 'insert into totals (total) select amount from orders where ordered_at = ' || quote_literal(d); end $$;
--> orders => totals
--> totals.total <- orders.amount
--> totals <- orders.ordered_at filter

-- # PL/pgSQL dynamic SQL that cannot be known
create procedure p(t text) language plpgsql as $$ begin execute 'insert into ' || t || ' select 1'; insert into totals (total) select amount from orders; end $$;
--> orders => [totals]
--> totals.total <- orders.amount
--> ! dynamic_sql

-- ## names

-- # unnamed column called by its implied name
select sum, lower from (select sum(amount), lower(status) from orders) t;
--> orders => ()
--> ().sum <- orders.amount aggregation
--> ().lower <- orders.status transformation

-- # unqualified column with one unknown table
select amount, other from orders join elsewhere on elsewhere.id = orders.id;
--> orders, elsewhere => ()
--> ().amount <- orders.amount
--> ().other <- elsewhere.other
--> () <- elsewhere.id join, orders.id join

-- # unqualified column without a schema (no schema)
select x from a join b on a.id = b.id;
--> a, b => ()
--> ().x <- ?(a b).x
--> () <- a.id join, b.id join

-- # one table without a schema (no schema)
select x from a where y > 1;
--> a => ()
--> ().x <- a.x
--> () <- a.y filter

-- # a name in two known tables
select id from orders, customers;
--> orders, customers => ()
--> ().id <- ?(orders customers).id

-- # a column that the schema lacks
select missing, id from orders;
--> orders => ()
--> ().missing <- orders.missing
--> ().id <- orders.id
--> ! unknown_column

-- # a relation that is not there
select zz.a, o.id from orders o;
--> orders => ()
--> ().a <- ?(orders).a
--> ().id <- orders.id
--> ! unknown_relation

-- ## other

-- # statements without lineage
analyze orders; grant select on orders to someone; vacuum orders; comment on table orders is 'x'; explain select * from orders; reindex table orders; lock table orders; show all;
--> - => ()

-- # definitions without lineage
create index i on orders (amount); create schema s; create type mood as enum ('a'); create sequence q; alter table orders add column z int; create extension hstore; create role r;
--> - => ()

-- # a bad statement costs only itself
insert into totals (total) select amount from orders; selec nothing frm; create table x as select id from customers;
--> orders, customers => [totals], [x]
--> totals.total <- orders.amount
--> x.id <- customers.id
--> ! syntax

-- # an unclosed string costs its own statement
create table x as select id from orders; select 'abc
--> orders => [x]
--> x.id <- orders.id
--> ! syntax

-- # a call that is not known
call load_totals();
--> - => ()
--> ! unknown_routine

-- # empty text
-- nothing here
--> - => ()

-- # prepared statement name is no table
execute plan_a(1);
--> - => ()
--> ! unsupported_statement

-- schema carts(id, user_id, doc, labels, ship, lines, placed_at)

-- ## nested

-- # field of a composite column
select (c.ship).city, (c.ship).geo.lat, (c.lines[1]).sku as sku from carts c;
--> carts => ()
--> ().city <- carts.ship.city
--> ().lat <- carts.ship.geo.lat
--> ().sku <- carts.lines.sku transformation

-- # all fields of a composite column
select id, (ship).* from carts;
--> carts => ()
--> ().id <- carts.id
--> ().* <- carts.ship.*

-- # unnest of an array of composites
select c.id, l.sku from carts c, unnest(c.lines) as l;
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.lines.sku transformation

-- # jsonb to a record set
select c.id, r.sku, r.qty from carts c, jsonb_to_recordset(c.doc -> 'lines') as r(sku text, qty int) where r.qty > 1;
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.doc transformation
--> ().qty <- carts.doc transformation
--> () <- carts.doc filter

-- ## table functions

-- # json table
select c.id, j.sku from carts c, json_table(c.doc, '$.lines[*]' columns (n for ordinality, sku text path '$.sku')) as j;
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.doc transformation

-- # functions side by side with their position
select x.a, x.b, x.n from carts c, rows from (unnest(c.labels), jsonb_array_elements_text(c.doc)) with ordinality as x(a, b, n);
--> carts => ()
--> ().a <- carts.labels transformation
--> ().b <- carts.doc transformation
--> ().n <- carts.labels transformation, carts.doc transformation

-- # xml table
select c.id, x.who from carts c, xmltable('/a/b' passing c.doc columns who text path '@who', age int path '@age') as x;
--> carts => ()
--> ().id <- carts.id
--> ().who <- carts.doc transformation

-- ## ctes

-- # recursive query with cycle detection
with recursive tree (id, user_id) as (
  select id, user_id from carts where user_id is null
  union all
  select c.id, c.user_id from carts c join tree t on c.user_id = t.id
) cycle id set looped using path
select id, looped, path from tree;
--> carts => ()
--> ().id <- carts.id
--> ().looped <- carts.id transformation
--> ().path <- carts.id transformation
--> () <- carts.user_id filter, carts.user_id join, carts.id join

-- ## windows

-- # frame with a column as its bound
select sum(user_id) over (order by placed_at range between id preceding and current row exclude ties) as s from carts;
--> carts => ()
--> ().s <- carts.user_id aggregation, carts.placed_at window, carts.id window

-- ## aggregates

-- # ordered-set aggregates and grouping
select user_id, percentile_cont(0.5) within group (order by id) as p, mode() within group (order by labels) as m, grouping(user_id) as g
from carts group by rollup (user_id);
--> carts => ()
--> ().user_id <- carts.user_id
--> ().p <- carts.id aggregation
--> ().m <- carts.labels aggregation
--> ().g <- carts.user_id aggregation
--> () <- carts.user_id group_by

-- ## stars

-- # count of a row and a row as a value
select count(c.*) as n, c as whole from (select id, user_id from carts) c group by c;
--> carts => ()
--> ().whole <- carts.id, carts.user_id
--> () <- carts.id group_by, carts.user_id group_by
-- ## procedures

-- # PL/pgSQL return next of output columns
create function spend() returns table (who text, total numeric) language plpgsql as $$
declare r record;
begin
  for r in select c.email, o.amount from customers c join orders o on o.customer_id = c.id loop
    who := r.email;
    total := r.amount * 1.2;
    return next;
  end loop;
end $$;
--> customers, orders => ()
--> ().who <- customers.email
--> ().total <- orders.amount transformation
--> () <- orders.customer_id join, customers.id join

-- # PL/pgSQL return next of a record
create function big_orders() returns setof orders language plpgsql as $$
declare o orders%rowtype;
begin
  for o in select * from orders where amount > 100 loop
    return next o;
  end loop;
end $$;
--> orders => ()
--> ().id <- orders.id
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> ().status <- orders.status
--> ().ordered_at <- orders.ordered_at
--> () <- orders.amount filter

-- # PL/pgSQL row type variable
do $$
declare v orders%rowtype;
begin
  select * into v from orders where id = 7;
  insert into totals (customer_id, total) values (v.customer_id, v.amount);
end $$;
--> orders => totals
--> totals.customer_id <- orders.customer_id, orders.id condition
--> totals.total <- orders.amount, orders.id condition

-- # PL/pgSQL field of a record is assigned
do $$
declare r record;
begin
  select id, email into r from customers;
  r.email := (select max(name) from products);
  insert into mails (customer, address) values (r.id, r.email);
end $$;
--> customers, products => mails
--> mails.customer <- customers.id
--> mails.address <- products.name aggregation

-- # PL/pgSQL array filled and read
do $$
declare ids int[]; i int;
begin
  ids := array(select id from orders where status = 'new');
  foreach i in array ids loop
    insert into log (c) values (i);
  end loop;
end $$;
--> orders => log
--> log.c <- orders.id transformation, orders.status condition

-- # PL/pgSQL nested blocks and named loops
create procedure nested() language plpgsql as $$
<<outer>>
declare n int := 0;
begin
  <<rows>>
  loop
    n := n + 1;
    declare m int;
    begin
      select max(id) into m from products;
      insert into log (c) values (m);
      exit rows when n > 3;
    end;
  end loop rows;
  get diagnostics n = row_count;
end outer $$;
--> products => log
--> log.c <- products.id aggregation

-- # PL/pgSQL handler keeps both values
do $$
declare v int;
begin
  begin
    v := (select max(id) from orders);
  exception when others then
    v := (select min(id) from products);
  end;
  insert into log (c) values (v);
end $$;
--> orders, products => log
--> log.c <- orders.id aggregation, products.id aggregation

-- # PL/pgSQL value set in both branches forgets the first
do $$
declare v int;
begin
  if now() > '2020-01-01' then
    v := (select max(id) from orders);
    insert into log (c) values (v);
  else
    v := (select max(id) from products);
    insert into audit (c) values (v);
  end if;
end $$;
--> orders, products => log, audit
--> log.c <- orders.id aggregation
--> audit.c <- products.id aggregation

-- # trigger tells what NEW is
create function on_order() returns trigger language plpgsql as $$
begin
  insert into log (c) values (new.id);
  new.status := upper(new.status);
  return new;
end $$;
create trigger t1 before insert or update of amount on orders for each row when (new.amount > 0) execute function on_order();
--> orders => log, orders
--> log.c <- orders.id
--> orders.status <- orders.status transformation

-- # trigger on statement with transition table
create function copy_new() returns trigger language plpgsql as $$
begin
  insert into log (c) select count(*) from fresh;
  insert into totals (customer_id, total) select customer_id, amount from fresh;
  return null;
end $$;
create trigger t2 after insert on orders referencing new table as fresh for each statement execute procedure copy_new();
--> orders => log, totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount

-- # call with arguments from tables
create procedure save(p_id int, p_amount numeric) language plpgsql as $$
begin
  insert into totals (customer_id, total) values (p_id, p_amount);
end $$;
do $$
declare r record;
begin
  for r in select customer_id, amount from orders loop
    call save(r.customer_id, r.amount * 2);
  end loop;
end $$;
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount transformation

-- # call by named arguments
create procedure save(a int, b numeric default 0) language plpgsql as $$ begin insert into totals (customer_id, total) values (a, b); end $$;
call save(b => (select max(due) from invoices), a => 1);
--> invoices => totals
--> totals.total <- invoices.due aggregation

-- # call with an output parameter
create procedure latest(in p int, inout v int) language plpgsql as $$
begin
  select max(id) into v from orders where customer_id = p;
end $$;
do $$
declare x int;
begin
  call latest(3, x);
  insert into log (c) values (x);
end $$;
--> orders => log
--> log.c <- orders.id aggregation, orders.customer_id condition

-- # procedures call each other once
create procedure a() language plpgsql as $$ begin insert into log (c) select id from orders; call b(); end $$;
create procedure b() language plpgsql as $$ begin insert into audit (c) select id from products; call a(); end $$;
call a();
--> orders, products => log, audit
--> log.c <- orders.id
--> audit.c <- products.id

-- # call of an unknown procedure
call elsewhere.refresh(1);
--> - => ()
--> ! unknown_routine

-- # temporary table of the caller is read by the called
create procedure publish() language plpgsql as $$ begin insert into totals (customer_id, total) select c, a from staged; end $$;
create temp table staged as select customer_id as c, amount as a from orders;
call publish();
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount

-- # SQL function inlined in a select
create function net(gross numeric) returns numeric language sql immutable as 'select gross / 1.2';
select net(amount) as n from orders;
--> orders => ()
--> ().n <- orders.amount transformation

-- # SQL function that reads a table
create function price_of(p int) returns numeric language sql stable as $$ select price from products where id = p $$;
insert into totals (customer_id, total) select i.order_id, price_of(i.product_id) * i.quantity from items i;
--> items, products => totals
--> totals.customer_id <- items.order_id
--> totals.total <- products.price transformation, products.id condition, items.product_id condition, items.quantity transformation

-- # table function inlined in a from clause
create function paid(since date) returns table (order_id int, value numeric) language sql as $$
  select id, amount from orders where status = 'paid' and ordered_at > since
$$;
create table report as select p.order_id, p.value from paid('2024-01-01') as p;
--> orders => report
--> report.order_id <- orders.id
--> report.value <- orders.amount
--> report <- orders.status filter, orders.ordered_at filter

-- # positional parameters of an SQL function
create function double_it(int) returns int language sql return $1 * 2;
select double_it(quantity) from items;
--> items => ()
--> ()._col_0 <- items.quantity transformation

-- # PL/pgSQL function called in a query
create function best(p int) returns numeric language plpgsql as $$
declare v numeric;
begin
  select max(amount) into v from orders where customer_id = p;
  return v;
end $$;
insert into totals (customer_id, total) select c.id, best(c.id) from customers c;
--> orders, customers => totals
--> totals.customer_id <- customers.id
--> totals.total <- orders.amount aggregation, orders.customer_id condition, customers.id condition

-- # set-returning PL/pgSQL function called in a query
create function recent() returns table (oid int, val numeric) language plpgsql as $$ begin return query select id, amount from orders; end $$;
create table r as select oid, val + 1 as more from recent();
--> orders => r
--> r.oid <- orders.id
--> r.more <- orders.amount transformation

-- # PL/pgSQL loop over an opened cursor with arguments
do $$
declare c cursor (who int) for select id, amount from orders where customer_id = who;
begin
  for r in c(5) loop
    insert into totals (customer_id, total) values (r.id, r.amount);
  end loop;
end $$;
--> orders => totals
--> totals.customer_id <- orders.id
--> totals.total <- orders.amount
--> totals <- orders.customer_id filter

-- # PL/pgSQL cursor variable for a query
create function rows_of(ref refcursor) returns refcursor language plpgsql as $$
begin
  open ref for select email from customers;
  return ref;
end $$;
--> customers => ()

-- # PL/pgSQL merge and temporary table in a nightly load
create or replace procedure mart.nightly(p_day date)
language plpgsql
as $procedure$
declare
  v_rows integer;
  v_started timestamptz := clock_timestamp();
begin
  drop table if exists work;
  create temporary table work on commit drop as
  select o.customer_id, c.email, sum(o.amount) as amount, count(*) as n
  from orders o
  join customers c on c.id = o.customer_id
  where o.ordered_at::date = p_day
  group by o.customer_id, c.email;

  merge into totals t
  using work w on t.customer_id = w.customer_id
  when matched then update set total = t.total + w.amount
  when not matched then insert (customer_id, total) values (w.customer_id, w.amount);

  get diagnostics v_rows = row_count;
  if v_rows = 0 then
    raise exception 'nothing for %', p_day using errcode = 'P0002';
  end if;

  insert into run_log (started, rows) values (v_started, v_rows);
exception
  when division_by_zero or others then
    insert into run_errors (started, message) values (v_started, sqlerrm);
    raise;
end;
$procedure$;
--> orders, customers => totals, run_log, run_errors
--> totals.total <- totals.total transformation, orders.amount aggregation
--> totals.customer_id <- orders.customer_id
--> totals <- customers.id join, orders.customer_id join, orders.ordered_at filter, orders.customer_id group_by, customers.email group_by, totals.customer_id join

-- ## dynamic sql

-- # PL/pgSQL dynamic text set inside of a loop
do $$
declare r record; q text;
begin
  for r in select id from orders loop
    q := 'insert into audit (c) select id from products';
    execute q;
  end loop;
end $$;
--> orders, products => audit
--> audit.c <- products.id

-- # PL/pgSQL dynamic text that a branch may have changed
do $$
declare q text := 'insert into log (c) select id from orders';
begin
  if now() > '2020-01-01' then
    q := q || ' where amount > 1';
  end if;
  execute q;
end $$;
--> orders => log
--> log.c <- orders.id
--> log <- orders.amount filter

-- # PL/pgSQL dynamic query into a variable with arguments
create function f(p int) returns void language plpgsql as $$
declare v numeric; who int;
begin
  select max(id) into who from customers;
  execute 'select sum(amount) from orders where customer_id = $1' into v using who;
  insert into totals (total) values (v);
end $$;
--> customers, orders => totals
--> totals.total <- orders.amount aggregation, orders.customer_id condition, customers.id condition

-- # PL/pgSQL dynamic insert with values from variables
do $$
declare r record;
begin
  for r in select id, amount from orders loop
    execute format('insert into %I.%I (c) values ($1)', 'audit', 'lines') using r.amount;
  end loop;
end $$;
--> orders => audit.lines
--> audit.lines.c <- orders.amount

-- # PL/pgSQL call gives the table's name
create procedure empty_and_load(t text) language plpgsql as $$
begin
  execute format('truncate %I', t);
  execute 'insert into ' || quote_ident(t) || ' (c) select id from orders';
end $$;
call empty_and_load('stage_orders');
--> orders => stage_orders
--> stage_orders.c <- orders.id

-- # PL/pgSQL number joined where only a value may stand
create procedure purge(days int) language plpgsql as $$
begin
  execute 'delete from log where age > ' || days || ' and kind = ''' || current_user || '''';
end $$;
--> - => log
--> log <- log.age filter, log.kind filter

-- # PL/pgSQL number joined into a name
create procedure load_year(y int) language plpgsql as $$
begin
  execute 'insert into log (c) select id from orders_' || y;
end $$;
--> - => ()
--> ! dynamic_sql

-- # PL/pgSQL return query execute
create function dyn() returns table (k int) language plpgsql as $$ begin return query execute 'select id from ' || 'orders'; end $$;
--> orders => ()
--> ().k <- orders.id

-- # PL/pgSQL loop over a dynamic query
do $$
declare r record;
begin
  for r in execute 'select email from customers' loop
    insert into mails (address) values (r.email);
  end loop;
end $$;
--> customers => mails
--> mails.address <- customers.email
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # default values
insert into w.dst default values;
--> - => w.dst

-- # overriding the identity
insert into w.dst (id, total) overriding system value select id, amount from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount

-- # upsert that reads a column it does not insert
insert into w.dst as d (id, total) select id, amount from w.src on conflict (id) do update set total = d.total + excluded.total, grp = excluded.grp where d.grp is null;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount transformation, w.dst.total transformation
--> w.dst <- w.dst.grp filter

-- # moved rows
with gone as (delete from w.src where state = 'old' returning id, grp, amount) insert into w.dst select * from gone;
--> w.src => w.src, w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount
--> w.src <- w.src.state filter
--> w.dst <- w.src.state filter

-- ## create

-- # materialized view with its data
create materialized view w.m as select grp, count(*) as n from w.src group by grp with no data;
--> w.src => w.m
--> w.m.grp <- w.src.grp
--> w.m <- w.src.grp group_by

-- # partition of a table
create table w.src_1 partition of w.src for values in (1);
insert into w.src_1 select id, grp, total from w.dst;
--> w.dst => w.src_1
--> w.src_1.id <- w.dst.id
--> w.src_1.grp <- w.dst.grp
--> w.src_1.amount <- w.dst.total

-- ## update

-- # update of nested parts
update w.src set state[1] = 'x', at.zone = d.total from w.dst d where d.id = src.id;
--> w.dst => w.src
--> w.src.at <- w.dst.total
--> w.src <- w.dst.id filter, w.src.id filter

-- # row constructor and default
update w.dst set (grp, total) = row(s.grp, default), id = s.id from w.src s where s.state = 'x';
--> w.src => w.dst
--> w.dst.grp <- w.src.grp
--> w.dst.id <- w.src.id
--> w.dst <- w.src.state filter

-- # returned columns of both sides
with u as (update w.dst d set total = s.amount from w.src s where s.id = d.id returning d.id, d.total, s.state) insert into w.log (id, total, state) select id, total, state from u;
--> w.src, w.dst => w.dst, w.log
--> w.dst.total <- w.src.amount
--> w.log.id <- w.dst.id
--> w.log.total <- w.src.amount
--> w.log.state <- w.src.state
--> w.dst <- w.src.id filter, w.dst.id filter
--> w.log <- w.src.id filter, w.dst.id filter

-- ## delete

-- # delete using a join
delete from w.dst using w.src s left join w.extra e on e.id = s.id where dst.id = s.id and e.id is null;
--> w.src, w.extra => w.dst
--> w.dst <- w.extra.id join, w.src.id join, w.dst.id filter, w.src.id filter, w.extra.id filter

-- # delete compares with distinct from
delete from w.dst where grp is distinct from total;
--> - => w.dst
--> w.dst <- w.dst.grp filter, w.dst.total filter

-- ## merge

-- # merge with every kind of branch
merge into w.dst d using (select id, grp, sum(amount) as amount from w.src group by id, grp) s on s.id = d.id
when matched and s.amount is null then delete
when matched and d.total = s.amount then do nothing
when matched then update set (grp, total) = (s.grp, s.amount)
when not matched by source and d.grp > 3 then update set total = 0
when not matched then insert (id, grp, total) values (s.id, s.grp, s.amount);
--> w.src => w.dst
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount aggregation
--> w.dst.id <- w.src.id
--> w.dst <- w.src.id group_by, w.src.grp group_by, w.src.id join, w.dst.id join, w.src.amount filter, w.dst.total filter, w.dst.grp filter

-- # merge that inserts by the schema
merge into w.dst using w.src s on s.id = dst.id when not matched then insert values (s.id, s.grp, s.amount + 1);
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount transformation
--> w.dst <- w.src.id join, w.dst.id join

-- # merge with a subquery in the update
merge into w.dst d using w.src s on s.id = d.id when matched then update set total = (select max(x.total) from w.dst x where x.grp = s.grp);
--> w.src, w.dst => w.dst
--> w.dst.total <- w.dst.total aggregation, w.dst.grp condition, w.src.grp condition
--> w.dst <- w.src.id join, w.dst.id join

-- ## files

-- # copy of listed columns to a file
copy w.src (id, amount) to '/out/src.csv' with (format csv, header);
--> w.src => /out/src.csv
--> /out/src.csv.id <- w.src.id
--> /out/src.csv.amount <- w.src.amount

-- # copy from a program
copy w.dst from program 'zcat /in/dst.gz';
--> - => w.dst

-- ## scripts

-- # build and swap
create table w.dst_new as select id, grp, amount as total from w.src where state = 'x';
begin;
alter table w.dst rename to dst_old;
alter table w.dst_new rename to dst;
drop table w.dst_old cascade;
commit;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount
--> w.dst <- w.src.state filter

-- # a table that the script made is read by its later name
create table w.step as select id, amount from w.src;
create table w.final as select id, amount * 2 as twice from w.step;
alter table w.step rename to kept;
--> w.src, w.kept => w.kept, w.final
--> w.kept.id <- w.src.id
--> w.kept.amount <- w.src.amount
--> w.final.id <- w.kept.id
--> w.final.twice <- w.kept.amount transformation

-- # moved to another schema
create table stage_x as select id from w.src; alter table stage_x set schema w;
--> w.src => w.stage_x
--> w.stage_x.id <- w.src.id

-- # columns added, dropped and renamed
create table w.c (a int, b int);
alter table w.c add column c int, drop column a;
alter table w.c rename column b to d;
insert into w.c select id, amount from w.src;
--> w.src => w.c
--> w.c.d <- w.src.id
--> w.c.c <- w.src.amount

-- # a temporary name that means two tables in turn
create temp table t as select id from w.src; insert into w.one (id) select id from t;
drop table t;
create table t as select total from w.dst;
--> w.src, w.dst => w.one, t
--> w.one.id <- w.src.id
--> t.total <- w.dst.total

-- # a chain of temporary tables with conditions
create temp table a as select id, amount from w.src where state = 'x';
create temp table b as select id, sum(amount) as s from a group by id;
insert into w.dst (id, total) select b.id, (select max(s) from b) from b join w.dst d on d.id = b.id;
--> w.src, w.dst => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount aggregation, w.src.state condition, w.src.id condition
--> w.dst <- w.src.state filter, w.src.id group_by, w.dst.id join, w.src.id join

-- # a temporary table of a table without schema
create temp table t as select * from w.open where kind = 1;
insert into w.dst (id, total) select id, amount * 2 from t;
--> w.open => w.dst
--> w.dst.id <- w.open.id
--> w.dst.total <- w.open.amount transformation
--> w.dst <- w.open.kind filter

-- # an updated temporary table
create temp table t as select id, grp from w.src; update t set grp = d.total from w.dst d where d.id = t.id; insert into w.one (g) select grp from t;
--> w.src, w.dst => w.one
--> w.one.g <- w.src.grp, w.dst.total
--> w.one <- w.dst.id filter, w.src.id filter

-- # schema by SET SCHEMA
set schema 'w'; insert into dst (id) select id from src;
--> w.src => w.dst
--> w.dst.id <- w.src.id

-- ## create

-- # recursive view
create recursive view w.up (id, above) as select id, grp from w.dst union all select u.id, d.grp from up u join w.dst d on d.id = u.above;
--> w.dst => w.up
--> w.up.id <- w.dst.id
--> w.up.above <- w.dst.grp
--> w.up <- w.dst.id join, w.dst.grp join

-- ## scripts

-- # a table dropped unread and made anew
create table w.n as select id from w.src; drop table w.n; create table w.n as select total from w.dst;
--> w.src, w.dst => w.n
--> w.n.total <- w.dst.total

-- ## dynamic sql

-- # PL/pgSQL table name chosen by branches
do $$
declare t text;
begin
  if current_date > '2024-06-01' then
    t := 'summer';
  else
    t := 'winter';
  end if;
  execute 'insert into ' || t || ' (c) select id from orders';
end $$;
--> orders => summer, winter
--> summer.c <- orders.id
--> winter.c <- orders.id

-- # PL/pgSQL text that grows in a loop
do $$
declare r record; q text := 'insert into log (c) select id from orders where true';
begin
  for r in select name from products loop
    q := q || ' and status <> ' || quote_literal(r.name);
  end loop;
  execute q;
end $$;
--> products => ()
--> ! dynamic_sql

-- # PL/pgSQL text that a query has replaced
do $$
declare q text := 'delete from log';
begin
  select name into q from products;
  execute q;
end $$;
--> products => ()
--> ! dynamic_sql

-- ## procedures

-- # PL/pgSQL value of every branch replaces the first
do $$
declare v int := (select max(customer_id) from invoices);
begin
  if now() > '2020-01-01' then
    v := (select max(id) from orders);
  else
    v := (select max(id) from products);
  end if;
  insert into log (c) values (v);
end $$;
--> invoices, orders, products => log
--> log.c <- orders.id aggregation, products.id aggregation

-- # PL/pgSQL one bad statement costs only itself
create procedure p() language plpgsql as $$
begin
  insert into log (c) select from where;
  insert into audit (c) select id from orders;
end $$;
--> orders => [log], [audit]
--> audit.c <- orders.id
--> ! syntax
--> ! token_scan
-- ## nested

-- # pick of an ordered array, and a row of values beside each row
select (array_agg(c.id order by c.placed_at desc))[1] as latest, c.user_id from carts c group by c.user_id;
--> carts => ()
--> ().latest <- carts.id aggregation, carts.placed_at window
--> ().user_id <- carts.user_id
--> () <- carts.user_id group_by

-- # values beside each row
select c.id, v.kind, v.x from carts c cross join lateral (values ('u', c.user_id), ('i', c.id)) as v(kind, x);
--> carts => ()
--> ().id <- carts.id
--> ().x <- carts.user_id, carts.id

-- # jsonb_each as a table
select c.id, key, value from carts c, jsonb_each(c.doc) where key like 'a%';
--> carts => ()
--> ().id <- carts.id
--> ().key <- carts.doc transformation
--> ().value <- carts.doc transformation
--> () <- carts.doc filter

-- ## select

-- # only and star tables
select o.id from only orders o, customers * where o.customer_id = customers.id;
--> orders, customers => ()
--> ().id <- orders.id
--> () <- orders.customer_id filter, customers.id filter

-- # sample with repeatable
select id from orders tablesample bernoulli (5) repeatable (42) where amount > 1;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount filter

-- # order by an operator
select id from orders order by amount using >;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount sort

-- # operator by its schema
select amount operator(pg_catalog.+) id as total from orders;
--> orders => ()
--> ().total <- orders.amount transformation, orders.id transformation

-- # strings of every kind
select id, e'a\'b' as e, u&'\0041' as u, $$x'y$$ as d, $tag$ -- no comment $tag$ as t, b'01' as b from orders;
--> orders => ()
--> ().id <- orders.id

-- # fetch first and locks
select id from orders order by id fetch first 5 rows with ties for no key update of orders skip locked;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.id sort

-- # group by prefers the column, order by the alias
select status as customer_id, sum(amount) as amount from orders group by customer_id, status order by customer_id;
--> orders => ()
--> ().customer_id <- orders.status
--> ().amount <- orders.amount aggregation
--> () <- orders.customer_id group_by, orders.status group_by, orders.status sort

-- # functions without parentheses
select id, current_date as d, current_user as u, localtimestamp as t, session_user as s from orders where ordered_at < current_timestamp;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.ordered_at filter

-- ## joins

-- # alias of a using join
select customer_id, amount from orders join invoices using (customer_id) as j;
--> orders, invoices => ()
--> ().customer_id <- orders.customer_id
--> ().amount <- orders.amount
--> () <- orders.customer_id join, invoices.customer_id join

-- # joins in nested parentheses
select o.id, c.email, i.due from ((orders o join customers c on c.id = o.customer_id) left join invoices i on i.customer_id = c.id);
--> orders, customers, invoices => ()
--> ().id <- orders.id
--> ().email <- customers.email
--> ().due <- invoices.due
--> () <- customers.id join, orders.customer_id join, invoices.customer_id join

-- ## ctes

-- # recursive in parentheses
with recursive up as ((select id, parent_id from nodes where name = 'x') union all (select n.id, n.parent_id from nodes n join up on up.parent_id = n.id)) select id from up;
--> nodes => ()
--> ().id <- nodes.id
--> () <- nodes.name filter, nodes.parent_id join, nodes.id join

-- ## create

-- # view with options and a check
create or replace view v with (security_barrier = true, check_option = local) as select id from orders where amount > 0 with local check option;
--> orders => v
--> v.id <- orders.id
--> v <- orders.amount filter

-- # recursive view with a filter
create recursive view up (id, parent_id) as select id, parent_id from nodes where name = 'x' union all select n.id, n.parent_id from nodes n join up on up.parent_id = n.id;
--> nodes => up
--> up.id <- nodes.id
--> up.parent_id <- nodes.parent_id
--> up <- nodes.name filter, nodes.parent_id join, nodes.id join

-- # table with storage, and without rows
create unlogged table big using heap with (fillfactor = 70) on commit preserve rows tablespace fast as select id, amount from orders with no data;
--> orders => big
--> big.id <- orders.id
--> big.amount <- orders.amount

-- ## insert

-- # overriding system value
insert into totals (customer_id, total) overriding system value select customer_id, sum(amount) from orders group by 1;
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount aggregation
--> totals <- orders.customer_id group_by

-- ## scripts

-- # a prepared statement is its text
prepare fill (int) as insert into totals (customer_id, total) select customer_id, amount from orders where id > $1;
--> orders => totals
--> totals.customer_id <- orders.customer_id
--> totals.total <- orders.amount
--> totals <- orders.id filter

-- ## names

-- # lines for the client
\set x 1
\echo start
select id from orders;
--> orders => ()
--> ().id <- orders.id

-- # catalog tables (no schema)
select c.relname, n.nspname from pg_catalog.pg_class c join pg_namespace n on n.oid = c.relnamespace;
--> pg_catalog.pg_class, pg_namespace => ()
--> ().relname <- pg_catalog.pg_class.relname
--> ().nspname <- pg_namespace.nspname
--> () <- pg_namespace.oid join, pg_catalog.pg_class.relnamespace join

-- # reserved word as a quoted column (no schema)
select "user", "order" from "group" where "select" = 1;
--> group => ()
--> ().user <- group.user
--> ().order <- group.order
--> () <- group.select filter

-- ## other

-- # administration of every kind
cluster orders using ix; reindex table orders; security label on table orders is 'x'; create publication p for table orders; create cast (a as b) without function; create event trigger e on ddl_command_start execute function f(); create type t as (a int); listen c; notify c, 'x'; discard all; checkpoint; load 'auto_explain'; savepoint a; prepare transaction 'x'; deallocate fill; import foreign schema s from server x into y; alter default privileges in schema s grant select on tables to r; reassign owned by a to b; lock table orders in exclusive mode; refresh materialized view concurrently v; analyze verbose; vacuum full analyze orders;
--> - => ()

-- ## names

-- # user is the session's, a qualified one a column (no schema)
select user as me, o.user, o.ctid, system_user from orders o;
--> orders => ()
--> ().user <- orders.user
-- ## other

-- # repaired: a broken select item costs only itself (no schema)
insert into mart.sales (id, total, day)
select o.id, sum(o.amount l) as total, o.day
from orders o
join lines l on l.order_id = o.id
where o.status = 'paid';
--> orders, lines => [mart.sales]
--> mart.sales.id <- orders.id
--> mart.sales.total <- orders.amount aggregation
--> mart.sales.day <- orders.day
--> mart.sales <- lines.order_id join, orders.id join, orders.status filter
--> ! repaired

-- # repaired: a bracket that is never closed (no schema)
select coalesce(a, b from t where c = 1;
--> t => ()
--> ()._col_0 <- t.a transformation, t.b transformation
--> () <- t.c filter
--> ! repaired

-- # repaired: a condition too many (no schema)
create table recent as
select o.id, c.email
from orders o left join customers c on c.id = o.customer_id
where o.day > '2024-01-01' and and c.email like '%@%';
--> orders, customers => [recent]
--> recent.id <- orders.id
--> recent.email <- customers.email
--> recent <- customers.id join, orders.customer_id join, orders.day filter, customers.email filter
--> ! repaired

-- # repaired: the rest of a script is whole (no schema)
create table a as select x from s;
create table b as select x, f(x x x) as z from a;
create table c as select z from b;
--> s, a, b => [a], [b], [c]
--> a.x <- s.x
--> b.x <- a.x
--> b.z <- a.x transformation
--> c.z <- b.z
--> ! repaired

-- # tolerant: brackets of another dialect (no schema)
select top 10 [customer id], amount from [dbo].[orders];
--> dbo.orders => ()
--> ().customer id <- dbo.orders.customer id
--> ().amount <- dbo.orders.amount
--> ! tolerant_parser

-- # scan: tables of a statement that cannot be mended (no schema)
insert into mart.visits
with fresh as (select * from raw.visits where extract(hour from seen_at) > 3),
     unread as (select * from raw.other)
select f.page, from from fresh f join lateral explode_it(f.tags) x on on true
left join ref.pages p on on p.id = f.page ) ) group by group by;
--> raw.visits, ref.pages => [mart.visits]
--> ! syntax
--> ! token_scan

-- # scan: nothing is invented from prose (no schema)
select the best option from our menu and order it at once, please;
--> - => ()
--> ! syntax

-- # scan: nothing is invented from a misspelt first word (no schema)
selec a from t join u on t.id = u.id;
--> - => ()
--> ! syntax

-- # scan: a statement too deep names its tables (no schema)
insert into t select ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) from s join u on s.id = u.id;
--> s, u => [t]
--> ! too_deep
--> ! token_scan

-- ## merge

-- # merge from a query that joins by using, under an alias
merge into totals as t using (select c.id, sum(o.amount) as total from orders o join customers c using (id) group by 1) as s on t.customer_id = s.id when matched then update set total = s.total;
--> orders, customers => totals
--> totals.total <- orders.amount aggregation
--> totals <- orders.id join, customers.id join, customers.id group_by, totals.customer_id join
-- ## dynamic sql

-- # execute of what is prepared here tells nothing new (no schema)
prepare ins (int) as insert into audit (u) select id from users where id > $1;
execute ins (5); execute ins(6); execute other;
--> users => [audit]
--> audit.u <- users.id
--> audit <- users.id filter
--> ! unsupported_statement

-- # a value between quotes that open in one literal and close in the next (no schema)
create procedure note(day date, kind varchar) language plpgsql as $$ begin
  execute 'insert into dw.log (a, d) select b, ''' || day || ''' from dw.t where k = ''' || kind || ''' and z > 1';
end $$;
--> dw.t => dw.log
--> dw.log.a <- dw.t.b
--> dw.log <- dw.t.k filter, dw.t.z filter
