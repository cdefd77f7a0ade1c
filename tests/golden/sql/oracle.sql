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
--> - => ()

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
-- schema PURCHASES(ID, CUSTOMER_ID, AMOUNT, STATUS)
-- schema BUYERS(ID, EMAIL)
-- schema BALANCES(CUSTOMER_ID, TOTAL)

-- ## procedures

-- # anonymous block with a slash
DECLARE
  v_total purchases.amount%TYPE;
  c_rate CONSTANT NUMBER := 1.2;
BEGIN
  SELECT SUM(amount) INTO v_total FROM purchases WHERE status = 'PAID';
  INSERT INTO balances (total) VALUES (v_total * c_rate);
  COMMIT;
END;
/
SELECT email FROM buyers;
--> PURCHASES, BUYERS => BALANCES
--> ().EMAIL <- BUYERS.EMAIL
--> BALANCES.TOTAL <- PURCHASES.AMOUNT aggregation, PURCHASES.STATUS condition

-- # procedure with an explicit cursor
CREATE OR REPLACE PROCEDURE copy_orders (p_min IN NUMBER DEFAULT 0, p_done OUT NUMBER) IS
  CURSOR c (p_low NUMBER) IS
    SELECT customer_id, amount FROM purchases WHERE amount >= p_low;
  r c%ROWTYPE;
  v_count PLS_INTEGER := 0;
BEGIN
  OPEN c (p_min);
  LOOP
    FETCH c INTO r;
    EXIT WHEN c%NOTFOUND;
    INSERT INTO balances (customer_id, total) VALUES (r.customer_id, r.amount);
    v_count := v_count + 1;
  END LOOP;
  CLOSE c;
  p_done := v_count;
EXCEPTION
  WHEN NO_DATA_FOUND OR TOO_MANY_ROWS THEN
    DBMS_OUTPUT.PUT_LINE('none: ' || SQLERRM);
  WHEN OTHERS THEN
    log_pkg.failed(SQLCODE, SQLERRM);
    RAISE;
END copy_orders;
/
--> PURCHASES => [BALANCES]
--> BALANCES.CUSTOMER_ID <- PURCHASES.CUSTOMER_ID, PURCHASES.AMOUNT condition
--> BALANCES.TOTAL <- PURCHASES.AMOUNT, PURCHASES.AMOUNT condition
--> ! unknown_routine

-- # cursor for loops
BEGIN
  FOR r IN (SELECT o.customer_id cid, c.email FROM purchases o JOIN buyers c ON c.id = o.customer_id) LOOP
    UPDATE mails SET address = LOWER(r.email) WHERE customer_id = r.cid;
  END LOOP;
  FOR i IN REVERSE 1..10 LOOP
    INSERT INTO ticks (n) VALUES (i);
  END LOOP;
END;
/
--> PURCHASES, BUYERS => MAILS, TICKS
--> MAILS.ADDRESS <- BUYERS.EMAIL transformation
--> MAILS <- MAILS.CUSTOMER_ID filter, PURCHASES.CUSTOMER_ID filter, BUYERS.ID join, PURCHASES.CUSTOMER_ID join

-- # bulk collect and forall
CREATE PROCEDURE bulk AS
  TYPE t_ids IS TABLE OF purchases.id%TYPE INDEX BY PLS_INTEGER;
  v_ids t_ids;
  v_amounts dbms_sql.number_table;
BEGIN
  SELECT id, amount BULK COLLECT INTO v_ids, v_amounts FROM purchases;
  FORALL i IN 1 .. v_ids.COUNT SAVE EXCEPTIONS
    INSERT INTO archive (order_id, amount) VALUES (v_ids(i), v_amounts(i) * 2);
  FORALL i IN INDICES OF v_ids
    DELETE FROM stale WHERE id = v_ids(i);
END;
/
--> PURCHASES => ARCHIVE, STALE
--> ARCHIVE.ORDER_ID <- PURCHASES.ID
--> ARCHIVE.AMOUNT <- PURCHASES.AMOUNT transformation
--> STALE <- STALE.ID filter, PURCHASES.ID filter

-- # collection of records
DECLARE
  TYPE t_rows IS TABLE OF purchases%ROWTYPE;
  v t_rows;
BEGIN
  SELECT * BULK COLLECT INTO v FROM purchases;
  FOR i IN 1 .. v.COUNT LOOP
    INSERT INTO balances (customer_id, total) VALUES (v(i).customer_id, v(i).amount);
  END LOOP;
END;
/
--> PURCHASES => BALANCES
--> BALANCES.CUSTOMER_ID <- PURCHASES.CUSTOMER_ID
--> BALANCES.TOTAL <- PURCHASES.AMOUNT

-- # record inserted whole
DECLARE
  r balances%ROWTYPE;
BEGIN
  r.customer_id := 5;
  SELECT MAX(amount) INTO r.total FROM purchases;
  INSERT INTO balances VALUES r;
END;
/
--> PURCHASES => BALANCES
--> BALANCES.TOTAL <- PURCHASES.AMOUNT aggregation

-- # returning into
DECLARE
  v_id NUMBER;
BEGIN
  INSERT INTO balances (customer_id, total) SELECT customer_id, amount FROM purchases WHERE id = 1;
  UPDATE balances SET total = 0 WHERE customer_id = 3 RETURNING customer_id INTO v_id;
  INSERT INTO log (c) VALUES (v_id);
END;
/
--> PURCHASES, BALANCES => BALANCES, LOG
--> BALANCES.CUSTOMER_ID <- PURCHASES.CUSTOMER_ID
--> BALANCES.TOTAL <- PURCHASES.AMOUNT
--> LOG.C <- BALANCES.CUSTOMER_ID, BALANCES.CUSTOMER_ID condition
--> BALANCES <- PURCHASES.ID filter, BALANCES.CUSTOMER_ID filter

-- # package body
CREATE OR REPLACE PACKAGE BODY loads AS
  g_factor NUMBER := 3;
  PROCEDURE put (p_customer NUMBER, p_total NUMBER) IS
  BEGIN
    INSERT INTO balances (customer_id, total) VALUES (p_customer, p_total);
  END put;
  FUNCTION top_amount RETURN NUMBER IS
    v NUMBER;
  BEGIN
    SELECT MAX(amount) INTO v FROM purchases;
    RETURN v;
  END;
  PROCEDURE run_all IS
  BEGIN
    FOR r IN (SELECT id FROM buyers) LOOP
      put(r.id, top_amount() * g_factor);
    END LOOP;
  END;
END loads;
/
--> PURCHASES, BUYERS => BALANCES
--> BALANCES.CUSTOMER_ID <- BUYERS.ID
--> BALANCES.TOTAL <- PURCHASES.AMOUNT aggregation

-- # package specification alone
CREATE PACKAGE loads AS
  TYPE t IS RECORD (a NUMBER, b VARCHAR2(10));
  PROCEDURE run_all;
  FUNCTION top_amount RETURN NUMBER;
END loads;
/
SELECT id FROM buyers;
--> BUYERS => ()
--> ().ID <- BUYERS.ID

-- # call into a package
CREATE PACKAGE BODY p AS
  PROCEDURE q (a NUMBER) IS BEGIN INSERT INTO log (c) VALUES (a); END;
END;
/
DECLARE v NUMBER;
BEGIN
  SELECT MAX(id) INTO v FROM purchases;
  p.q(a => v);
END;
/
--> PURCHASES => LOG
--> LOG.C <- PURCHASES.ID aggregation

-- # row trigger
CREATE OR REPLACE TRIGGER orders_audit
AFTER INSERT OR UPDATE OF amount ON purchases
REFERENCING NEW AS n OLD AS o
FOR EACH ROW
WHEN (n.amount > 0)
DECLARE
  v_email VARCHAR2(100);
BEGIN
  SELECT email INTO v_email FROM buyers WHERE id = :n.customer_id;
  INSERT INTO audit_log (order_id, was, email) VALUES (:n.id, :o.amount, v_email);
END;
/
--> BUYERS, PURCHASES => AUDIT_LOG
--> AUDIT_LOG.ORDER_ID <- PURCHASES.ID
--> AUDIT_LOG.WAS <- PURCHASES.AMOUNT
--> AUDIT_LOG.EMAIL <- BUYERS.EMAIL, BUYERS.ID condition, PURCHASES.CUSTOMER_ID condition

-- # trigger that changes its row
CREATE TRIGGER customers_low BEFORE INSERT ON buyers FOR EACH ROW
BEGIN
  :NEW.email := LOWER(:NEW.email);
END;
/
--> - => BUYERS
--> BUYERS.EMAIL <- BUYERS.EMAIL transformation

-- # pipelined function
CREATE FUNCTION spend RETURN spend_tab PIPELINED IS
BEGIN
  FOR r IN (SELECT customer_id, amount FROM purchases) LOOP
    PIPE ROW (r);
  END LOOP;
  RETURN;
END;
/
--> PURCHASES => ()
--> ().CUSTOMER_ID <- PURCHASES.CUSTOMER_ID
--> ().AMOUNT <- PURCHASES.AMOUNT

-- # subprogram inside of a block
DECLARE
  PROCEDURE put (n NUMBER) IS
  BEGIN
    INSERT INTO log (c) VALUES (n);
  END;
BEGIN
  FOR r IN (SELECT id FROM buyers) LOOP
    put(r.id);
  END LOOP;
END;
/
--> BUYERS => LOG
--> LOG.C <- BUYERS.ID

-- # function called in SQL
CREATE FUNCTION rate_of (c NUMBER) RETURN NUMBER IS
  v NUMBER;
BEGIN
  SELECT MAX(amount) INTO v FROM purchases WHERE customer_id = c;
  RETURN v;
END;
/
INSERT INTO balances (customer_id, total) SELECT id, rate_of(id) FROM buyers;
--> PURCHASES, BUYERS => BALANCES
--> BALANCES.CUSTOMER_ID <- BUYERS.ID
--> BALANCES.TOTAL <- PURCHASES.AMOUNT aggregation, PURCHASES.CUSTOMER_ID condition, BUYERS.ID condition

-- # alternative quoting and a label
<<main>>
DECLARE
  v VARCHAR2(100) := q'[it's; here]';
BEGIN
  <<inner>>
  FOR i IN 1 .. 2 LOOP
    CONTINUE inner WHEN i = 1;
    INSERT INTO log (c) SELECT id FROM buyers;
  END LOOP inner;
END main;
/
--> BUYERS => LOG
--> LOG.C <- BUYERS.ID

-- ## dynamic sql

-- # execute immediate with into and using
DECLARE
  v_sum NUMBER;
  v_id NUMBER;
BEGIN
  SELECT MAX(id) INTO v_id FROM buyers;
  EXECUTE IMMEDIATE 'SELECT SUM(amount) FROM purchases WHERE customer_id = :1' INTO v_sum USING v_id;
  EXECUTE IMMEDIATE 'INSERT INTO balances (total) VALUES (:t)' USING IN v_sum;
END;
/
--> BUYERS, PURCHASES => BALANCES
--> BALANCES.TOTAL <- PURCHASES.AMOUNT aggregation, PURCHASES.CUSTOMER_ID condition, BUYERS.ID condition

-- # execute immediate of a joined text
CREATE PROCEDURE refresh IS
  v_sql VARCHAR2(4000);
BEGIN
  v_sql := 'INSERT INTO balances (customer_id, total) ';
  v_sql := v_sql || 'SELECT customer_id, amount' || CHR(10) || 'FROM purchases';
  EXECUTE IMMEDIATE v_sql;
  EXECUTE IMMEDIATE 'TRUNCATE TABLE ' || DBMS_ASSERT.SIMPLE_SQL_NAME('stage_a');
END;
/
--> PURCHASES => BALANCES, STAGE_A
--> BALANCES.CUSTOMER_ID <- PURCHASES.CUSTOMER_ID
--> BALANCES.TOTAL <- PURCHASES.AMOUNT

-- # ref cursor for a text
DECLARE
  rc SYS_REFCURSOR;
  v VARCHAR2(100);
BEGIN
  OPEN rc FOR 'SELECT email FROM buyers WHERE id = :x' USING 3;
  FETCH rc INTO v;
  INSERT INTO log (c) VALUES (v);
END;
/
--> BUYERS => LOG
--> LOG.C <- BUYERS.EMAIL, BUYERS.ID condition

-- # DBMS_SQL is not followed
DECLARE
  c INTEGER := DBMS_SQL.OPEN_CURSOR;
BEGIN
  DBMS_SQL.PARSE(c, some_text(), DBMS_SQL.NATIVE);
  INSERT INTO log (c) SELECT id FROM buyers;
END;
/
--> BUYERS => [LOG]
--> LOG.C <- BUYERS.ID
--> ! dynamic_sql

-- ## aggregates

-- # names put together through XML (no schema)
select dept, rtrim(xmlagg(xmlelement(e, name || ',') order by pay).extract('//text()').getclobval(), ',') as names
from staff group by dept;
--> STAFF => ()
--> ().DEPT <- STAFF.DEPT
--> ().NAMES <- STAFF.PAY window, STAFF.NAME aggregation
--> () <- STAFF.DEPT group_by

-- ## select

-- # decode
select decode(dept, 'A', pay, 'B', boss_id, id) as x, nvl2(boss_id, name, dept) as y from staff;
--> STAFF => ()
--> ().X <- STAFF.DEPT condition, STAFF.PAY transformation, STAFF.BOSS_ID transformation, STAFF.ID transformation
--> ().Y <- STAFF.BOSS_ID condition, STAFF.NAME transformation, STAFF.DEPT transformation

-- ## subqueries

-- # collection made by a subquery
select s.id, cast(multiset(select t.price from ticks t where t.symbol = s.name) as price_list) as prices from staff s;
--> STAFF, TICKS => ()
--> ().ID <- STAFF.ID
--> ().PRICES <- TICKS.PRICE transformation, TICKS.SYMBOL condition, STAFF.NAME condition
-- schema W.SRC(ID, GRP, AMOUNT, STATE, AT)
-- schema W.DST(ID, GRP, TOTAL)
-- ## insert

-- # insert all with conditions
insert all
  when amount > 100 then into w.big (id, total) values (id, amount * 2)
  when state = 'x' then into w.dst
  else into w.rest (id) values (id)
select id, grp, amount, state from w.src;
--> W.SRC => W.BIG, [W.DST], W.REST
--> W.BIG.ID <- W.SRC.ID
--> W.BIG.TOTAL <- W.SRC.AMOUNT transformation
--> W.DST.ID <- W.SRC.ID
--> W.DST.GRP <- W.SRC.GRP
--> W.DST.AMOUNT <- W.SRC.AMOUNT
--> W.DST.STATE <- W.SRC.STATE
--> W.REST.ID <- W.SRC.ID
--> W.BIG <- W.SRC.AMOUNT filter
--> W.DST <- W.SRC.STATE filter
--> W.REST <- W.SRC.AMOUNT filter, W.SRC.STATE filter

-- # through an inline view
insert into (select id, total from w.dst where grp = 3 with check option) select id, amount from w.src;
--> W.SRC => W.DST
--> W.DST.ID <- W.SRC.ID
--> W.DST.TOTAL <- W.SRC.AMOUNT

-- ## create

-- # storage options before the query
create table w.made tablespace users nologging parallel 4 compress as select id, amount from w.src;
--> W.SRC => W.MADE
--> W.MADE.ID <- W.SRC.ID
--> W.MADE.AMOUNT <- W.SRC.AMOUNT

-- # materialized view on a schedule
create materialized view w.m build deferred refresh fast start with sysdate next sysdate + 1 as select grp, sum(amount) as total from w.src group by grp;
--> W.SRC => W.M
--> W.M.GRP <- W.SRC.GRP
--> W.M.TOTAL <- W.SRC.AMOUNT aggregation
--> W.M <- W.SRC.GRP group_by

-- # editionable view with columns
create or replace force editionable view w.v (k, v) as select id, amount from w.src with read only;
--> W.SRC => W.V
--> W.V.K <- W.SRC.ID
--> W.V.V <- W.SRC.AMOUNT

-- ## update

-- # updatable inline view
update (select d.total as old_total, s.amount as new_total from w.dst d join w.src s on s.id = d.id where s.state = 'x') set old_total = new_total;
--> W.SRC => W.DST
--> W.DST.TOTAL <- W.SRC.AMOUNT
--> W.DST <- W.SRC.ID join, W.DST.ID join, W.SRC.STATE filter

-- # tuple from a correlated subquery
update w.dst d set (grp, total) = (select s.grp, sum(s.amount) from w.src s where s.id = d.id group by s.grp) where exists (select 1 from w.src x where x.id = d.id);
--> W.SRC => W.DST
--> W.DST.GRP <- W.SRC.GRP, W.SRC.ID condition, W.DST.ID condition, W.SRC.GRP condition
--> W.DST.TOTAL <- W.SRC.AMOUNT aggregation, W.SRC.ID condition, W.DST.ID condition, W.SRC.GRP condition
--> W.DST <- W.SRC.ID filter, W.DST.ID filter

-- schema SALES.ORDERS(ID, CUSTOMER_ID, AMOUNT, STATUS, ORDERED_AT)
-- schema SALES.CUSTOMERS(ID, EMAIL, REGION_ID)
-- schema SALES.REGIONS(ID, NAME)

-- ## select

-- # dual names no table
select sysdate as today, 1 + 1 as two from dual;
--> - => ()

-- # quoting with q
select id, q'[it's]' as quote, nq'{a}' as wide from sales.orders where status = q'<x>';
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> () <- SALES.ORDERS.STATUS filter

-- # hints are comments
select /*+ parallel(o, 8) full(o) */ o.id, nvl(o.amount, 0) as amount from sales.orders o;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> ().AMOUNT <- SALES.ORDERS.AMOUNT transformation

-- # decode and nvl2
select decode(status, 'P', amount, 0) as paid, nvl2(customer_id, amount, id) as x from sales.orders;
--> SALES.ORDERS => ()
--> ().PAID <- SALES.ORDERS.STATUS condition, SALES.ORDERS.AMOUNT transformation
--> ().X <- SALES.ORDERS.CUSTOMER_ID condition, SALES.ORDERS.AMOUNT transformation, SALES.ORDERS.ID transformation

-- # rownum limits rows
select id from (select id, amount from sales.orders order by amount desc) where rownum <= 10;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> () <- SALES.ORDERS.AMOUNT sort

-- # flashback query
select id from sales.orders as of timestamp systimestamp - interval '1' hour where amount > 5;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> () <- SALES.ORDERS.AMOUNT filter

-- # versions query
select id, amount from sales.orders versions between scn minvalue and maxvalue;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> ().AMOUNT <- SALES.ORDERS.AMOUNT

-- # partition by its key
select id from sales.orders partition for (date '2024-01-01') o where o.amount > 0;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> () <- SALES.ORDERS.AMOUNT filter

-- # power is written with two stars
select amount ** 2 as squared from sales.orders;
--> SALES.ORDERS => ()
--> ().SQUARED <- SALES.ORDERS.AMOUNT transformation

-- # having before group by
select customer_id, sum(amount) as total from sales.orders having sum(amount) > 10 group by customer_id;
--> SALES.ORDERS => ()
--> ().CUSTOMER_ID <- SALES.ORDERS.CUSTOMER_ID
--> ().TOTAL <- SALES.ORDERS.AMOUNT aggregation
--> () <- SALES.ORDERS.AMOUNT filter, SALES.ORDERS.CUSTOMER_ID group_by

-- ## joins

-- # outer join by plus signs
select o.id, c.email from sales.orders o, sales.customers c where o.customer_id = c.id (+) and c.region_id (+) = 3;
--> SALES.ORDERS, SALES.CUSTOMERS => ()
--> ().ID <- SALES.ORDERS.ID
--> ().EMAIL <- SALES.CUSTOMERS.EMAIL
--> () <- SALES.ORDERS.CUSTOMER_ID filter, SALES.CUSTOMERS.ID filter, SALES.CUSTOMERS.REGION_ID filter

-- # partitioned outer join
select o.id, c.email from sales.orders o partition by (o.status) right outer join sales.customers c on c.id = o.customer_id;
--> SALES.ORDERS, SALES.CUSTOMERS => ()
--> ().ID <- SALES.ORDERS.ID
--> ().EMAIL <- SALES.CUSTOMERS.EMAIL
--> () <- SALES.CUSTOMERS.ID join, SALES.ORDERS.CUSTOMER_ID join

-- # three tables in the old style
select r.name, sum(o.amount) as total
from sales.orders o, sales.customers c, sales.regions r
where o.customer_id = c.id and c.region_id = r.id
group by r.name;
--> SALES.ORDERS, SALES.CUSTOMERS, SALES.REGIONS => ()
--> ().NAME <- SALES.REGIONS.NAME
--> ().TOTAL <- SALES.ORDERS.AMOUNT aggregation
--> () <- SALES.ORDERS.CUSTOMER_ID filter, SALES.CUSTOMERS.ID filter, SALES.CUSTOMERS.REGION_ID filter, SALES.REGIONS.ID filter, SALES.REGIONS.NAME group_by

-- ## set operations

-- # minus
select id from sales.customers minus select customer_id from sales.orders;
--> SALES.CUSTOMERS, SALES.ORDERS => ()
--> ().ID <- SALES.CUSTOMERS.ID
--> () <- SALES.ORDERS.CUSTOMER_ID filter

-- ## aggregates

-- # keep dense rank
select customer_id, max(amount) keep (dense_rank last order by ordered_at) as latest from sales.orders group by customer_id;
--> SALES.ORDERS => ()
--> ().CUSTOMER_ID <- SALES.ORDERS.CUSTOMER_ID
--> ().LATEST <- SALES.ORDERS.AMOUNT aggregation, SALES.ORDERS.ORDERED_AT window
--> () <- SALES.ORDERS.CUSTOMER_ID group_by

-- ## ctes

-- # recursive without the word
with up (id, name) as (
    select id, name from sales.regions where id = 1
    union all
    select r.id, r.name from sales.regions r join up on up.id = r.id
)
select name from up;
--> SALES.REGIONS => ()
--> ().NAME <- SALES.REGIONS.NAME
--> () <- SALES.REGIONS.ID filter, SALES.REGIONS.ID join

-- ## create

-- # view with force and read only
create or replace force editionable view sales.paid (order_id, total) as
select id, amount from sales.orders where status = 'P' with read only;
--> SALES.ORDERS => SALES.PAID
--> SALES.PAID.ORDER_ID <- SALES.ORDERS.ID
--> SALES.PAID.TOTAL <- SALES.ORDERS.AMOUNT
--> SALES.PAID <- SALES.ORDERS.STATUS filter

-- # materialized view with all its clauses
create materialized view sales.totals
tablespace users build immediate refresh complete on demand start with sysdate next sysdate + 1 enable query rewrite
as select customer_id, sum(amount) as total from sales.orders group by customer_id;
--> SALES.ORDERS => SALES.TOTALS
--> SALES.TOTALS.CUSTOMER_ID <- SALES.ORDERS.CUSTOMER_ID
--> SALES.TOTALS.TOTAL <- SALES.ORDERS.AMOUNT aggregation
--> SALES.TOTALS <- SALES.ORDERS.CUSTOMER_ID group_by

-- # table with storage options
create table sales.archive parallel 4 nologging compress for query high as select id, amount from sales.orders;
--> SALES.ORDERS => SALES.ARCHIVE
--> SALES.ARCHIVE.ID <- SALES.ORDERS.ID
--> SALES.ARCHIVE.AMOUNT <- SALES.ORDERS.AMOUNT

-- ## delete

-- # delete without from
delete w.dst d where d.total < (select avg(total) from w.dst);
--> W.DST => W.DST
--> W.DST <- W.DST.TOTAL filter

-- # delete through a view
delete from (select * from w.dst where grp = 3);
--> - => W.DST
--> W.DST <- W.DST.GRP filter

-- ## merge

-- # conditions on each branch
merge into w.dst d using (select id, grp, amount, state from w.src) s on (s.id = d.id)
when matched then update set d.total = s.amount where s.amount > 0 delete where d.total = 0
when not matched then insert (d.id, d.grp) values (s.id, s.grp) where s.state = 'x';
--> W.SRC => W.DST
--> W.DST.TOTAL <- W.SRC.AMOUNT
--> W.DST.ID <- W.SRC.ID
--> W.DST.GRP <- W.SRC.GRP
--> W.DST <- W.SRC.ID join, W.DST.ID join, W.SRC.AMOUNT filter, W.DST.TOTAL filter, W.SRC.STATE filter

-- ## scripts

-- # current schema
alter session set current_schema = w; insert into dst (id) select id from src;
--> W.SRC => W.DST
--> W.DST.ID <- W.SRC.ID

-- # public synonym
create or replace public synonym orders_in for w.src; insert into w.dst (id, total) select id, amount from orders_in;
--> W.SRC => W.DST
--> W.DST.ID <- W.SRC.ID
--> W.DST.TOTAL <- W.SRC.AMOUNT

-- # global temporary table
create global temporary table w.t on commit preserve rows as select id, amount from w.src; insert into w.dst (id, total) select id, amount from w.t;
--> W.SRC => W.DST
--> W.DST.ID <- W.SRC.ID
--> W.DST.TOTAL <- W.SRC.AMOUNT

-- # exchanged partition
alter table w.dst exchange partition p1 with table w.stage including indexes without validation;
--> W.STAGE, W.DST => [W.DST], [W.STAGE]
--> W.DST.* <- W.STAGE.*
--> W.STAGE.ID <- W.DST.ID
--> W.STAGE.GRP <- W.DST.GRP
--> W.STAGE.TOTAL <- W.DST.TOTAL

-- ## insert

-- # numbers of a sequence
insert into w.dst (id, total) values (w.numbers.nextval, (select max(amount) from w.src));
--> W.SRC => W.DST
--> W.DST.TOTAL <- W.SRC.AMOUNT aggregation
-- ## procedures

-- # compound trigger
CREATE OR REPLACE TRIGGER watch FOR UPDATE OF amount ON purchases COMPOUND TRIGGER
  v_count PLS_INTEGER := 0;
  BEFORE STATEMENT IS
  BEGIN
    v_count := 0;
  END BEFORE STATEMENT;
  AFTER EACH ROW IS
  BEGIN
    v_count := v_count + 1;
    INSERT INTO amounts_log (id, was, now) VALUES (:new.id, :old.amount, :new.amount);
  END AFTER EACH ROW;
END watch;
/
SELECT email FROM buyers;
--> PURCHASES, BUYERS => AMOUNTS_LOG
--> ().EMAIL <- BUYERS.EMAIL
--> AMOUNTS_LOG.ID <- PURCHASES.ID
--> AMOUNTS_LOG.WAS <- PURCHASES.AMOUNT
--> AMOUNTS_LOG.NOW <- PURCHASES.AMOUNT

-- # bare call of what nobody defines
BEGIN
  DBMS_STATS.GATHER_TABLE_STATS('HR', 'BUYERS');
  other_package.go(1);
END;
/
--> - => ()
--> ! unknown_routine

-- # merge in a procedure with a row count
CREATE OR REPLACE PROCEDURE sync_balances IS
  v_rows NUMBER;
BEGIN
  MERGE INTO balances b
  USING (SELECT customer_id, SUM(amount) AS s FROM purchases GROUP BY customer_id) p
  ON (b.customer_id = p.customer_id)
  WHEN MATCHED THEN UPDATE SET b.total = p.s
  WHEN NOT MATCHED THEN INSERT (customer_id, total) VALUES (p.customer_id, p.s);
  v_rows := SQL%ROWCOUNT;
  DBMS_OUTPUT.PUT_LINE(v_rows);
  COMMIT;
END;
/
--> PURCHASES => BALANCES
--> BALANCES.TOTAL <- PURCHASES.AMOUNT aggregation
--> BALANCES.CUSTOMER_ID <- PURCHASES.CUSTOMER_ID
--> BALANCES <- PURCHASES.CUSTOMER_ID group_by, BALANCES.CUSTOMER_ID join, PURCHASES.CUSTOMER_ID join
delete sales.orders where customer_id in (select id from sales.customers where email is null);
--> SALES.CUSTOMERS => SALES.ORDERS
--> SALES.ORDERS <- SALES.ORDERS.CUSTOMER_ID filter, SALES.CUSTOMERS.ID filter, SALES.CUSTOMERS.EMAIL filter

-- ## insert

-- # insert with an error log
insert /*+ append */ into sales.archive (id, amount) select id, amount from sales.orders
log errors into sales.err ('load') reject limit unlimited;
--> SALES.ORDERS => SALES.ARCHIVE
--> SALES.ARCHIVE.ID <- SALES.ORDERS.ID
--> SALES.ARCHIVE.AMOUNT <- SALES.ORDERS.AMOUNT

-- ## names


-- # table behind a database link (no schema)
select o.id, c.email from sales.orders o join sales.customers@crm.example.com c on c.id = o.customer_id;
--> SALES.ORDERS, SALES.CUSTOMERS@CRM.EXAMPLE.COM => ()
--> ().ID <- SALES.ORDERS.ID
--> ().EMAIL <- SALES.CUSTOMERS@CRM.EXAMPLE.COM.EMAIL
--> () <- SALES.CUSTOMERS@CRM.EXAMPLE.COM.ID join, SALES.ORDERS.CUSTOMER_ID join

-- # column qualified by schema and table
select sales.orders.id, orders.amount from sales.orders;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> ().AMOUNT <- SALES.ORDERS.AMOUNT

-- ## other

-- # optimiser statistics move nothing
begin dbms_stats.gather_table_stats('SALES', 'ORDERS'); end;
--> - => ()

-- # administration names no table
explain plan for select id from sales.orders; comment on table sales.orders is 'x'; grant select on sales.orders to bi; lock table sales.orders in exclusive mode; purge recyclebin; create index i on sales.orders (id) local; create materialized view log on sales.orders with rowid;
--> - => ()

-- ## procedures

-- # update of a cursor's current row
DECLARE
  CURSOR c IS SELECT id, amount FROM purchases WHERE status = 'OPEN' FOR UPDATE OF amount;
BEGIN
  FOR r IN c LOOP
    UPDATE purchases SET amount = r.amount * 2 WHERE CURRENT OF c;
  END LOOP;
END;
/
--> PURCHASES => PURCHASES
--> PURCHASES.AMOUNT <- PURCHASES.AMOUNT transformation
--> PURCHASES <- PURCHASES.STATUS filter

-- ## patterns

-- # hierarchy written to a table
insert into tree (id, root_id, path, depth, leaf)
select id, connect_by_root id, sys_connect_by_path(name, '/'), level, connect_by_isleaf
from staff start with boss_id is null connect by prior id = boss_id;
--> STAFF => TREE
--> TREE.ID <- STAFF.ID
--> TREE.ROOT_ID <- STAFF.ID transformation
--> TREE.PATH <- STAFF.NAME transformation
--> TREE <- STAFF.BOSS_ID filter, STAFF.ID filter

-- # hierarchy over a join
select s.name, d.body, level as depth from staff s join docs d on d.id = s.id
start with s.boss_id is null connect by prior s.id = s.boss_id;
--> STAFF, DOCS => ()
--> ().NAME <- STAFF.NAME
--> ().BODY <- DOCS.BODY
--> () <- DOCS.ID join, STAFF.ID join, STAFF.BOSS_ID filter, STAFF.ID filter

-- ## names

-- # pseudo columns and sequences (no schema)
select rownum as n, o.rowid as r, ora_rowscn, order_ids.nextval as id, level, o.amount, user from orders o where rownum < 10 and sysdate > o.ordered_at;
--> ORDERS => ()
--> ().AMOUNT <- ORDERS.AMOUNT
--> () <- ORDERS.ORDERED_AT filter

-- ## windows

-- # statistics and bits
select corr_s(pay, id) as c, bit_and_agg(id) as b, first_value(name) ignore nulls over (partition by dept order by pay) as f from staff;
--> STAFF => ()
--> ().C <- STAFF.PAY aggregation, STAFF.ID aggregation
--> ().B <- STAFF.ID aggregation
--> ().F <- STAFF.NAME transformation, STAFF.DEPT window, STAFF.PAY window
-- ## other

-- # repaired: a doubled AND (no schema)
insert into a (x) select b.x from b where b.k < 10 and and b.y = 3;
--> B => [A]
--> A.X <- B.X
--> A <- B.K filter, B.Y filter
--> ! repaired
-- ## select

-- # methods of an object column and functions of a package (no schema)
select t.doc.extract('/a').getstringval() as s, pkg.score(t.amount) as score, app.pkg.rate(id) as rate from sales.docs t;
--> SALES.DOCS => ()
--> ().S <- SALES.DOCS.DOC transformation
--> ().SCORE <- SALES.DOCS.AMOUNT transformation
--> ().RATE <- SALES.DOCS.ID transformation

-- # substitution variables of the client
select id, &run as run from sales.orders where amount > &&least;
--> SALES.ORDERS => ()
--> ().ID <- SALES.ORDERS.ID
--> () <- SALES.ORDERS.AMOUNT filter

-- ## scripts

-- # lines that SQL*Plus obeys, with and without semicolons (no schema)
SET SERVEROUTPUT ON SIZE 1000000
SET DEFINE OFF;
WHENEVER SQLERROR EXIT SQL.SQLCODE
SPOOL load.log
DECLARE
  v NUMBER;
BEGIN
  SELECT MAX(a) INTO v FROM s;
  INSERT INTO t (x) VALUES (v);
END;
/
SHOW ERRORS
@other.sql
PROMPT the second table
INSERT INTO u (y) SELECT z FROM w;
SET TRANSACTION READ WRITE;
EXIT
--> S, W => T, U
--> T.X <- S.A aggregation
--> U.Y <- W.Z

-- ## delete

-- # from a query, without FROM (no schema)
delete (select * from t where a = 1);
--> - => T
--> T <- T.A filter
