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
