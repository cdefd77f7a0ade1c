-- schema STAFF(ID, BOSS_ID, NAME, PAY, DEPT)
-- schema TICKS(SYMBOL, TS, PRICE)
-- schema DOCS(ID, BODY, TAGS, ADDR)

-- ## patterns

-- # hierarchy with every pseudo-column
select level as lvl, prior name as boss, connect_by_root name as head, sys_connect_by_path(name, '/') as path, connect_by_isleaf as leaf
from staff where pay > 1
start with boss_id is null connect by nocycle prior id = boss_id
order siblings by name;
--> STAFF => ()
--> ().BOSS <- STAFF.NAME transformation
--> ().HEAD <- STAFF.NAME transformation
--> ().PATH <- STAFF.NAME transformation
--> () <- STAFF.PAY filter, STAFF.BOSS_ID filter, STAFF.ID filter, STAFF.NAME sort

-- # rows made by connect by
select level as n, sysdate - level as day from dual connect by level <= 10;
--> DUAL => ()

-- # match recognize under an alias
select m.symbol, m.bottom, m.swing from ticks match_recognize (
  partition by symbol order by ts
  measures strt.price as start_price, last(down.price) as bottom, last(up.price) - strt.price as swing
  one row per match
  pattern (strt down+ up+)
  define down as down.price < prev(down.price), up as up.price > prev(up.price)
) m;
--> TICKS => ()
--> ().SYMBOL <- TICKS.SYMBOL
--> ().BOTTOM <- TICKS.PRICE transformation
--> ().SWING <- TICKS.PRICE transformation
--> () <- TICKS.SYMBOL group_by, TICKS.TS sort, TICKS.PRICE filter

-- ## ctes

-- # recursive query with search order
with tree (id, boss_id, depth) as (
  select id, boss_id, 1 from staff where boss_id is null
  union all
  select s.id, s.boss_id, t.depth + 1 from staff s join tree t on s.boss_id = t.id
) search depth first by id set seq
select id, seq from tree order by seq;
--> STAFF => ()
--> ().ID <- STAFF.ID
--> ().SEQ <- STAFF.ID transformation
--> () <- STAFF.BOSS_ID filter, STAFF.BOSS_ID join, STAFF.ID join, STAFF.ID sort

-- ## pivots

-- # pivot names a column by its value and the aggregate's alias
select * from (select dept, name, pay from staff) pivot (sum(pay) as total, count(*) as n for dept in ('A' as a, 'B' as b));
--> STAFF => ()
--> ().NAME <- STAFF.NAME
--> ().A_TOTAL <- STAFF.PAY aggregation, STAFF.DEPT condition
--> ().A_N <- STAFF.DEPT condition
--> ().B_TOTAL <- STAFF.PAY aggregation, STAFF.DEPT condition
--> ().B_N <- STAFF.DEPT condition
--> () <- STAFF.NAME group_by

-- # unpivot of pairs
select id, which, v, w from (select id, pay, dept, name, boss_id from staff)
unpivot include nulls ((v, w) for which in ((pay, dept) as 'x', (name, boss_id) as 'y'));
--> STAFF => ()
--> ().ID <- STAFF.ID
--> ().V <- STAFF.PAY, STAFF.NAME
--> ().W <- STAFF.DEPT, STAFF.BOSS_ID

-- ## table functions

-- # json table with a nested path
select d.id, j.sku, j.note from docs d,
  json_table(d.body, '$.lines[*]' columns (sku varchar2(20) path '$.sku', nested path '$.notes[*]' columns (note varchar2(99) path '$'))) j
where j.sku is not null;
--> DOCS => ()
--> ().ID <- DOCS.ID
--> ().SKU <- DOCS.BODY transformation
--> ().NOTE <- DOCS.BODY transformation
--> () <- DOCS.BODY filter

-- # xml table
select d.id, x.who from docs d, xmltable('/list/item' passing d.body columns who varchar2(20) path '@who') x;
--> DOCS => ()
--> ().ID <- DOCS.ID
--> ().WHO <- DOCS.BODY transformation

-- # collection as a table
select d.id, t.column_value as tag from docs d, table(d.tags) t;
--> DOCS => ()
--> ().ID <- DOCS.ID
--> ().TAG <- DOCS.TAGS transformation

-- ## nested

-- # attribute of an object column
select d.addr.city as city from docs d;
--> DOCS => ()
--> ().CITY <- DOCS.ADDR.CITY

-- ## aggregates

-- # listagg over a window, and keep
select dept, listagg(name, ',') within group (order by pay) over (partition by dept) as names,
  max(name) keep (dense_rank last order by pay) as richest, ratio_to_report(pay) over (partition by dept) as share
from staff;
--> STAFF => ()
--> ().DEPT <- STAFF.DEPT
--> ().NAMES <- STAFF.NAME aggregation, STAFF.PAY window, STAFF.DEPT window
--> ().RICHEST <- STAFF.NAME aggregation, STAFF.PAY window
--> ().SHARE <- STAFF.PAY aggregation, STAFF.DEPT window

-- ## subqueries

-- # rows compared, all and any
select id from staff s
where (dept, pay) in (select d.dept, max(d.pay) from staff d group by d.dept)
  and pay > all (select p.price from ticks p) and boss_id = any (select q.id from docs q where q.id = s.id);
--> STAFF, TICKS, DOCS => ()
--> ().ID <- STAFF.ID
--> () <- STAFF.DEPT filter, STAFF.PAY filter, STAFF.DEPT group_by, TICKS.PRICE filter, STAFF.BOSS_ID filter, DOCS.ID filter, STAFF.ID filter

-- ## names

-- # row numbers without a schema (no schema)
select name, rownum as rn from staff where rownum <= 10;
--> STAFF => ()
--> ().NAME <- STAFF.NAME
