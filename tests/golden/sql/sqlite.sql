-- ## table functions

-- # json_each and json_tree
select d.id, e.value, t.fullkey from docs d, json_each(d.body, '$.lines') e, json_tree(d.body) t where e.key > 1;
--> docs => ()
--> ().id <- docs.id
--> ().value <- docs.body transformation
--> ().fullkey <- docs.body transformation
--> () <- docs.body filter

-- ## aggregates

-- # aggregates, and max of two values
select group_concat(name, ',') as names, total(pay) as t, max(pay, bonus) as better, json_group_array(name) as arr from staff;
--> staff => ()
--> ().names <- staff.name aggregation
--> ().t <- staff.pay aggregation
--> ().better <- staff.pay transformation, staff.bonus transformation
--> ().arr <- staff.name aggregation

-- ## joins

-- # natural join keeps the left side's order
select * from (select name, id from staff) a natural join (select id, pay from salaries) b;
--> staff, salaries => ()
--> ().name <- staff.name
--> ().id <- staff.id
--> ().pay <- salaries.pay
--> () <- staff.id join, salaries.id join
-- schema src(id, grp, amount, state, at)
-- schema dst(id, grp, total)
-- ## insert

-- # replace of rows
replace into dst (id, total) select id, amount from src;
--> src => dst
--> dst.id <- src.id
--> dst.total <- src.amount

-- # upsert that needs where
insert into dst (id, total) select id, amount from src where true on conflict (id) do update set total = excluded.total + dst.total where excluded.total > 3;
--> src => dst
--> dst.id <- src.id
--> dst.total <- src.amount transformation, dst.total transformation
--> dst <- src.amount filter

-- ## update

-- # update or ignore from
update or ignore dst set total = s.amount from src as s where s.id = dst.id;
--> src => dst
--> dst.total <- src.amount
--> dst <- src.id filter, dst.id filter

-- ## scripts

-- # temporary table renamed
create temp table t as select id, amount from src; alter table t rename to u; insert into dst (id, total) select id, amount from u;
--> src => dst
--> dst.id <- src.id
--> dst.total <- src.amount

-- schema orders(id, customer_id, amount, status)
-- schema customers(id, email)

-- ## select

-- # quotes of three kinds
select [id], `amount`, "status" from orders where status = 'paid';
--> orders => ()
--> ().id <- orders.id
--> ().amount <- orders.amount
--> ().status <- orders.status
--> () <- orders.status filter

-- # rowid
select rowid, _rowid_ as r, id from orders;
--> orders => ()
--> ().id <- orders.id

-- # glob, is and iif
select iif(status is 'paid', amount, 0) as paid from orders where status glob 'p*';
--> orders => ()
--> ().paid <- orders.status condition, orders.amount transformation
--> () <- orders.status filter

-- # indexed by
select id from orders indexed by ix where amount > 1;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount filter

-- # json arrows
select status ->> '$.a' as a from orders;
--> orders => ()
--> ().a <- orders.status transformation

-- ## ctes

-- # values in a recursive cte
with recursive n (x) as (values (1) union all select x + 1 from n where x < 10) select o.id, n.x from orders o join n on n.x = o.amount;
--> orders => ()
--> ().id <- orders.id
--> () <- orders.amount join

-- ## joins

-- # full join using
select customer_id, email from orders full outer join (select id as customer_id, email from customers) using (customer_id);
--> orders, customers => ()
--> ().customer_id <- orders.customer_id, customers.id
--> ().email <- customers.email
--> () <- orders.customer_id join, customers.id join

-- ## insert

-- # insert or replace
insert or replace into totals (id, total) select customer_id, sum(amount) from orders group by customer_id;
--> orders => totals
--> totals.id <- orders.customer_id
--> totals.total <- orders.amount aggregation
--> totals <- orders.customer_id group_by

-- # replace into
replace into totals (id, total) select id, amount from orders;
--> orders => totals
--> totals.id <- orders.id
--> totals.total <- orders.amount

-- ## update

-- # update or ignore, from another table
update or ignore orders set status = c.email from customers c where c.id = orders.customer_id;
--> customers => orders
--> orders.status <- customers.email
--> orders <- customers.id filter, orders.customer_id filter

-- ## create

-- # table without rowid
create table t (id integer primary key, x text) without rowid;
--> - => t

-- # temporary view is passed through
create temp view v as select id, amount from orders; create table kept as select id from v;
--> orders => kept
--> kept.id <- orders.id

-- ## names

-- # schema of the main database (no schema)
select main.orders.id from main.orders join aux.customers c on c.id = orders.customer_id;
--> main.orders, aux.customers => ()
--> ().id <- main.orders.id
--> () <- aux.customers.id join, main.orders.customer_id join

-- ## other

-- # pragmas and upkeep
pragma foreign_keys = on; attach database 'f' as aux; detach database aux; vacuum into 'f'; reindex ix; analyze; begin immediate; end transaction; savepoint a; release a; rollback to a; create index ix on orders (id) where amount > 1; explain query plan select 1;
--> - => ()
-- ## procedures

-- # trigger with a block (no schema)
create trigger note after update of total on sums when new.total > 0
begin
  insert into sums_log (id, was, now) values (new.id, old.total, new.total);
  delete from sums_stale where id = old.id;
end;
--> sums => sums_log, sums_stale
--> sums_log.id <- sums.id
--> sums_log.was <- sums.total
--> sums_log.now <- sums.total
--> sums_stale <- sums_stale.id filter, sums.id filter

-- ## table functions

-- # a call without an alias goes by the function's name (no schema)
select d.id, json_each.value from docs d, json_each(d.body) where json_each.key = 'a';
--> docs => ()
--> ().id <- docs.id
--> ().value <- docs.body transformation
--> () <- docs.body filter

-- ## select

-- # another product's function of dates: its unit is no column, its last argument is one (no schema)
select datediff(day, ordered, shipped) as days, datediff(hour, o.ordered, now()) as hours from orders o;
--> orders => ()
--> ().days <- orders.ordered transformation, orders.shipped transformation
--> ().hours <- orders.ordered transformation

-- ## scripts

-- # end for commit (no schema)
begin; insert into a (x) select y from b; end;
--> b => a
--> a.x <- b.y
