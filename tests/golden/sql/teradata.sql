-- ## windows

-- # qualify with a ranking
select id, pay * 2 as twice, twice + 1 as more from staff where twice > 3
qualify row_number() over (partition by dept order by pay desc) = 1;
--> staff => ()
--> ().id <- staff.id
--> ().twice <- staff.pay transformation
--> ().more <- staff.pay transformation
--> () <- staff.pay filter, staff.dept filter
-- schema shop.purchases(id, customer_id, amount, day)

-- ## procedures

-- # macro that is executed
REPLACE MACRO shop.load_day (d DATE) AS (
  INSERT INTO shop.copies (id) SELECT id FROM shop.purchases WHERE day = :d;
  DELETE FROM shop.stale WHERE amount < 0;
);
EXEC shop.load_day(DATE '2024-01-01');
--> shop.purchases => shop.copies, shop.stale
--> shop.copies.id <- shop.purchases.id
--> shop.copies <- shop.purchases.day filter
--> shop.stale <- shop.stale.amount filter

-- # procedure with a cursor loop
REPLACE PROCEDURE shop.walk (IN p INTEGER)
BEGIN
  DECLARE n INTEGER DEFAULT 0;
  FOR r AS c CURSOR FOR SELECT id, amount FROM shop.purchases DO
    INSERT INTO shop.copies (id, amount) VALUES (r.id, r.amount);
  END FOR;
  SELECT MAX(id) INTO :n FROM shop.purchases;
  UPDATE shop.marks SET top = :n;
END;
--> shop.purchases => shop.copies, shop.marks
--> shop.copies.id <- shop.purchases.id
--> shop.copies.amount <- shop.purchases.amount
--> shop.marks.top <- shop.purchases.id aggregation
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # abbreviated
ins into w.dst (id, total) sel id, amount from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount

-- ## create

-- # table options before the query
create multiset table w.made, no fallback, no before journal as (select id, amount from w.src where state = 'x') with data primary index (id);
--> w.src => w.made
--> w.made.id <- w.src.id
--> w.made.amount <- w.src.amount
--> w.made <- w.src.state filter

-- # as another table
create table w.dst_copy as w.dst with data and stats;
--> w.dst => w.dst_copy
--> w.dst_copy.id <- w.dst.id
--> w.dst_copy.grp <- w.dst.grp
--> w.dst_copy.total <- w.dst.total

-- ## update

-- # from before set
update d from w.dst d, w.src s set total = s.amount where d.id = s.id;
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst <- w.dst.id filter, w.src.id filter

-- # from a plain table before set
update w.dst from w.src set total = src.amount where dst.id = src.id;
--> w.src => w.dst
--> w.dst.total <- w.src.amount
--> w.dst <- w.dst.id filter, w.src.id filter

-- # update else insert
update w.dst set total = 3 where id = 7 else insert into w.dst (id, total) values (7, 3);
--> - => w.dst
--> w.dst <- w.dst.id filter

-- ## delete

-- # delete all
delete w.dst all;
--> - => w.dst

-- ## scripts

-- # volatile table
database w;
create multiset volatile table t as (select id, amount from src) with data on commit preserve rows;
insert into dst (id, total) select id, amount from t;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount

-- ## create

-- # replaced view with a lock
replace view w.v as locking row for access select id, amount from w.src;
--> w.src => w.v
--> w.v.id <- w.src.id
--> w.v.amount <- w.src.amount

-- ## select

-- # lock before a query
locking table w.src for access sel id from w.src;
--> w.src => ()
--> ().id <- w.src.id

-- ## other

-- # statistics and locks name no tables
collect statistics column (id) on w.src;
--> - => ()

-- schema sales.orders(id, customer_id, amount, status, ordered_at)
-- schema sales.customers(id, email)

-- ## select

-- # sel and locking
locking row for access sel o.id, o.amount from sales.orders o where o.status = 'P';
--> sales.orders => ()
--> ().id <- sales.orders.id
--> ().amount <- sales.orders.amount
--> () <- sales.orders.status filter

-- # locking several tables before an insert
locking table sales.orders for access locking sales.customers for access
insert into sales.mails (id, email) sel o.id, c.email from sales.orders o, sales.customers c where o.customer_id = c.id;
--> sales.orders, sales.customers => sales.mails
--> sales.mails.id <- sales.orders.id
--> sales.mails.email <- sales.customers.email
--> sales.mails <- sales.orders.customer_id filter, sales.customers.id filter

-- # casts behind a value
select ordered_at (date, format 'yyyy-mm-dd') as d, amount (integer) as whole, (amount * 2) (decimal(18, 2)) as twice from sales.orders;
--> sales.orders => ()
--> ().d <- sales.orders.ordered_at transformation
--> ().whole <- sales.orders.amount transformation
--> ().twice <- sales.orders.amount transformation

-- # names and titles behind a value
select amount (named total), status (title 'State') from sales.orders;
--> sales.orders => ()
--> ().total <- sales.orders.amount
--> ().status <- sales.orders.status

-- # alias used in the same select and filter
select amount * 2 as twice, twice + 1 as more from sales.orders where twice > 10;
--> sales.orders => ()
--> ().twice <- sales.orders.amount transformation
--> ().more <- sales.orders.amount transformation
--> () <- sales.orders.amount filter

-- # comparison by words
select id from sales.orders where amount gt 5 and status ne 'X' and id mod 2 eq 0;
--> sales.orders => ()
--> ().id <- sales.orders.id
--> () <- sales.orders.amount filter, sales.orders.status filter, sales.orders.id filter

-- # sample
select id from sales.orders sample 100;
--> sales.orders => ()
--> ().id <- sales.orders.id

-- # valid time
current validtime select id, amount from sales.orders;
--> sales.orders => ()
--> ().id <- sales.orders.id
--> ().amount <- sales.orders.amount

-- ## windows

-- # qualify
sel id from sales.orders qualify row_number() over (partition by customer_id order by ordered_at desc) = 1;
--> sales.orders => ()
--> ().id <- sales.orders.id
--> () <- sales.orders.customer_id filter, sales.orders.ordered_at filter

-- # cumulative sum with an open frame
select id, sum(amount) over (partition by customer_id order by ordered_at rows unbounded preceding) as running from sales.orders;
--> sales.orders => ()
--> ().id <- sales.orders.id
--> ().running <- sales.orders.amount aggregation, sales.orders.customer_id window, sales.orders.ordered_at window

-- ## set operations

-- # minus all
select id from sales.customers minus all select customer_id from sales.orders;
--> sales.customers, sales.orders => ()
--> ().id <- sales.customers.id
--> () <- sales.orders.customer_id filter

-- ## create

-- # volatile table, then used
create multiset volatile table paid, no log as (sel id, amount from sales.orders where status = 'P') with data primary index (id) on commit preserve rows;
insert into sales.mart (id, amount) sel id, amount from paid;
--> sales.orders => sales.mart
--> sales.mart.id <- sales.orders.id
--> sales.mart.amount <- sales.orders.amount
--> sales.mart <- sales.orders.status filter

-- # set table with options before as
create set table sales.big, no fallback, no before journal, checksum = default as (select id, amount from sales.orders) with data unique primary index (id);
--> sales.orders => sales.big
--> sales.big.id <- sales.orders.id
--> sales.big.amount <- sales.orders.amount

-- # replace view with locking inside
replace view sales.v (order_id, total) as locking row for access select id, amount from sales.orders;
--> sales.orders => sales.v
--> sales.v.order_id <- sales.orders.id
--> sales.v.total <- sales.orders.amount

-- # view with sel and check option
create view sales.v2 as sel id from sales.orders where amount > 0 with check option;
--> sales.orders => sales.v2
--> sales.v2.id <- sales.orders.id
--> sales.v2 <- sales.orders.amount filter

-- # recursive view
create recursive view chain (id, next_id) as (
    select id, customer_id from sales.orders where amount > 1
    union all
    select c.id, o.customer_id from chain c join sales.orders o on o.id = c.next_id
);
--> sales.orders => chain
--> chain.id <- sales.orders.id
--> chain.next_id <- sales.orders.customer_id
--> chain <- sales.orders.amount filter, sales.orders.id join, sales.orders.customer_id join

-- ## update

-- # update from before set
update t from sales.orders t, sales.customers c set status = c.email where t.customer_id = c.id;
--> sales.customers => sales.orders
--> sales.orders.status <- sales.customers.email
--> sales.orders <- sales.orders.customer_id filter, sales.customers.id filter

-- # upd
upd sales.orders set status = 'X' where amount lt 0;
--> - => sales.orders
--> sales.orders <- sales.orders.amount filter

-- ## delete

-- # del all
del from sales.orders all;
--> - => sales.orders

-- # delete without from
del sales.orders where amount is null;
--> - => sales.orders
--> sales.orders <- sales.orders.amount filter

-- ## names

-- # names ignore case and keep two parts
SEL O."Id", o.AMOUNT from Sales.Orders o;
--> sales.orders => ()
--> ().Id <- sales.orders.id
--> ().amount <- sales.orders.amount

-- ## other

-- # statistics, help and client commands
.logon prod/me
collect statistics column (id) on sales.orders; help table sales.orders; show table sales.orders; database sales; bt; et; comment on table sales.orders as 'x'; explain sel id from sales.orders;
--> - => ()

-- ## ctes

-- # recursive query with a column list
with recursive chain (id, depth) as (
  select id, 0 from staff where boss_id is null
  union all
  select s.id, c.depth + 1 from staff s, chain c where s.boss_id = c.id
)
select id, depth from chain;
--> staff => ()
--> ().id <- staff.id
--> () <- staff.boss_id filter, staff.id filter

-- ## aggregates

-- # ordinals in GROUP BY and ORDER BY
select dept, max(pay) as top from staff group by 1 having count(*) > 1 order by 2 desc;
--> staff => ()
--> ().dept <- staff.dept
--> ().top <- staff.pay aggregation
--> () <- staff.dept group_by, staff.pay sort

-- ## names

-- # words of the session (no schema)
sel date as d, time as t, user as u, session, o.amount from sales.orders o where o.ordered_at < date;
--> sales.orders => ()
--> ().amount <- sales.orders.amount
--> () <- sales.orders.ordered_at filter

-- ## select

-- # casts to a date, and functions of today
select ordered_at (date) as d, (ordered_at (timestamp(0))) as t, trunc(date) as today from sales.orders;
--> sales.orders => ()
--> ().d <- sales.orders.ordered_at transformation
--> ().t <- sales.orders.ordered_at transformation

-- ## select

-- # normalized periods (no schema)
select normalize on meets or overlaps emp_id, duration from hr.assignments;
--> hr.assignments => ()
--> ().emp_id <- hr.assignments.emp_id
--> ().duration <- hr.assignments.duration

-- ## dynamic sql

-- # dbc.sysexecsql runs its text (no schema)
create procedure etl.refresh (in what varchar(30))
begin
  declare text varchar(1000);
  set text = 'insert into dw.a (x) ' || 'select y from stg.b';
  call dbc.sysexecsql(text);
  call dbc.sysexecsql('delete from ' || :what);
end;
--> stg.b => [dw.a]
--> dw.a.x <- stg.b.y
--> ! dynamic_sql

-- ## windows

-- # reset when, and a cast behind a case (no schema)
select case when a = 1 then b end (decimal(10,2)) as y,
  sum(q) over (partition by p order by r reset when s > 1 rows unbounded preceding) as z from db.t;
--> db.t => ()
--> ().y <- db.t.a condition, db.t.b transformation
--> ().z <- db.t.q aggregation, db.t.p window, db.t.r window, db.t.s window
