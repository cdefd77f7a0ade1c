-- schema shop.orders(id, customer_id, amount, status)
-- schema shop.customers(id, email)

-- ## select

-- # if function
select if(amount > 0, id, customer_id) as x from shop.orders;
--> shop.orders => ()
--> ().x <- shop.orders.amount condition, shop.orders.id transformation, shop.orders.customer_id transformation

-- # hash comment and user variable
select id from shop.orders # a comment
where amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- ## aggregates

-- # group concat
select group_concat(email order by id separator ',') as emails from shop.customers;
--> shop.customers => ()
--> ().emails <- shop.customers.email aggregation, shop.customers.id window

-- ## insert

-- # on duplicate key
insert into shop.totals (id, total) select id, amount from shop.orders on duplicate key update total = values(total);
--> shop.orders => shop.totals
--> shop.totals.id <- shop.orders.id
--> shop.totals.total <- shop.orders.amount

-- # replace into
replace into shop.totals (id, total) select id, amount from shop.orders;
--> shop.orders => shop.totals
--> shop.totals.id <- shop.orders.id
--> shop.totals.total <- shop.orders.amount

-- ## create

-- # create table as
create table shop.big as select id, amount from shop.orders;
--> shop.orders => shop.big
--> shop.big.id <- shop.orders.id
--> shop.big.amount <- shop.orders.amount

-- ## update

-- # update with a join
update shop.orders o join shop.customers c on c.id = o.customer_id set o.status = c.email where c.id > 3;
--> shop.customers => shop.orders
--> shop.orders.status <- shop.customers.email
--> shop.orders <- shop.customers.id join, shop.orders.customer_id join, shop.customers.id filter

-- ## delete

-- # delete with a join
delete o from shop.orders o join shop.customers c on c.id = o.customer_id where c.email is null;
--> shop.customers => shop.orders
--> shop.orders <- shop.customers.id join, shop.orders.customer_id join, shop.customers.email filter

-- ## scripts

-- # use
use shop; select id, email from customers;
--> shop.customers => ()
--> ().id <- shop.customers.id
--> ().email <- shop.customers.email

-- ## names

-- # backquoted identifiers
select `o`.`id` from `shop`.`orders` as `o`;
--> shop.orders => ()
--> ().id <- shop.orders.id

-- ## table functions

-- # json table
select o.id, j.sku, j.n from carts o,
  json_table(o.doc, '$.lines[*]' columns (n for ordinality, sku varchar(20) path '$.sku', nested path '$.tags[*]' columns (tag varchar(9) path '$'))) as j
where j.tag <> '';
--> carts => ()
--> ().id <- carts.id
--> ().sku <- carts.doc transformation
--> ().n <- carts.doc transformation
--> () <- carts.doc filter

-- ## nested

-- # JSON operators
select doc->'$.a' as a, doc->>'$.b.c' as c, json_extract(doc, '$.d') as d from carts;
--> carts => ()
--> ().a <- carts.doc transformation
--> ().c <- carts.doc transformation
--> ().d <- carts.doc transformation

-- ## aggregates

-- # concatenation, JSON aggregates and rollup
select k, group_concat(distinct name order by rank_ separator ';') as names, json_arrayagg(name) as arr, json_objectagg(name, rank_) as obj
from words group by k with rollup;
--> words => ()
--> ().k <- words.k
--> ().names <- words.name aggregation, words.rank_ window
--> ().arr <- words.name aggregation
--> ().obj <- words.name aggregation, words.rank_ aggregation
--> () <- words.k group_by
-- ## procedures

-- # procedure between delimiter lines
DELIMITER $$
CREATE DEFINER=`root`@`localhost` PROCEDURE shop.load_totals()
    MODIFIES SQL DATA
    COMMENT 'nightly; see wiki'
BEGIN
    INSERT INTO shop.totals (customer_id, total)
    SELECT customer_id, SUM(amount) FROM shop.orders GROUP BY customer_id;
END$$
DELIMITER ;
--> shop.orders => shop.totals
--> shop.totals.customer_id <- shop.orders.customer_id
--> shop.totals.total <- shop.orders.amount aggregation
--> shop.totals <- shop.orders.customer_id group_by

-- # delimiter that also stands in strings
DELIMITER //
CREATE PROCEDURE a() BEGIN INSERT INTO shop.log (url) SELECT CONCAT('http://', email) FROM shop.customers; END//
CREATE PROCEDURE b() SELECT 'x;y' AS v, id FROM shop.orders//
DELIMITER ;
--> shop.customers, shop.orders => shop.log
--> shop.log.url <- shop.customers.email transformation
--> ().id <- shop.orders.id

-- # local variables and select into
CREATE PROCEDURE p(IN p_customer INT)
BEGIN
  DECLARE v_total, v_max DECIMAL(10, 2) DEFAULT 0;
  SELECT SUM(amount), MAX(amount) INTO v_total, v_max FROM shop.orders WHERE customer_id = p_customer;
  UPDATE shop.totals SET total = v_total, top = v_max WHERE customer_id = p_customer;
END;
--> shop.orders => shop.totals
--> shop.totals.total <- shop.orders.amount aggregation, shop.orders.customer_id condition
--> shop.totals.top <- shop.orders.amount aggregation, shop.orders.customer_id condition
--> shop.totals <- shop.totals.customer_id filter

-- # into at the end of the query
CREATE PROCEDURE p()
BEGIN
  DECLARE e VARCHAR(100);
  SELECT email FROM shop.customers WHERE id = 1 INTO e;
  INSERT INTO shop.log (who) VALUES (e);
END;
--> shop.customers => shop.log
--> shop.log.who <- shop.customers.email, shop.customers.id condition

-- # a local variable hides a column of its name
CREATE PROCEDURE p()
BEGIN
  DECLARE amount INT;
  SET amount = 3;
  INSERT INTO shop.log (v) SELECT amount FROM shop.orders;
END;
--> shop.orders => shop.log

-- # cursor with a handler in a loop
CREATE PROCEDURE copy_orders()
BEGIN
  DECLARE done INT DEFAULT FALSE;
  DECLARE v_id, v_customer INT;
  DECLARE v_amount DECIMAL(10,2);
  DECLARE cur CURSOR FOR SELECT id, customer_id, amount FROM shop.orders WHERE status = 'open';
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
  OPEN cur;
  read_loop: LOOP
    FETCH cur INTO v_id, v_customer, v_amount;
    IF done THEN
      LEAVE read_loop;
    END IF;
    INSERT INTO shop.archive (order_id, amount) VALUES (v_id, v_amount * 100);
  END LOOP;
  CLOSE cur;
END;
--> shop.orders => shop.archive
--> shop.archive.order_id <- shop.orders.id, shop.orders.status condition
--> shop.archive.amount <- shop.orders.amount transformation, shop.orders.status condition

-- # handler with a block
CREATE PROCEDURE p()
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION, SQLSTATE '23000'
  BEGIN
    ROLLBACK;
    INSERT INTO shop.errors (n) SELECT COUNT(id) FROM shop.orders;
  END;
  START TRANSACTION;
  INSERT INTO shop.log (who) SELECT email FROM shop.customers;
  COMMIT;
END;
--> shop.orders, shop.customers => shop.errors, shop.log
--> shop.errors.n <- shop.orders.id aggregation
--> shop.log.who <- shop.customers.email

-- # if, case, while and repeat
CREATE PROCEDURE branches(IN mode INT)
BEGIN
  DECLARE i INT DEFAULT 0;
  IF mode = 1 THEN
    INSERT INTO shop.a (x) SELECT id FROM shop.orders;
  ELSEIF EXISTS (SELECT 1 FROM shop.flags) THEN
    INSERT INTO shop.b (x) SELECT id FROM shop.customers;
  ELSE
    IF mode = 3 THEN DELETE FROM shop.c; END IF;
  END IF;
  CASE mode WHEN 1 THEN INSERT INTO shop.d (x) SELECT amount FROM shop.orders; ELSE BEGIN END; END CASE;
  WHILE i < 3 DO
    SET i = i + 1;
    INSERT INTO shop.e (x) VALUES (i);
  END WHILE;
  REPEAT
    INSERT INTO shop.f (x) SELECT IF(amount > 1, id, 0) FROM shop.orders;
  UNTIL (SELECT COUNT(*) FROM shop.limits) > 1 END REPEAT;
END;
--> shop.orders, shop.flags, shop.customers, shop.limits => shop.a, shop.b, shop.c, shop.d, shop.e, shop.f
--> shop.a.x <- shop.orders.id
--> shop.b.x <- shop.customers.id
--> shop.d.x <- shop.orders.amount
--> shop.f.x <- shop.orders.amount condition, shop.orders.id transformation

-- # function of one statement
CREATE FUNCTION with_tax(p DECIMAL(10,2)) RETURNS DECIMAL(10,2) CHARACTER SET utf8mb4 DETERMINISTIC RETURN p * 1.2;
SELECT with_tax(amount) AS gross FROM shop.orders;
--> shop.orders => ()
--> ().gross <- shop.orders.amount transformation

-- # function that reads a table
CREATE FUNCTION top_of(c INT) RETURNS DECIMAL(10,2) READS SQL DATA
BEGIN
  DECLARE m DECIMAL(10,2);
  SELECT MAX(amount) INTO m FROM shop.orders WHERE customer_id = c;
  RETURN m;
END;
INSERT INTO shop.totals (customer_id, total) SELECT id, top_of(id) FROM shop.customers;
--> shop.orders, shop.customers => shop.totals
--> shop.totals.customer_id <- shop.customers.id
--> shop.totals.total <- shop.orders.amount aggregation, shop.orders.customer_id condition, shop.customers.id condition

-- # trigger that writes elsewhere
CREATE TRIGGER after_order AFTER UPDATE ON shop.orders FOR EACH ROW
BEGIN
  IF NEW.amount <> OLD.amount THEN
    INSERT INTO shop.audit (order_id, was, now) VALUES (NEW.id, OLD.amount, NEW.amount);
  END IF;
END;
--> shop.orders => shop.audit
--> shop.audit.order_id <- shop.orders.id
--> shop.audit.was <- shop.orders.amount
--> shop.audit.now <- shop.orders.amount

-- # trigger of one statement
CREATE TRIGGER t AFTER INSERT ON shop.orders FOR EACH ROW UPDATE shop.totals SET total = total + NEW.amount WHERE customer_id = NEW.customer_id;
--> shop.orders => shop.totals
--> shop.totals.total <- shop.totals.total transformation, shop.orders.amount transformation
--> shop.totals <- shop.totals.customer_id filter, shop.orders.customer_id filter

-- # trigger that changes its row
CREATE TRIGGER t BEFORE INSERT ON shop.customers FOR EACH ROW SET NEW.email = LOWER(NEW.email);
--> - => shop.customers
--> shop.customers.email <- shop.customers.email transformation

-- # event
CREATE EVENT IF NOT EXISTS roll ON SCHEDULE EVERY 1 DAY STARTS '2024-01-01 00:00:00' ON COMPLETION PRESERVE DO
BEGIN
  INSERT INTO shop.history (id, amount) SELECT id, amount FROM shop.orders;
  DELETE FROM shop.orders WHERE status = 'done';
END;
--> shop.orders => shop.history, shop.orders
--> shop.history.id <- shop.orders.id
--> shop.history.amount <- shop.orders.amount
--> shop.orders <- shop.orders.status filter

-- # call with an output parameter and a user variable
CREATE PROCEDURE newest(OUT p_id INT) BEGIN SELECT MAX(id) INTO p_id FROM shop.orders; END;
CALL newest(@n);
INSERT INTO shop.log (v) VALUES (@n);
--> shop.orders => shop.log
--> shop.log.v <- shop.orders.id aggregation

-- # call between procedures with arguments
CREATE PROCEDURE put(IN a INT, IN b INT) INSERT INTO shop.pairs (x, y) VALUES (a, b);
CREATE PROCEDURE run_all()
BEGIN
  DECLARE m INT;
  SET m = (SELECT MAX(id) FROM shop.customers);
  CALL put(m, m + 1);
END;
CALL run_all();
--> shop.customers => shop.pairs
--> shop.pairs.x <- shop.customers.id aggregation
--> shop.pairs.y <- shop.customers.id aggregation

-- ## scripts

-- # user variables carry lineage
SET @top = (SELECT MAX(amount) FROM shop.orders), @name = 'x';
INSERT INTO shop.log (v, n) VALUES (@top, @name);
--> shop.orders => shop.log
--> shop.log.v <- shop.orders.amount aggregation

-- # select into a user variable
SELECT id, email INTO @i, @e FROM shop.customers LIMIT 1;
UPDATE shop.log SET who = @e;
--> shop.customers => shop.log
--> shop.log.who <- shop.customers.email

-- ## dynamic sql

-- # prepared statement of a joined text
SET @t = 'shop.log';
SET @q = CONCAT('INSERT INTO ', @t, ' (v) SELECT id FROM shop.orders WHERE amount > ?');
PREPARE s FROM @q;
SET @limit = 5;
EXECUTE s USING @limit;
DEALLOCATE PREPARE s;
--> shop.orders => shop.log
--> shop.log.v <- shop.orders.id
--> shop.log <- shop.orders.amount filter

-- # prepared statement in a procedure that nobody calls
CREATE PROCEDURE wipe(IN t VARCHAR(64))
BEGIN
  SET @q = CONCAT('TRUNCATE TABLE ', t);
  PREPARE s FROM @q;
  EXECUTE s;
  DEALLOCATE PREPARE s;
  INSERT INTO shop.log (v) SELECT id FROM shop.orders;
END;
--> shop.orders => [shop.log]
--> shop.log.v <- shop.orders.id
--> ! dynamic_sql

-- # prepared statement whose table the call gives
CREATE PROCEDURE copy_to(IN t VARCHAR(64))
BEGIN
  SET @q = CONCAT('INSERT INTO ', t, ' (id) SELECT id FROM shop.orders');
  PREPARE s FROM @q;
  EXECUTE s;
END;
CALL copy_to('shop.backup');
--> shop.orders => shop.backup
--> shop.backup.id <- shop.orders.id

-- # unknown value inside of a quoted literal
CREATE PROCEDURE day_of(IN d VARCHAR(10))
BEGIN
  SET @q = CONCAT("INSERT INTO shop.log (v) SELECT amount FROM shop.orders WHERE status = '", d, "'");
  PREPARE s FROM @q;
  EXECUTE s;
END;
--> shop.orders => shop.log
--> shop.log.v <- shop.orders.amount
--> shop.log <- shop.orders.status filter

-- ## windows

-- # named window built on another (no schema)
select row_number() over w as rn, sum(b) over (w rows 2 preceding) as s from t window w as (partition by c order by d);
--> t => ()
--> ().rn <- t.c window, t.d window
--> ().s <- t.b aggregation, t.c window, t.d window

-- ## subqueries

-- # lateral subquery (no schema)
select t.id, v.top from t, lateral (select max(u.b) as top from u where u.k = t.k) v where (t.a, t.b) = (select w.a, w.b from w limit 1);
--> t, u, w => ()
--> ().id <- t.id
--> ().top <- u.b aggregation
--> () <- u.k filter, t.k filter, t.a filter, t.b filter, w.a filter, w.b filter
-- schema w.src(id, grp, amount, state, at)
-- schema w.dst(id, grp, total)
-- ## insert

-- # insert by assignments
insert into w.dst set id = 7, total = (select sum(amount) from w.src where state = 'x');
--> w.src => w.dst
--> w.dst.total <- w.src.amount aggregation, w.src.state condition

-- # replace by position of the schema
replace into w.dst select id, grp, amount from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount

-- # upsert by a row alias
insert into w.dst (id, total) select id, amount from w.src as s on duplicate key update total = w.dst.total + values(total), grp = s.grp;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.total <- w.src.amount transformation, w.dst.total transformation
--> w.dst.grp <- w.src.grp

-- # values with a row alias and its columns
insert into w.dst (id, total) values (1, (select max(amount) from w.src)) as fresh(k, v) on duplicate key update total = v + w.dst.grp;
--> w.src => w.dst
--> w.dst.total <- w.src.amount aggregation, w.dst.grp transformation

-- # insert of a table
insert into w.dst table w.dst;
--> w.dst => w.dst
--> w.dst.id <- w.dst.id
--> w.dst.grp <- w.dst.grp
--> w.dst.total <- w.dst.total

-- # low priority
insert low_priority into w.dst (id) select id from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id

-- ## create

-- # defined columns are matched by name
create table w.made (id int, note text, total int) select amount as total, id from w.src;
--> w.src => w.made
--> w.made.total <- w.src.amount
--> w.made.id <- w.src.id

-- # alter view
alter algorithm = merge view w.v as select id from w.src where amount > 0;
--> w.src => w.v
--> w.v.id <- w.src.id
--> w.v <- w.src.amount filter

-- # create event
create event w.nightly on schedule every 1 day do insert into w.dst (id) select id from w.src;
--> w.src => w.dst
--> w.dst.id <- w.src.id

-- ## update

-- # update of two tables at once
update w.src s, w.dst d set d.total = s.amount, s.state = 'done' where s.id = d.id;
--> w.src => w.dst, w.src
--> w.dst.total <- w.src.amount
--> w.dst <- w.src.id filter, w.dst.id filter
--> w.src <- w.src.id filter, w.dst.id filter

-- # the second table of a join is updated
update w.src s join w.dst d using (id) set d.grp = s.grp;
--> w.src => w.dst
--> w.dst.grp <- w.src.grp
--> w.dst <- w.src.id join, w.dst.id join

-- # unqualified column of one table
update w.src s left join (select id, max(total) as most from w.dst group by id) d on d.id = s.id set amount = most;
--> w.dst => w.src
--> w.src.amount <- w.dst.total aggregation
--> w.src <- w.dst.id group_by, w.dst.id join, w.src.id join

-- # update in order
update low_priority ignore w.src set state = 'old' where grp = 3 order by at limit 10;
--> - => w.src
--> w.src <- w.src.grp filter, w.src.at sort

-- ## delete

-- # delete from two tables
delete s, d from w.src s join w.dst d on d.id = s.id where s.state = 'x';
--> - => w.src, w.dst
--> w.src <- w.dst.id join, w.src.id join, w.src.state filter
--> w.dst <- w.dst.id join, w.src.id join, w.src.state filter

-- # delete using
delete from d using w.dst as d inner join w.src as s on s.id = d.id where s.amount is null;
--> w.src => w.dst
--> w.dst <- w.src.id join, w.dst.id join, w.src.amount filter

-- # delete in order with a subquery
delete quick from w.dst where grp in (select grp from w.src where state = 'gone') order by total desc limit 5;
--> w.src => w.dst
--> w.dst <- w.dst.grp filter, w.src.grp filter, w.src.state filter, w.dst.total sort

-- ## files

-- # load data
load data local infile '/in/dst.csv' replace into table w.dst character set utf8mb4 fields terminated by ',' lines terminated by '\n' ignore 1 lines (id, @total) set total = @total * 100;
--> /in/dst.csv => w.dst

-- # select into a file
select id, amount into outfile '/out/src.csv' fields terminated by ',' from w.src where state = 'x';
--> w.src => /out/src.csv
--> /out/src.csv.id <- w.src.id
--> /out/src.csv.amount <- w.src.amount
--> /out/src.csv <- w.src.state filter

-- # select into a file at the end
select id from w.src into outfile '/out/ids.csv';
--> w.src => /out/ids.csv
--> /out/ids.csv.id <- w.src.id

-- # select into a variable
select amount into @most from w.src;
--> w.src => ()

-- ## scripts

-- # build and swap by renames
create table w.dst_new like w.dst;
insert into w.dst_new select id, grp, amount from w.src;
rename table w.dst to w.dst_old, w.dst_new to w.dst;
drop table w.dst_old;
--> w.src => w.dst
--> w.dst.id <- w.src.id
--> w.dst.grp <- w.src.grp
--> w.dst.total <- w.src.amount

-- # exchange of a partition moves rows both ways
alter table w.dst exchange partition p3 with table w.dst_p3;
--> w.dst_p3, w.dst => [w.dst], [w.dst_p3]
--> w.dst.* <- w.dst_p3.*
--> w.dst_p3.id <- w.dst.id
--> w.dst_p3.grp <- w.dst.grp
--> w.dst_p3.total <- w.dst.total

-- # temporary table between two writes
create temporary table w.t (index (id)) select id, sum(amount) as s from w.src group by id;
update w.dst d join w.t on w.t.id = d.id set d.total = w.t.s;
drop temporary table w.t;
--> w.src => w.dst
--> w.dst.total <- w.src.amount aggregation
--> w.dst <- w.src.id group_by, w.src.id join, w.dst.id join

-- # view with a check option
create or replace algorithm = merge sql security invoker view w.v (k, v) as select id, amount from w.src where amount > 0 with cascaded check option;
--> w.src => w.v
--> w.v.k <- w.src.id
--> w.v.v <- w.src.amount
--> w.v <- w.src.amount filter
-- ## procedures

-- # temporary table and two cursors in nested blocks
CREATE PROCEDURE shop.rebuild()
BEGIN
  DECLARE done TINYINT DEFAULT 0;
  CREATE TEMPORARY TABLE picked AS SELECT id, customer_id, amount FROM shop.orders WHERE status = 'open';
  first_block: BEGIN
    DECLARE v_c INT;
    DECLARE v_a DECIMAL(10,2);
    DECLARE c1 CURSOR FOR SELECT customer_id, SUM(amount) FROM picked GROUP BY customer_id;
    DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
    OPEN c1;
    REPEAT
      FETCH c1 INTO v_c, v_a;
      IF NOT done THEN
        INSERT INTO shop.totals (customer_id, total) VALUES (v_c, v_a) ON DUPLICATE KEY UPDATE total = VALUES(total);
      END IF;
    UNTIL done END REPEAT;
    CLOSE c1;
  END first_block;
  DROP TEMPORARY TABLE picked;
END;
--> shop.orders => shop.totals
--> shop.totals.customer_id <- shop.orders.customer_id, shop.orders.status condition, shop.orders.customer_id condition
--> shop.totals.total <- shop.orders.amount aggregation, shop.orders.status condition, shop.orders.customer_id condition

-- # rows returned to the client
CREATE PROCEDURE shop.show_top(IN n INT)
BEGIN
  SELECT id, amount FROM shop.orders ORDER BY amount DESC LIMIT n;
END;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().amount <- shop.orders.amount
--> () <- shop.orders.amount sort

-- # call of what nobody defines
CALL shop.elsewhere(1, @x);
--> - => ()
--> ! unknown_routine

-- ## select

-- # double quotes are strings
select id, "x" as letter from shop.orders where status = "paid";
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.status filter

-- # modifiers of select
select sql_no_cache straight_join distinct o.id from shop.orders o use index (ix), shop.customers c where c.id = o.customer_id lock in share mode;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> () <- shop.customers.id filter, shop.orders.customer_id filter

-- # select into user variables
select id, amount into @id, @amount from shop.orders where id = 1;
--> shop.orders => ()

-- # procedure analyse
select amount from shop.orders procedure analyse(10, 2000);
--> shop.orders => ()
--> ().amount <- shop.orders.amount

-- # operators of its own
select amount div 10 as tens, id mod 3 as rest, status <=> null as missing, status regexp '^p' as p from shop.orders;
--> shop.orders => ()
--> ().tens <- shop.orders.amount transformation
--> ().rest <- shop.orders.id transformation
--> ().missing <- shop.orders.status transformation
--> ().p <- shop.orders.status transformation

-- # alias in group by and having
select upper(status) as state, sum(amount) as total from shop.orders group by state having total > 5 order by state;
--> shop.orders => ()
--> ().state <- shop.orders.status transformation
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.amount filter, shop.orders.status group_by, shop.orders.status sort

-- # rollup and limit with a comma
select customer_id, sum(amount) as total from shop.orders group by customer_id with rollup limit 5, 10;
--> shop.orders => ()
--> ().customer_id <- shop.orders.customer_id
--> ().total <- shop.orders.amount aggregation
--> () <- shop.orders.customer_id group_by

-- # dual and a table constructor
select now() from dual;
--> - => ()

-- # full text
select id, match (status) against ('paid' in boolean mode) as score from shop.orders where match (status) against ('paid');
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().score <- shop.orders.status transformation
--> () <- shop.orders.status filter

-- # partitions named
select id from shop.orders partition (p2023, p2024) as o where o.amount > 1;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> () <- shop.orders.amount filter

-- # a running variable
select o.id, @n := @n + o.amount as running from shop.orders o, (select @n := 0) init order by o.id;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().running <- shop.orders.amount transformation
--> () <- shop.orders.id sort

-- ## joins

-- # comma join beside a join
select o.id, c.email, d.email as other from shop.orders o, shop.customers c left join shop.customers d on d.id = c.id where c.id = o.customer_id;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id
--> ().email <- shop.customers.email
--> ().other <- shop.customers.email
--> () <- shop.customers.id join, shop.customers.id filter, shop.orders.customer_id filter

-- ## set operations

-- # union in parentheses with an order
(select id from shop.orders) union all (select id from shop.customers) order by id limit 3;
--> shop.orders, shop.customers => ()
--> ().id <- shop.orders.id, shop.customers.id
--> () <- shop.orders.id sort, shop.customers.id sort

-- ## create

-- # create table as with engine, keys and partitions
create table if not exists shop.archive (id int primary key, amount decimal(10, 2), key k (amount)) engine = innodb default charset = utf8mb4
partition by hash (id) partitions 4 as select id, amount from shop.orders;
--> shop.orders => shop.archive
--> shop.archive.id <- shop.orders.id
--> shop.archive.amount <- shop.orders.amount

-- # create table ignore as
create table shop.uniq ignore as select id from shop.orders;
--> shop.orders => shop.uniq
--> shop.uniq.id <- shop.orders.id

-- # view with algorithm, definer and check option
create or replace algorithm = merge definer = `root`@`localhost` sql security invoker view shop.v (order_id) as select id from shop.orders where amount > 1 with cascaded check option;
--> shop.orders => shop.v
--> shop.v.order_id <- shop.orders.id
--> shop.v <- shop.orders.amount filter

-- ## names

-- # column qualified by database and table
select shop.orders.id, orders.amount from shop.orders;
--> shop.orders => ()
--> ().id <- shop.orders.id
--> ().amount <- shop.orders.amount

-- # two databases
select o.id, c.email from shop.orders o join `crm`.`customers` c on c.id = o.customer_id;
--> shop.orders, crm.customers => ()
--> ().id <- shop.orders.id
--> ().email <- crm.customers.email
--> () <- crm.customers.id join, shop.orders.customer_id join

-- # keywords as quoted names (no schema)
select `select`, `from`.`order` from `group` as `from`;
--> group => ()
--> ().select <- group.select
--> ().order <- group.order

-- ## other

-- # maintenance and locks
check table shop.orders; repair table shop.orders; checksum table shop.orders; lock tables shop.orders read; unlock tables; flush tables; handler shop.orders open; do sleep(1); xa start 'x'; change master to master_host = 'h'; start transaction with consistent snapshot; signal sqlstate '45000'; kill 5;
--> - => ()
-- ## other

-- # repaired: a broken assignment keeps the others (no schema)
update orders o join customers c on c.id = o.customer_id
set o.email = c.email, o.region = c.region r r
where c.active = 1;
--> customers => [orders]
--> orders.email <- customers.email
--> orders.region <- customers.region
--> orders <- customers.id join, orders.customer_id join, customers.active filter
--> ! repaired

-- ## delete

-- # tables named with a star (no schema)
delete t.*, v.* from t join v on v.id = t.id where t.x = 1;
--> - => t, v
--> t <- v.id join, t.id join, t.x filter
--> v <- v.id join, t.id join, t.x filter
