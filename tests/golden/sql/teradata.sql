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
